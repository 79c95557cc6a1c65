package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.deleteEqual;
import static io.pinion.store.tx.Fixtures.insert;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.point;
import static io.pinion.store.tx.Fixtures.row;
import static io.pinion.store.tx.Fixtures.rows;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.MigrationPlan;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.tx.Fixtures.TableBuilder;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MigrationBuildTest {
    private static final int TABLE = Datastore.FIRST_ID;
    private static final long DEADLINE_SECONDS = 120;
    private static final String LEVEL = "07";

    private static TableBuilder account() {
        return aTable("account").column("id", Primitive.U32).column("amount", Primitive.I64);
    }

    private static final ModuleDef BEFORE = module(account().unique(IndexAlgorithm.BTREE, 0));
    private static final ModuleDef AFTER = module(account()
            .column("level", Primitive.U8, LEVEL)
            .unique(IndexAlgorithm.BTREE, 0)
            .index(IndexAlgorithm.HASH, 1));

    private static BsatnWriter account(int id, long amount) {
        return row().writeInt(id).writeLong(amount);
    }

    private static Datastore accounts(int count) {
        Datastore store = Datastore.create(BEFORE);
        Transaction transaction = store.begin();
        for (int id = 0; id < count; id++) {
            insert(transaction, TABLE, account(id, 100));
        }
        transaction.commit();
        return store;
    }

    private static MigrationBuild begin(Datastore store, ModuleDef after) {
        MigrationPlan.Possible plan =
                assertInstanceOf(MigrationPlan.Possible.class, MigrationPlan.between(store.module(), after));
        return store.beginUpdate(plan, after);
    }

    private static void set(Datastore store, int id, long amount) {
        Transaction transaction = store.begin();
        assertEquals(StoreCode.OK, Fixtures.update(transaction, TABLE, TABLE, account(id, amount)));
        transaction.commit();
    }

    @Test
    void whatIsCommittedDuringAnUpdateIsInTheNewTable() {
        Datastore store = accounts(5);
        MigrationBuild build = begin(store, AFTER);
        set(store, 1, 1);
        build.build();
        set(store, 2, 2);
        Transaction changes = store.begin();
        deleteEqual(changes, TABLE, account(3, 100));
        insert(changes, TABLE, account(7, 7));
        changes.commit();
        assertEquals(6, build.pendingRows());
        build.catchUp(build.takeChanges());
        set(store, 1, 11);
        Transaction undone = store.begin();
        undone.clear(TABLE);
        undone.rollback();

        assertInstanceOf(MigrationResult.Updated.class, store.finishUpdate(build));

        Transaction after = store.begin();
        List<String> expected = new ArrayList<>();
        for (BsatnWriter row :
                List.of(account(0, 100), account(1, 11), account(2, 2), account(4, 100), account(7, 7))) {
            expected.add(Fixtures.hex(row) + LEVEL);
        }
        assertEquals(expected, rows(after, TABLE));
        assertEquals(
                List.of(Fixtures.hex(account(1, 11)) + LEVEL),
                point(after, store.indexId("account_idx_1"), row().writeLong(11)));
        assertEquals(new FrozenViewCounts(0, 0, ""), store.frozenViews());
    }

    @Test
    void aTransactionThatIsTakenBackIsTakenBackInTheNewTableToo() {
        Datastore store = accounts(3);
        MigrationBuild build = begin(store, AFTER);
        build.build();
        Transaction transaction = store.begin();
        Fixtures.update(transaction, TABLE, TABLE, account(1, 5));
        Delta delta = transaction.commit();
        Delta.TableDelta change = delta.tables().getFirst();
        store.apply(new Delta(List.of(
                new Delta.TableDelta(TABLE, /* inserts= */ change.deletes(), /* deletes= */ change.inserts()))));

        store.finishUpdate(build);

        assertEquals(
                List.of(Fixtures.hex(account(1, 100)) + LEVEL),
                point(store.begin(), store.indexId("account_idx_0"), row().writeInt(1)));
    }

    @Test
    void rowsThatComeTooLateToFitRefuseTheUpdateAndTheOldTablesGoOn() {
        Datastore store = accounts(2);
        set(store, 1, 7);
        MigrationBuild build = begin(
                store,
                module(
                        account()
                                .unique(IndexAlgorithm.BTREE, 0)
                                .unique(IndexAlgorithm.HASH, 1)
                                .sequence(1, 1000, 1000, 2000, 1),
                        aTable("new").column("x", Primitive.U8)));
        build.build();
        assertEquals(List.of(), build.reasons());
        set(store, 0, 1500);
        set(store, 1, 1500);

        MigrationResult.Refused refused = assertInstanceOf(MigrationResult.Refused.class, store.finishUpdate(build));

        assertEquals(
                List.of(
                        "sequence account_1_seq cannot be put on column amount of table account: rows hold values from"
                                + " 1000 to 2000",
                        "index account_idx_1 of table account cannot be unique: two rows have (amount) = [1500]"),
                refused.reasons());
        assertEquals(BEFORE, store.module());
        set(store, 0, 3);
        assertInstanceOf(MigrationResult.Updated.class, store.tryUpdate(AFTER));
    }

    @Test
    void aTableThatGetsRowsDuringTheUpdateIsNotRemoved() {
        Datastore store = Datastore.create(module(account(), aTable("x").column("x", Primitive.U8)));
        MigrationBuild build = begin(store, module(account()));
        assertFalse(build.hasWork());
        build.build();
        Transaction transaction = store.begin();
        insert(transaction, store.tableId("x"), row().writeByte(1));
        transaction.commit();

        assertEquals(
                new MigrationResult.Refused(List.of("table x cannot be removed: it has 1 rows")),
                store.finishUpdate(build));
    }

    @Test
    void anUpdateThatFallsTooFarBehindIsRefusedAndKeepsNothing() {
        Datastore store = Datastore.create(module(aTable("t").column("x", Primitive.STRING)));
        MigrationBuild build =
                begin(store, module(aTable("t").column("x", Primitive.STRING).index(IndexAlgorithm.HASH, 0)));
        byte[] text = new byte[32 << 20];
        for (int i = 0; i < 5; i++) {
            text[0] = (byte) i;
            Transaction transaction = store.begin();
            insert(transaction, TABLE, row().writeInt(text.length).writeRaw(text, 0, text.length));
            transaction.commit();
            Transaction deleting = store.begin();
            deleting.clear(TABLE);
            deleting.commit();
        }

        assertEquals(0, build.pendingRows());
        assertEquals(
                new MigrationResult.Refused(List.of("the tables change faster than they can be made anew")),
                store.finishUpdate(build));
        assertEquals(0, store.frozenViews().open());
        assertInstanceOf(
                MigrationResult.Updated.class,
                store.tryUpdate(module(aTable("u").column("x", Primitive.U8))));
    }

    @Test
    void anAbandonedUpdateStopsAndAnotherMayBegin() {
        Datastore store = accounts(3000);
        MigrationBuild build = begin(store, AFTER);
        assertThrows(IllegalStateException.class, () -> begin(store, AFTER));
        build.abandon();

        assertThrows(IllegalStateException.class, build::build);

        MigrationBuild next = begin(store, AFTER);
        next.build();
        set(store, 1, 1);
        assertEquals(2, next.pendingRows());
        next.abandon();
        Transaction many = store.begin();
        many.clear(TABLE);
        many.commit();
        assertEquals(2, next.pendingRows());
        assertEquals(0, store.frozenViews().open());
    }

    @Test
    void aBuildThatRunsWhenItIsAbandonedEndsByItselfAndSoDoesACatchUp() throws Exception {
        Datastore store = accounts(50_000);
        MigrationBuild build = begin(store, AFTER);
        MigrationBuild.Changes none = build.takeChanges();
        CompletableFuture<Void> building = CompletableFuture.runAsync(() -> {
            build.build();
            while (true) {
                build.catchUp(none);
                Thread.onSpinWait();
                if (build.isAbandoned()) {
                    throw new OperationStoppedException();
                }
            }
        });

        build.abandon();

        Exception ended = assertThrows(Exception.class, () -> building.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        assertTrue(
                ended.getCause() instanceof OperationStoppedException
                        || ended.getCause() instanceof IllegalStateException,
                ended::toString);
    }

    @Test
    void theNewTableIsSharedWithViewsAsTheOldOneWas() {
        Datastore store = accounts(2000);
        try (FrozenView old = store.freeze("old")) {
            MigrationBuild build = begin(store, AFTER);
            build.build();
            store.finishUpdate(build);
            try (FrozenView fresh = store.freeze("fresh")) {
                Transaction transaction = store.begin();
                transaction.clear(TABLE);
                transaction.commit();

                assertEquals(2000, rows(fresh.reader(), TABLE).size());
                assertEquals(
                        Fixtures.hex(account(0, 100)) + LEVEL,
                        rows(fresh.reader(), TABLE).getFirst());
            }
            assertEquals(2000, rows(old.reader(), TABLE).size());
            assertEquals(
                    Fixtures.hex(account(0, 100)), rows(old.reader(), TABLE).getFirst());
        }
    }

    @Test
    void whatAnUpdateCameToIsRepeatedWithoutAPlan() {
        Datastore store = accounts(100);
        Datastore replica = accounts(100);
        MigrationResult.Updated updated = assertInstanceOf(MigrationResult.Updated.class, store.tryUpdate(AFTER));

        replica.repeatUpdate(AFTER, ResolvedMigration.of(updated.migration().toBytes()), () -> false);

        assertEquals(
                updated.migration(), ResolvedMigration.of(updated.migration().toBytes()));
        assertEquals(store.tables(), replica.tables());
        assertEquals(rows(store.begin(), TABLE), rows(replica.begin(), TABLE));
    }

    @Test
    void aMigrationThatDoesNotFitIsRefusedAndARepetitionCanBeStopped() {
        Datastore store = accounts(3000);
        ResolvedMigration migration = assertInstanceOf(
                        MigrationResult.Updated.class, accounts(1).tryUpdate(AFTER))
                .migration();

        assertThrows(IllegalStateException.class, () -> store.repeatUpdate(BEFORE, migration, () -> false));
        assertThrows(
                IllegalStateException.class,
                () -> Datastore.create(module(aTable("other").column("x", Primitive.U8)))
                        .repeatUpdate(AFTER, missing(migration), () -> false));
        assertThrows(OperationStoppedException.class, () -> store.repeatUpdate(AFTER, migration, () -> true));
        assertThrows(BsatnException.class, () -> ResolvedMigration.of(Bytes.ofHex("0200000000")));
        store.repeatUpdate(AFTER, migration, () -> false);
        assertEquals(3000, rows(store.begin(), TABLE).size());
    }

    private static ResolvedMigration missing(ResolvedMigration migration) {
        ResolvedMigration.ResolvedTable table = migration.tables().getFirst();
        return new ResolvedMigration(
                TABLE + 8,
                migration.nextIndexId(),
                List.of(new ResolvedMigration.ResolvedTable(
                        TABLE + 7, table.name(), true, table.appended(), table.indexIds(), List.of())));
    }

    /** The writer moves money while the table is made anew on another thread; none is lost. */
    @Test
    void theWriterGoesOnWhileTwoHundredThousandRowsAreMadeAnew() throws Exception {
        assertNothingIsLost(200_000, AFTER);
    }

    @Test
    @Tag("slow")
    void theWriterGoesOnWhileTenMillionRowsAreMadeAnew() throws Exception {
        assertNothingIsLost(10_000_000, AFTER);
        assertNothingIsLost(
                10_000_000, module(account().unique(IndexAlgorithm.BTREE, 0).index(IndexAlgorithm.BTREE, 1)));
    }

    private static void assertNothingIsLost(int count, ModuleDef after) throws Exception {
        Datastore store = accounts(count);
        long[] amounts = new long[count];
        Arrays.fill(amounts, 100);
        SplittableRandom random = new SplittableRandom(7);
        long pauseNanosMax = 0;
        long transactions = 0;

        long began = System.nanoTime();
        MigrationBuild build = begin(store, after);
        long pauseNanos = System.nanoTime() - began;
        CompletableFuture<Void> step = CompletableFuture.runAsync(build::build);
        int rounds = 0;
        boolean isReady = false;
        while (!isReady) {
            if (step.isDone()) {
                step.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                rounds++;
                switch (build.next()) {
                    case FINISH -> isReady = true;
                    case CATCH_UP_HERE -> build.catchUpHere();
                    case CATCH_UP_ASIDE -> {
                        MigrationBuild.Changes changes = build.takeChanges();
                        step = CompletableFuture.runAsync(() -> build.catchUp(changes));
                    }
                }
            }
            long before = System.nanoTime();
            transfer(store, amounts, random);
            pauseNanosMax = Math.max(pauseNanosMax, System.nanoTime() - before);
            transactions++;
            assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS * 5), "too slow");
        }
        long finishing = System.nanoTime();
        MigrationResult result = store.finishUpdate(build);
        long finishNanos = System.nanoTime() - finishing;
        System.getLogger("MigrationBuildTest")
                .log(
                        System.Logger.Level.INFO,
                        "{0} rows: begin {1} us, longest transaction {2} us, finish {3} us, {4} transactions, {5} rounds,"
                                + " {6} ms",
                        count,
                        pauseNanos / 1000,
                        pauseNanosMax / 1000,
                        finishNanos / 1000,
                        transactions,
                        rounds,
                        (System.nanoTime() - began) / 1_000_000);

        assertInstanceOf(MigrationResult.Updated.class, result);
        assertTrue(transactions > 0);
        transferAfter(store, amounts);
    }

    private static void transfer(Datastore store, long[] amounts, SplittableRandom random) {
        int from = random.nextInt(amounts.length);
        int to = random.nextInt(amounts.length);
        if (from != to) {
            Transaction transaction = store.begin();
            Fixtures.update(transaction, TABLE, TABLE, account(from, --amounts[from]));
            Fixtures.update(transaction, TABLE, TABLE, account(to, ++amounts[to]));
            transaction.commit();
        }
    }

    private static void transferAfter(Datastore store, long[] amounts) {
        Transaction after = store.begin();
        long[] seen = new long[amounts.length];
        int[] count = new int[1];
        after.scanTable(TABLE, (bytes, offset, _) -> {
            BsatnReader in = new BsatnReader(bytes, offset, 12);
            seen[in.readInt()] = in.readLong();
            count[0]++;
        });
        assertEquals(amounts.length, count[0]);
        assertArrayEquals(amounts, seen);
        after.rollback();
    }
}
