package io.pinion.store.tx;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a database takes that has little in it: a node holds many such, so most of it must be shared. */
class IdleDatastoreTest {
    private static final int STORES = 10_000;
    private static final int ROWS = 10;
    private static final long BYTES_MAX = 6_000;

    private static Bytes bank() {
        return aModule()
                .table(
                        "accounts",
                        table -> table.column("id", Primitive.U64)
                                .column("owner", Primitive.STRING)
                                .column("balance", Primitive.I64)
                                .primaryKeyOnly(0)
                                .index("accounts_id", IndexAlgorithm.BTREE, 0)
                                .constraint(0)
                                .isPublic())
                .table(
                        "audit_timer",
                        table -> table.column("scheduled_id", Primitive.U64)
                                .column("scheduled_at", AlgebraicType.SCHEDULE_AT)
                                .primaryKeyOnly(0)
                                .index("audit_timer_id", IndexAlgorithm.BTREE, 0)
                                .constraint(0))
                .table(
                        "audits",
                        table -> table.column("id", Primitive.U64)
                                .column("at", AlgebraicType.TIMESTAMP)
                                .column("accounts", Primitive.U64)
                                .column("total", Primitive.I64)
                                .primaryKeyOnly(0)
                                .index("audits_id", IndexAlgorithm.BTREE, 0)
                                .constraint(0)
                                .isPublic())
                .view("richest", 0, true, new AlgebraicType.Array(new Ref(0)))
                .bytes();
    }

    private static Delta tenAccounts(ModuleDef module) {
        Datastore store = Datastore.create(module);
        Transaction transaction = store.begin();
        fill(transaction, store.tableId("accounts"));
        return transaction.commit();
    }

    private static void fill(Transaction transaction, int table) {
        for (int id = 1; id <= ROWS; id++) {
            BsatnWriter row =
                    new BsatnWriter().writeLong(id).writeString("account-" + id).writeLong(1000);
            assertEquals(StoreCode.OK, Fixtures.insert(transaction, table, row));
        }
    }

    @Test
    void aRecoveredDatabaseWithAFewRowsTakesAFewKilobytes() throws InvalidModuleDefException {
        Delta delta = tenAccounts(ModuleDef.of(bank()));
        List<Datastore> stores = new ArrayList<>(STORES);

        long before = usedBytes();
        for (int i = 0; i < STORES; i++) {
            // As after a start of the node: every database brings its own copy of the description.
            Datastore store = Datastore.create(ModuleDef.of(bank()));
            store.apply(delta);
            stores.add(store);
        }
        long bytes = (usedBytes() - before) / STORES;

        System.getLogger(IdleDatastoreTest.class.getName())
                .log(System.Logger.Level.INFO, "a recovered datastore with " + ROWS + " rows: " + bytes + " bytes");
        assertEquals(STORES * (long) ROWS, rowCount(stores));
        assertTrue(bytes < BYTES_MAX, bytes + " bytes per datastore");
    }

    @Test
    void whatItsTransactionsNeededDoesNotMakeItMuchLarger() throws InvalidModuleDefException {
        ModuleDef module = ModuleDef.of(bank());
        List<Datastore> stores = new ArrayList<>(STORES);

        long before = usedBytes();
        for (int i = 0; i < STORES; i++) {
            Datastore store = Datastore.create(module);
            Transaction transaction = store.begin();
            fill(transaction, store.tableId("accounts"));
            transaction.commit();
            stores.add(store);
        }
        long bytes = (usedBytes() - before) / STORES;

        System.getLogger(IdleDatastoreTest.class.getName())
                .log(System.Logger.Level.INFO, "a used datastore with " + ROWS + " rows: " + bytes + " bytes");
        assertEquals(STORES * (long) ROWS, rowCount(stores));
        assertTrue(bytes < BYTES_MAX, bytes + " bytes per datastore");
    }

    private static long rowCount(List<Datastore> stores) {
        return stores.stream()
                .mapToLong(store -> store.rowCount(store.tableId("accounts")))
                .sum();
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
