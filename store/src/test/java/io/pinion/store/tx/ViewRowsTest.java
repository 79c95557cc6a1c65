package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.RawModuleBuilder;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ViewRowsTest {
    private static final int PLAYERS = Datastore.FIRST_ID;
    private static final ModuleDef MODULE = module(false);

    private final Datastore store = Datastore.create(MODULE);
    /** Keyed by {@code level}, which is its second column. */
    private final int keyed = store.tableId("best");

    private final int plain = store.tableId("everyone");

    private static ModuleDef module(boolean isLarger) {
        RawModuleBuilder module = RawModuleBuilder.aModule()
                .type(
                        "Row",
                        AlgebraicType.product(
                                AlgebraicType.element("name", Primitive.STRING),
                                AlgebraicType.element("level", Primitive.U8)))
                .table("player", table -> table.column("id", Primitive.U8))
                .view("everyone", 0, true, new Array(new Ref(0)))
                .view("best", 0, false, new Array(new Ref(0)))
                .viewPrimaryKey("best", "level");
        try {
            return (isLarger ? module.table("added", table -> table.column("id", Primitive.U8)) : module).build();
        } catch (InvalidModuleDefException e) {
            throw new AssertionError(e);
        }
    }

    private static Bytes instance(int number) {
        return ViewRows.argHash(Identity.derive("localhost", "user" + number).toBsatn());
    }

    private static RowList rows(String... names) {
        RowList rows = new RowList();
        for (String name : names) {
            BsatnWriter row = view(name, name.charAt(0));
            rows.row(row.buffer(), 0, row.length());
        }
        return rows;
    }

    private static BsatnWriter view(String name, int level) {
        return row().writeString(name).writeByte(level);
    }

    private static String stored(int instance, String name) {
        return instance(instance).toHex() + view(name, name.charAt(0)).toBytes().toHex();
    }

    @Test
    void anInstanceIsNamedByTheHashOfItsArguments() {
        byte[] prefix = "spacetimedb::view::args::v1".getBytes(StandardCharsets.UTF_8);
        Bytes caller = Identity.derive("localhost", "ann").toBsatn();
        BsatnWriter hashed = row().writeRaw(prefix, 0, prefix.length).writeByte(0);
        Bytes anonymous = Hashes.blake3(hashed.toBytes());

        assertEquals(27, prefix.length);
        assertEquals(anonymous, ViewRows.argHash(Bytes.EMPTY));
        assertEquals(Hashes.blake3(hashed.writeRaw(caller).toBytes()), ViewRows.argHash(caller));
    }

    @Test
    void whatDiffersBecomesTheDeltaAndNothingIsForTheJournal() {
        Transaction first = store.begin();
        assertEquals(StoreCode.OK, store.views().replace(plain, instance(1), rows("a", "b", "b")));
        Delta filled = first.commit();
        Transaction second = store.begin();
        assertEquals(StoreCode.OK, store.views().replace(plain, instance(1), rows("b", "c")));
        Delta changed = second.commit();

        assertTrue(filled.isEmpty());
        assertTrue(changed.isEmpty());
        assertEquals(List.of(), changed.tables());
        Delta.TableDelta view = changed.views().getFirst();
        assertEquals(plain, view.tableId());
        assertEquals(List.of(stored(1, "c")), Fixtures.hex(view.inserts()));
        assertEquals(List.of(stored(1, "a")), Fixtures.hex(view.deletes()));
        try (FrozenView frozen = store.freeze("test")) {
            assertEquals(
                    List.of("player"),
                    frozen.tables().stream().map(TableInfo::name).toList());
            assertEquals(2, frozen.reader().rowCount(plain));
        }
    }

    @Test
    void rowsOfTheModuleInTheSameTransactionAreForTheJournalAlone() {
        Transaction transaction = store.begin();
        assertEquals(StoreCode.OK, Fixtures.insert(transaction, PLAYERS, row().writeByte(1)));
        store.views().replace(plain, instance(1), rows("a"));
        Delta delta = transaction.commit();
        Datastore replica = Datastore.create(MODULE);
        replica.apply(delta);

        assertEquals(
                List.of(PLAYERS),
                delta.tables().stream().map(Delta.TableDelta::tableId).toList());
        Transaction reading = replica.begin();
        assertEquals(1, reading.rowCount(PLAYERS));
        assertEquals(0, reading.rowCount(plain));
    }

    @Test
    void aCommitIsTakenBackWithItsRowsOfViews() {
        Transaction before = store.begin();
        Fixtures.insert(before, PLAYERS, row().writeByte(1));
        store.views().replace(plain, instance(1), rows("a", "b"));
        before.commit();
        Transaction newest = store.begin();
        Fixtures.insert(newest, PLAYERS, row().writeByte(2));
        store.views().replace(plain, instance(1), rows("b", "c"));
        Delta delta = newest.commit();

        store.takeBack(delta);

        Transaction reading = store.begin();
        assertEquals(1, reading.rowCount(PLAYERS));
        Set<String> found = new TreeSet<>();
        reading.scanTable(
                plain,
                (bytes, offset, length) ->
                        found.add(Bytes.copyOf(bytes, offset, length).toHex()));
        assertEquals(new TreeSet<>(Set.of(stored(1, "a"), stored(1, "b"))), found);
    }

    @Test
    void whatIsNoResultOfTheViewIsRefusedWhole() {
        Transaction transaction = store.begin();
        store.views().replace(keyed, instance(1), rows("a"));
        RowList sameKey = new RowList();
        for (String name : List.of("x", "y")) {
            BsatnWriter row = view(name, 5);
            sameKey.row(row.buffer(), 0, row.length());
        }
        RowList noRow = new RowList();
        noRow.row(new byte[] {9}, 0, 1);

        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, store.views().replace(keyed, instance(1), sameKey));
        assertEquals(StoreCode.BSATN_DECODE_ERROR, store.views().replace(keyed, instance(1), noRow));
        assertEquals(StoreCode.NO_SUCH_TABLE, store.views().replace(PLAYERS, instance(1), rows("a")));
        assertEquals(-StoreCode.NO_SUCH_TABLE, store.views().drop(7, instance(1)));
        assertEquals(List.of(stored(1, "a")), Fixtures.rows(transaction, keyed));
        transaction.commit();
        assertThrows(IllegalStateException.class, () -> store.views().drop(keyed, instance(1)));
    }

    @Test
    void anUpdateForgetsTheRowsAndKeepsTheIds() {
        Transaction transaction = store.begin();
        store.views().replace(plain, instance(1), rows("a"));
        transaction.commit();

        store.tryUpdate(module(true));

        assertEquals(plain, store.tableId("everyone"));
        assertEquals(plain + 1, store.tableId("added"));
        Transaction reading = store.begin();
        assertEquals(0, reading.rowCount(plain));
        assertEquals(StoreCode.OK, store.views().replace(plain, instance(1), rows("a")));
    }

    @Property(tries = 200)
    void instancesAgreeWithSetsOfRows(@ForAll @Size(max = 60) List<Long> steps) {
        Set<String> now = new TreeSet<>();
        Set<String> committed = Set.of();
        Datastore empty = Datastore.create(MODULE);
        Transaction transaction = empty.begin();
        for (long step : steps) {
            RandomGenerator random = new SplittableRandom(step);
            int instance = random.nextInt(3);
            String prefix = instance(instance).toHex();
            switch (random.nextInt(6)) {
                case 0 -> {
                    transaction.rollback();
                    now = new TreeSet<>(committed);
                    transaction = empty.begin();
                }
                case 1 -> {
                    checkDelta(transaction.commit(), committed, now);
                    committed = new TreeSet<>(now);
                    transaction = empty.begin();
                }
                case 2 -> {
                    long before =
                            now.stream().filter(row -> row.startsWith(prefix)).count();
                    assertEquals(before, empty.views().drop(keyed, instance(instance)));
                    now.removeIf(row -> row.startsWith(prefix));
                }
                default -> {
                    String[] names = random.ints(random.nextInt(5), 'a', 'h')
                            .mapToObj(letter -> String.valueOf((char) letter))
                            .toArray(String[]::new);
                    assertEquals(StoreCode.OK, empty.views().replace(keyed, instance(instance), rows(names)));
                    now.removeIf(row -> row.startsWith(prefix));
                    for (String name : names) {
                        now.add(stored(instance, name));
                    }
                }
            }
            assertEquals(List.copyOf(now), Fixtures.rows(transaction, keyed));
        }
        checkDelta(transaction.commit(), committed, now);
    }

    private static void checkDelta(Delta delta, Set<String> before, Set<String> after) {
        Set<String> inserts = new TreeSet<>(after);
        inserts.removeAll(before);
        Set<String> deletes = new TreeSet<>(before);
        deletes.removeAll(after);
        assertTrue(delta.isEmpty());
        assertEquals(inserts.isEmpty() && deletes.isEmpty(), delta.views().isEmpty());
        if (!delta.views().isEmpty()) {
            assertEquals(
                    List.copyOf(inserts), Fixtures.hex(delta.views().getFirst().inserts()));
            assertEquals(
                    List.copyOf(deletes), Fixtures.hex(delta.views().getFirst().deletes()));
        }
    }
}
