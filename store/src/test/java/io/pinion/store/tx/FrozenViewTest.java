package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.collecting;
import static io.pinion.store.tx.Fixtures.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.lang.ref.WeakReference;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A frozen view shows one state, whatever the writer does meanwhile, and costs nothing once it is closed. */
@Timeout(120)
class FrozenViewTest {
    private static final int TABLE = Datastore.FIRST_ID;
    private static final int BY_TREE = TABLE;
    private static final int BY_HASH = TABLE + 1;
    private static final int BY_NUMBER = TABLE + 2;
    private static final int BY_AMOUNT = TABLE + 3;
    private static final int ACCOUNTS = 6000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Datastore store = Datastore.create(accounts());

    /** Rows of a fixed size of 20 bytes: three unique keys and an amount. */
    private static ModuleDef accounts() {
        return Fixtures.module(Fixtures.aTable("account")
                .column("tree", Primitive.U32)
                .column("hash", Primitive.U32)
                .column("number", Primitive.U32)
                .column("amount", Primitive.I64)
                .unique(IndexAlgorithm.BTREE, 0)
                .unique(IndexAlgorithm.HASH, 1)
                .unique(IndexAlgorithm.DIRECT, 2)
                .index(IndexAlgorithm.BTREE, 3));
    }

    private static BsatnWriter account(int id, long amount) {
        return row().writeInt(id).writeInt(id).writeInt(id).writeLong(amount);
    }

    private void fill(int count) {
        Transaction transaction = store.begin();
        for (int id = 0; id < count; id++) {
            assertEquals(StoreCode.OK, Fixtures.insert(transaction, TABLE, account(id, 100)));
        }
        transaction.commit();
    }

    private void set(int id, long amount) {
        Transaction transaction = store.begin();
        assertEquals(StoreCode.OK, Fixtures.update(transaction, TABLE, BY_TREE, account(id, amount)));
        transaction.commit();
    }

    @SuppressWarnings("ReferenceEquality") // an array and its copy are equal
    private static void assertSameArray(byte[] expected, byte[] actual) {
        assertTrue(expected == actual, "copied, or moved");
    }

    @SuppressWarnings("ReferenceEquality") // an array and its copy are equal
    private static void assertOtherArray(byte @Nullable [] expected, byte[] actual) {
        assertTrue(expected != actual, "neither copied nor moved");
    }

    private void insert(int id) {
        Transaction transaction = store.begin();
        assertEquals(StoreCode.OK, Fixtures.insert(transaction, TABLE, account(id, 100)));
        transaction.commit();
    }

    private void delete(int id) {
        Transaction transaction = store.begin();
        BsatnWriter key = row().writeInt(id);
        assertEquals(1, transaction.deletePoint(BY_HASH, key.buffer(), 0, key.length()));
        transaction.commit();
    }

    private static List<String> rows(Datastore store) {
        Transaction transaction = store.begin();
        List<String> rows = rows(transaction);
        transaction.rollback();
        return rows;
    }

    private static List<String> rows(RowSource source) {
        return Fixtures.rows(source, TABLE);
    }

    private static List<String> point(RowSource source, int index, int key) {
        return Fixtures.point(source, index, row().writeInt(key));
    }

    @Test
    void freezingIsRefusedWhileATransactionIsOpen() {
        Transaction transaction = store.begin();

        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> store.freeze("test"));
        transaction.rollback();

        assertEquals("cannot freeze while a transaction is open", refused.getMessage());
        store.freeze("test").close();
    }

    @Test
    void aViewKeepsRowsCountsAndEveryKindOfIndexAsTheyWere() {
        fill(50);
        List<String> before = rows(store);
        try (FrozenView view = store.freeze("test")) {
            set(7, 1);
            delete(8);
            Transaction more = store.begin();
            Fixtures.insert(more, TABLE, account(99, 5));
            more.commit();

            RowSource reader = view.reader();

            assertEquals(before, rows(reader));
            assertEquals(50, reader.rowCount(TABLE));
            for (int index : List.of(BY_TREE, BY_HASH, BY_NUMBER)) {
                assertEquals(List.of(Fixtures.hex(account(7, 100))), point(reader, index, 7));
                assertEquals(List.of(Fixtures.hex(account(8, 100))), point(reader, index, 8));
                assertEquals(List.of(), point(reader, index, 99));
            }
            IndexRange all = Fixtures.rangeOf(row(), 0, Fixtures.unbounded(), Fixtures.unbounded());
            for (int index : List.of(BY_TREE, BY_NUMBER, BY_AMOUNT)) {
                assertEquals(
                        before,
                        Fixtures.range(reader, index, all).stream().sorted().toList());
            }
            assertEquals(StoreCode.WRONG_INDEX_ALGO, reader.scanRange(BY_HASH, all, (_, _, _) -> {}));
        }
    }

    @Test
    void whatDoesNotExistIsAnsweredAsInATransaction() {
        try (FrozenView view = store.freeze("test")) {
            RowSource reader = view.reader();

            assertEquals(TABLE, reader.tableId("account"));
            assertEquals(-StoreCode.NO_SUCH_TABLE, reader.tableId("nobody"));
            assertEquals(-StoreCode.NO_SUCH_INDEX, reader.indexId("nobody"));
            assertEquals(-StoreCode.NO_SUCH_TABLE, reader.rowCount(TABLE + 1));
            assertEquals(-StoreCode.NO_SUCH_TABLE, reader.rowCount(0));
            assertEquals(-StoreCode.NO_SUCH_TABLE, reader.rowCount(Integer.MIN_VALUE));
            assertEquals(StoreCode.NO_SUCH_TABLE, reader.scanTable(21, (_, _, _) -> {}));
            assertEquals(StoreCode.NO_SUCH_INDEX, reader.scanPoint(99_999, new byte[4], 0, 4, (_, _, _) -> {}));
            assertEquals(StoreCode.BSATN_DECODE_ERROR, reader.scanPoint(BY_TREE, new byte[4], 0, 3, (_, _, _) -> {}));
        }
    }

    @Test
    void viewsAtTheSameTimeEachKeepTheirOwnState() {
        List<FrozenView> views = new ArrayList<>();
        List<List<String>> states = new ArrayList<>();
        Random random = new Random(5);
        fill(2000);
        for (int i = 0; i < 12; i++) {
            views.add(store.freeze("view " + i));
            states.add(rows(views.getLast().reader()));
            for (int change = 0; change < 40; change++) {
                set(random.nextInt(2000), random.nextInt());
            }
            if (i % 3 == 2) {
                int closed = random.nextInt(views.size());
                views.remove(closed).close();
                states.remove(closed);
            }
            for (int view = 0; view < views.size(); view++) {
                assertEquals(states.get(view), rows(views.get(view).reader()), "view " + view);
            }
        }
        assertEquals(8, store.frozenViews().open());
        views.forEach(FrozenView::close);
        assertEquals(0, store.frozenViews().open());
    }

    @Test
    void aReaderOnAnotherThreadSeesOneStateWhileTransfersGoOn() throws Exception {
        fill(ACCOUNTS);
        AtomicBoolean goesOn = new AtomicBoolean(true);
        Random random = new Random(3);
        for (int round = 0; round < 20; round++) {
            FrozenView view = store.freeze("sums");
            CompletableFuture<Long> sums = CompletableFuture.supplyAsync(() -> {
                long scans = 0;
                do {
                    checkSums(view);
                    scans++;
                } while (goesOn.get());
                view.close();
                return scans;
            });
            for (int i = 0; i < 3000; i++) {
                transfer(random.nextInt(ACCOUNTS), random.nextInt(ACCOUNTS), random.nextInt(50));
            }
            goesOn.set(false);
            assertTrue(sums.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) > 0);
            goesOn.set(true);
        }
        assertEquals(0, store.frozenViews().open());
        assertEquals(0, store.frozenViews().forgotten());
    }

    private static void checkSums(FrozenView view) {
        RowSource reader = view.reader();
        long[] scanned = new long[1];
        reader.scanTable(TABLE, (bytes, offset, length) -> scanned[0] += amount(bytes, offset, length));
        long[] found = new long[1];
        for (int id = 0; id < ACCOUNTS; id++) {
            BsatnWriter key = row().writeInt(id);
            int index = BY_TREE + id % 3;
            reader.scanPoint(
                    index,
                    key.buffer(),
                    0,
                    key.length(),
                    (bytes, offset, length) -> found[0] += amount(bytes, offset, length));
        }
        assertEquals(100L * ACCOUNTS, scanned[0]);
        assertEquals(100L * ACCOUNTS, found[0]);
        assertEquals(ACCOUNTS, reader.rowCount(TABLE));
    }

    private static long amount(byte[] bytes, int offset, int length) {
        return new BsatnReader(bytes, offset + 12, length - 12).readLong();
    }

    private void transfer(int from, int to, long amount) {
        if (from != to) {
            Transaction transaction = store.begin();
            Fixtures.update(transaction, TABLE, BY_HASH, account(from, amountOf(transaction, from) - amount));
            Fixtures.update(transaction, TABLE, BY_NUMBER, account(to, amountOf(transaction, to) + amount));
            transaction.commit();
        }
    }

    private static long amountOf(RowSource source, int id) {
        long[] amount = new long[1];
        BsatnWriter key = row().writeInt(id);
        source.scanPoint(
                BY_TREE,
                key.buffer(),
                0,
                key.length(),
                (bytes, offset, length) -> amount[0] = amount(bytes, offset, length));
        return amount[0];
    }

    @Test
    void aScanThatRunsWhileItsViewIsClosedEndsProperly() {
        fill(3000);
        FrozenView view = store.freeze("test");
        List<String> before = rows(view.reader());
        List<String> scanned = new ArrayList<>();
        RowSource reader = view.reader();

        reader.scanTable(TABLE, (bytes, offset, length) -> {
            if (scanned.isEmpty()) {
                view.close();
                for (int id = 0; id < 3000; id++) {
                    set(id, -id);
                }
                assertEquals(1, store.frozenViews().open());
            }
            collecting(scanned).row(bytes, offset, length);
        });

        scanned.sort(null);
        assertEquals(before, scanned);
        assertEquals(0, store.frozenViews().open());
    }

    @Test
    void aClosedViewSaysSo() {
        FrozenView view = store.freeze("the test");
        RowSource reader = view.reader();
        view.close();
        view.close();

        IllegalStateException late = assertThrows(IllegalStateException.class, () -> reader.rowCount(TABLE));

        assertEquals("the frozen view of the test has been closed", late.getMessage());
        assertThrows(IllegalStateException.class, view::reader);
        assertThrows(IllegalStateException.class, view::tables);
        assertThrows(IllegalStateException.class, () -> reader.scanTable(TABLE, (_, _, _) -> {}));
        assertThrows(IllegalStateException.class, () -> reader.scanPoint(BY_TREE, new byte[4], 0, 4, (_, _, _) -> {}));
    }

    @Test
    void aLongScanOfAViewCanBeStopped() {
        fill(5000);
        try (FrozenView view = store.freeze("test")) {
            int[] polls = {0};
            int[] seen = {0};
            RowSource reader = view.reader(() -> ++polls[0] == 2);

            assertThrows(OperationStoppedException.class, () -> reader.scanTable(TABLE, (_, _, _) -> seen[0]++));

            assertEquals(2047, seen[0]);
        }
        assertEquals(0, store.frozenViews().open());
    }

    @Test
    void aForgottenViewIsNoticedAndItsCopyingEnds() {
        fill(3000);
        forget();

        collectUntil(() -> store.frozenViews().forgotten() == 1);

        assertEquals(0, store.frozenViews().open());
        assertEquals("somebody careless", store.frozenViews().lastForgotten());
        assertSameArray(arrayOf(store, 5), arrayAfterChange(5));
    }

    private void forget() {
        FrozenView view = store.freeze("somebody careless");
        assertEquals(3000, view.reader().rowCount(TABLE));
    }

    private static void collectUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within " + PATIENCE);
            System.gc();
            Thread.onSpinWait();
        }
    }

    @Test
    void aClosedViewGivesItsMemoryBackThoughTheHandleIsKept() {
        fill(3000);
        // The space that this leaves is where the next row goes.
        delete(4);
        FrozenView view = store.freeze("test");
        WeakReference<byte[]> page = new WeakReference<>(arrayOf(view.reader(), 5));
        insert(4);
        assertOtherArray(page.get(), arrayOf(store, 5));
        // The keys that indexes looked at last lie elsewhere from now on.
        delete(2999);
        insert(2999);
        System.gc();
        assertTrue(page.get() != null, "the view needs its page");

        view.close();

        collectUntil(() -> page.get() == null);
        assertThrows(IllegalStateException.class, view::reader);
    }

    @Test
    void onlyPagesThatChangeAreCopiedAndEachOnce() {
        fill(3000);
        byte[] first = arrayOf(store, 5);
        byte[] last = arrayOf(store, 2999);
        assertOtherArray(first, last);
        // The space that this leaves is where the next row goes.
        delete(4);
        try (FrozenView view = store.freeze("test")) {
            assertSameArray(first, arrayOf(store, 5));
            insert(9999);
            byte[] copied = arrayOf(store, 5);
            assertOtherArray(first, copied);
            assertSameArray(copied, arrayOf(store, 9999));
            delete(9999);
            insert(9999);
            assertSameArray(copied, arrayOf(store, 9999));

            assertSameArray(first, arrayOf(view.reader(), 5));
            assertSameArray(last, arrayOf(view.reader(), 2999));
            assertSameArray(last, arrayOf(store, 2999));
        }
    }

    @Test
    void nothingIsCopiedWhileNoViewIsOpen() {
        fill(3000);
        store.freeze("test").close();
        byte[] first = arrayOf(store, 5);

        assertSameArray(first, arrayAfterChange(5));
    }

    private byte[] arrayAfterChange(int id) {
        set(id, 77);
        set(id, 78);
        return arrayOf(store, id);
    }

    private static byte[] arrayOf(Datastore store, int id) {
        Transaction transaction = store.begin();
        byte[] array = arrayOf(transaction, id);
        transaction.rollback();
        return array;
    }

    /** The array that the row of a key lies in. */
    private static byte[] arrayOf(RowSource source, int key) {
        byte[][] array = new byte[1][];
        BsatnWriter point = row().writeInt(key);
        source.scanPoint(BY_TREE, point.buffer(), 0, point.length(), (bytes, _, _) -> array[0] = bytes);
        return array[0];
    }

    @Test
    void rowsOutOfLineAreNeverCopied() {
        Datastore documents = Datastore.create(Fixtures.module(Fixtures.aTable("document")
                .column("id", Primitive.U32)
                .column("text", Primitive.STRING)
                .unique(IndexAlgorithm.BTREE, 0)));
        Transaction filling = documents.begin();
        for (int id = 0; id < 40; id++) {
            Fixtures.insert(filling, TABLE, row().writeInt(id).writeString("x".repeat(5000 + id)));
        }
        filling.commit();
        byte[] kept = arrayOf(documents, 7);
        try (FrozenView view = documents.freeze("test")) {
            for (int id = 10; id < 20; id++) {
                Transaction change = documents.begin();
                Fixtures.update(change, TABLE, BY_TREE, row().writeInt(id).writeString("y".repeat(9000)));
                change.commit();
            }

            assertSameArray(kept, arrayOf(documents, 7));
            assertSameArray(kept, arrayOf(view.reader(), 7));
            assertEquals(5000 + 15 + 8, arrayOf(view.reader(), 15).length);
            assertEquals(9000 + 8, arrayOf(documents, 15).length);
        }
    }

    @Test
    void aRollbackAfterAFreezeLeavesViewAndStoreAlike() {
        fill(3000);
        try (FrozenView view = store.freeze("test")) {
            Transaction undone = store.begin();
            undone.clear(TABLE);
            for (int id = 5000; id < 9000; id++) {
                Fixtures.insert(undone, TABLE, account(id, 1));
            }
            undone.rollback();

            assertEquals(rows(view.reader()), rows(store));
        }
    }

    @Test
    void aViewKeepsTheSchemaItWasMadeUnder() {
        fill(20);
        try (FrozenView view = store.freeze("test")) {
            ModuleDef other = Fixtures.module(
                    Fixtures.aTable("account")
                            .column("tree", Primitive.U32)
                            .column("hash", Primitive.U32)
                            .column("number", Primitive.U32)
                            .column("amount", Primitive.I64)
                            .unique(IndexAlgorithm.BTREE, 0),
                    Fixtures.aTable("new").column("id", Primitive.U8));
            assertTrue(store.tryUpdate(other) instanceof MigrationResult.Updated);
            set(3, 4);

            assertEquals(1, view.tables().size());
            assertEquals(4, view.table("account").orElseThrow().indexes().size());
            assertEquals(List.of(Fixtures.hex(account(3, 100))), point(view.reader(), BY_HASH, 3));
            assertNotEquals(view.module(), store.module());
        }
    }

    @Test
    void aViewTellsWhereSequencesStood() {
        Datastore counting = Datastore.create(
                Fixtures.module(Fixtures.aTable("t").column("id", Primitive.U64).sequence(0)));
        Transaction first = counting.begin();
        Fixtures.insert(first, TABLE, row().writeLong(0));
        first.commit();
        try (FrozenView view = counting.freeze("test")) {
            Transaction second = counting.begin();
            Fixtures.insert(second, TABLE, row().writeLong(0));
            second.commit();

            assertEquals(List.of(new SequencePosition(TABLE, 0, BigInteger.TWO)), view.sequences());
        }
    }

    @Test
    void aSinkThatUsesItsReaderIsToldSo() {
        fill(3);
        try (FrozenView view = store.freeze("test")) {
            RowSource reader = view.reader();

            IllegalStateException told = assertThrows(
                    IllegalStateException.class,
                    () -> reader.scanTable(TABLE, (_, _, _) -> assertEquals(3, reader.rowCount(TABLE))));

            assertEquals("a row sink used the rows that it was called from", told.getMessage());
        }
    }
}
