package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However a transaction ends before its commit, the store is what it was. The seed names the case. */
class UndoTest {
    private static final long FIRST_SEED = Long.getLong("pinion.seed", 1);
    private static final int TABLE = Datastore.FIRST_ID;

    static LongStream seeds() {
        return LongStream.range(FIRST_SEED, FIRST_SEED + 60);
    }

    static LongStream fewSeeds() {
        return LongStream.range(FIRST_SEED, FIRST_SEED + 12);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aTransactionThatStopsAfterAnyOperationLeavesNoTrace(long seed) {
        RandomGenerator random = new Random(seed);
        Subject subject = new Subject(random);
        subject.fill(60);
        int operations = 25;
        long script = random.nextLong();
        for (int stopAfter = 0; stopAfter <= operations; stopAfter++) {
            List<String> before = subject.everything();
            Transaction transaction = subject.store.begin();
            RandomGenerator scripted = new Random(script);
            for (int i = 0; i < stopAfter; i++) {
                subject.operate(transaction, scripted);
            }
            transaction.rollback();

            assertEquals(before, subject.everything(), "stopped after " + stopAfter + " operations");
        }
        subject.mustStillWork(random);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewSeeds")
    void aTransactionThatRunsOutOfStackAnywhereLeavesNoTrace(long seed) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(null, () -> overflow(seed), "small-stack", 512 * 1024);
        thread.setUncaughtExceptionHandler((_, error) -> failure.set(error));
        thread.start();
        thread.join();
        assertNull(failure.get(), () -> "seed " + seed + ": " + failure.get());
    }

    private static void overflow(long seed) {
        RandomGenerator random = new Random(seed);
        Subject subject = new Subject(random);
        subject.fill(200);
        int overflows = 0;
        int interruptions = 0;
        for (int round = 0; round < 100; round++) {
            List<String> before = subject.everything();
            Transaction transaction = subject.store.begin();
            for (int i = 0; i < 10; i++) {
                subject.operate(transaction, random);
            }
            try {
                sink(new Depth(random.nextInt(200)), () -> subject.operate(transaction, random));
            } catch (StackOverflowError e) {
                overflows++;
                interruptions += goOn(subject, transaction, random) ? 0 : 1;
            }
            transaction.rollback();

            assertEquals(before, subject.everything(), "round " + round);
        }
        System.out.println("seed " + seed + ": the stack ended " + overflows + " times, in the middle of a change "
                + interruptions + " times");
        assertTrue(overflows > 5, "the stack was meant to end, and did so " + overflows + " times");
        subject.mustStillWork(random);
    }

    /** As a guest would that caught the error; false if the transaction does not have it. */
    private static boolean goOn(Subject subject, Transaction transaction, RandomGenerator random) {
        try {
            for (int i = 0; i < 30; i++) {
                subject.operate(transaction, random);
            }
            return true;
        } catch (IllegalStateException e) {
            assertTrue(e.toString().endsWith("can only be rolled back"), e::toString);
            assertThrows(IllegalStateException.class, transaction::commit);
            return false;
        }
    }

    private static final class Depth {
        private int framesToGoBack;
        private boolean isDone;

        Depth(int framesToGoBack) {
            this.framesToGoBack = framesToGoBack;
        }
    }

    /** Goes down until the stack ends, back by some frames, and does the action there, once. */
    @SuppressWarnings("InfiniteRecursion") // the end of the stack is what is wanted
    private static void sink(Depth depth, Runnable action) {
        boolean isHere = false;
        try {
            sink(depth, action);
        } catch (StackOverflowError e) {
            isHere = !depth.isDone && depth.framesToGoBack-- <= 0;
            if (!isHere) {
                throw e;
            }
        }
        if (isHere) {
            depth.isDone = true;
            action.run();
        }
    }

    @Test
    void anOperationAskedToStopCanBeRolledBack() {
        Datastore store = Datastore.create(
                Fixtures.module(Fixtures.aTable("t").column("id", Primitive.U32).unique(IndexAlgorithm.BTREE, 0)));
        Transaction filling = store.begin();
        for (int i = 0; i < 5000; i++) {
            Fixtures.insert(filling, TABLE, new BsatnWriter().writeInt(i));
        }
        filling.commit();
        int[] polls = {0};
        Transaction stopped = store.begin(0, () -> ++polls[0] == 3);

        OperationStoppedException thrown = assertThrows(OperationStoppedException.class, () -> stopped.clear(TABLE));
        stopped.rollback();

        assertEquals("the operation was asked to stop", thrown.getMessage());
        assertEquals(3, polls[0]);
        assertEquals(5000, store.rowCount(TABLE));
    }

    /** A random table in a store, with a second one that has a sequence. */
    private static final class Subject {
        private final NaiveTable shape;
        private final Datastore store;

        Subject(RandomGenerator random) {
            shape = new NaiveTable(NaiveTable.randomTable(random, "t"));
            Fixtures.TableBuilder counted = Fixtures.aTable("with_sequence")
                    .column("id", Primitive.U64)
                    .column("text", Primitive.STRING)
                    .unique(IndexAlgorithm.BTREE, 0)
                    .index(IndexAlgorithm.BTREE, 1)
                    .sequence(0);
            store = Datastore.create(Fixtures.moduleOf(shape.def, counted.build()));
        }

        void fill(int rows) {
            RandomGenerator random = new Random(1);
            Transaction transaction = store.begin();
            for (int i = 0; i < rows; i++) {
                insertBoth(transaction, random);
            }
            transaction.commit();
        }

        private void insertBoth(Transaction transaction, RandomGenerator random) {
            BsatnWriter row = shape.randomRow(random, 40);
            Fixtures.insert(transaction, TABLE, row);
            shape.insert(row);
            BsatnWriter counted = new BsatnWriter().writeLong(0).writeString("n" + random.nextInt(5));
            Fixtures.insert(transaction, TABLE + 1, counted);
        }

        void operate(Transaction transaction, RandomGenerator random) {
            switch (random.nextInt(10)) {
                case 0 -> transaction.deleteRange(TABLE + shape.def.indexes().size(), upTo(random.nextInt(20)));
                case 1 -> Fixtures.deleteEqual(transaction, TABLE, shape.likelyRow(random, 40));
                case 2 -> transaction.clear(TABLE + random.nextInt(2));
                case 3, 4 ->
                    shape.someUniqueIndex(random)
                            .ifPresent(index ->
                                    Fixtures.update(transaction, TABLE, TABLE + index, shape.likelyRow(random, 40)));
                case 5 -> Fixtures.insert(transaction, TABLE, shape.likelyRow(random, 40));
                default -> {
                    Fixtures.insert(transaction, TABLE, shape.randomRow(random, 40));
                    BsatnWriter counted = new BsatnWriter().writeLong(0).writeString("m" + random.nextInt(5));
                    Fixtures.insert(transaction, TABLE + 1, counted);
                }
            }
        }

        private static IndexRange upTo(int id) {
            return Fixtures.rangeOf(
                    new BsatnWriter(),
                    0,
                    Fixtures.unbounded(),
                    Fixtures.included().writeLong(id));
        }

        /** Rows as scans and as each ordered index give them, counts, and what the sequence does next. */
        List<String> everything() {
            Transaction transaction = store.begin();
            List<String> all = new ArrayList<>();
            for (TableInfo table : store.tables()) {
                List<String> rows = Fixtures.rows(transaction, table.id());
                all.add(table.name() + " " + transaction.rowCount(table.id()));
                all.addAll(rows);
                for (TableInfo.IndexInfo index : table.indexes()) {
                    if (index.isOrdered()) {
                        IndexRange every =
                                Fixtures.rangeOf(new BsatnWriter(), 0, Fixtures.unbounded(), Fixtures.unbounded());
                        List<String> indexed = Fixtures.range(transaction, index.id(), every);
                        assertEquals(rows, indexed.stream().sorted().toList(), index.name());
                    } else {
                        checkPoints(transaction, table, index, rows);
                    }
                }
            }
            BsatnWriter generated = new BsatnWriter();
            BsatnWriter row = new BsatnWriter().writeLong(0).writeString("next");
            transaction.insert(TABLE + 1, row.buffer(), 0, row.length(), generated);
            all.add("next " + Fixtures.hex(generated));
            transaction.rollback();
            return all;
        }

        private void checkPoints(
                Transaction transaction, TableInfo table, TableInfo.IndexInfo index, List<String> rows) {
            NaiveTable naive = new NaiveTable(table.def());
            int position = table.indexes().indexOf(index);
            for (String row : rows) {
                Bytes key = naive.keyBytes(position, Bytes.ofHex(row));
                List<String> found = Fixtures.point(transaction, index.id(), new BsatnWriter().writeRaw(key));
                assertTrue(found.contains(row), () -> index.name() + " lacks " + row);
            }
        }

        void mustStillWork(RandomGenerator random) {
            Transaction transaction = store.begin();
            for (int i = 0; i < 50; i++) {
                insertBoth(transaction, random);
            }
            transaction.commit();
            everything();
        }
    }
}
