package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * However a transaction ends before its commit, the store is what it was, and so are the frozen views of it. Every
 * operation is a number that decides all about it.
 */
class UndoTest {
    private static final int TABLE = Datastore.FIRST_ID;

    @Property(tries = 40)
    void aTransactionThatFailsAfterAnyOperationLeavesNoTrace(
            @ForAll long subjectSeed, @ForAll @Size(max = 25) List<Long> operations) {
        failAfterEach(subjectSeed, operations);
    }

    private static void failAfterEach(long subjectSeed, List<Long> operations) {
        RandomGenerator random = new SplittableRandom(subjectSeed);
        UndoSubject subject = new UndoSubject(random);
        subject.fill(60);
        List<String> before = subject.everything();
        List<String> rowsBefore = subject.rows();
        for (int failAfter = 0; failAfter <= operations.size(); failAfter++) {
            try (FrozenView view = subject.store.freeze("undo")) {
                Transaction transaction = subject.store.begin();
                for (long operation : operations.subList(0, failAfter)) {
                    subject.operate(transaction, new SplittableRandom(operation));
                }
                transaction.rollback();

                assertEquals(before, subject.everything(), "failed after " + failAfter + " operations");
                assertEquals(rowsBefore, subject.rows(view.reader()));
            }
        }
        subject.mustStillWork(random);
    }

    @Property(tries = 10)
    void aTransactionThatIsStoppedInAnyOperationLeavesNoTrace(
            @ForAll long subjectSeed, @ForAll @Size(max = 12) List<Long> operations) {
        RandomGenerator random = new SplittableRandom(subjectSeed);
        UndoSubject subject = new UndoSubject(random);
        subject.fill(30);
        subject.fillSecond(2500);
        List<String> before = subject.everything();
        for (int round = 0; round < 5; round++) {
            Transaction transaction = subject.store.begin(0, new StopAfter(1 + random.nextInt(6)));
            try {
                operations.forEach(operation -> subject.operate(transaction, new SplittableRandom(operation)));
                transaction.scanTable(TABLE + 1, (_, _, _) -> {});
                transaction.clear(TABLE + 1);
            } catch (OperationStoppedException e) {
                assertEquals("the operation was asked to stop", e.getMessage());
            }
            transaction.rollback();

            assertEquals(before, subject.everything(), "round " + round);
        }
    }

    /** Asks for a stop from one poll on. */
    private static final class StopAfter implements BooleanSupplier {
        private int pollsLeft;

        StopAfter(int polls) {
            pollsLeft = polls;
        }

        @Override
        public boolean getAsBoolean() {
            return --pollsLeft <= 0;
        }
    }

    @Property(tries = 6)
    void aTransactionThatRunsOutOfStackAnywhereLeavesNoTrace(@ForAll long seed) throws InterruptedException {
        onASmallStack(() -> overflowInOperations(seed));
    }

    private static void onASmallStack(Runnable action) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(null, action, "small-stack", 512 * 1024);
        thread.setUncaughtExceptionHandler((_, error) -> failure.set(error));
        thread.start();
        thread.join();
        assertNull(failure.get(), () -> "on the small stack: " + failure.get());
    }

    private static void overflowInOperations(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        UndoSubject subject = new UndoSubject(random);
        subject.fill(200);
        List<String> before = subject.everything();
        int overflows = 0;
        int interruptions = 0;
        for (int round = 0; round < 100; round++) {
            FrozenView view = subject.store.freeze("undo");
            if (random.nextBoolean()) {
                view.close();
            }
            Transaction transaction = subject.store.begin();
            for (int i = 0; i < 10; i++) {
                subject.operate(transaction, random);
            }
            try {
                sink(new Depth(random.nextInt(200)), () -> subject.operate(transaction, random));
            } catch (StackOverflowError e) {
                overflows++;
                interruptions += subject.goesOn(transaction, random) ? 0 : 1;
            }
            transaction.rollback();

            assertEquals(before, subject.everything(), "round " + round);
            view.close();
        }
        System.out.println("seed " + seed + ": the stack ended " + overflows + " times, in the middle of a change "
                + interruptions + " times");
        assertTrue(overflows > 0, "the stack was meant to end, and did so " + overflows + " times");
        subject.mustStillWork(random);
    }

    @Property(tries = 6)
    void aStackThatEndsInARollbackOrACommitLeavesTheStateBeforeOrAfter(@ForAll long seed) throws InterruptedException {
        onASmallStack(() -> overflowAtTheEnd(seed));
    }

    private static Transaction changed(UndoSubject subject, long seed) {
        subject.fill(80);
        RandomGenerator random = new SplittableRandom(seed);
        Transaction transaction = subject.store.begin();
        for (int i = 0; i < 10; i++) {
            subject.operate(transaction, random);
        }
        return transaction;
    }

    /** False if the datastore says that it is lost. */
    private static boolean rolledBack(Transaction transaction) {
        try {
            transaction.rollback();
            return true;
        } catch (IllegalStateException e) {
            assertEquals(
                    "the datastore is of no use any more: a commit or a replay was interrupted half way",
                    e.getMessage());
            return false;
        }
    }

    private static void overflowAtTheEnd(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int overflows = 0;
        int losses = 0;
        for (int round = 0; round < 15 || (overflows == 0 && round < 300); round++) {
            long roundSeed = random.nextLong();
            UndoSubject subject = new UndoSubject(new SplittableRandom(roundSeed));
            UndoSubject untroubled = new UndoSubject(new SplittableRandom(roundSeed));
            boolean commits = random.nextInt(3) == 0;
            Transaction transaction = changed(subject, roundSeed);
            Transaction other = changed(untroubled, roundSeed);
            Runnable end = commits ? transaction::commit : transaction::rollback;
            boolean isCommitted = false;
            try {
                sink(new Depth(random.nextInt(100)), end);
                isCommitted = commits;
            } catch (StackOverflowError e) {
                overflows++;
                if (!rolledBack(transaction)) {
                    losses++;
                    assertThrows(IllegalStateException.class, subject.store::begin);
                    assertThrows(IllegalStateException.class, () -> subject.store.freeze("undo"));
                    continue;
                }
            }
            if (isCommitted) {
                other.commit();
            } else {
                other.rollback();
            }
            assertEquals(untroubled.everything(), subject.everything(), "round " + round);
        }
        System.out.println(
                "seed " + seed + ": the stack ended " + overflows + " times, " + losses + " times without a way back");
        assertTrue(overflows > 0, "the stack was meant to end, and did so " + overflows + " times");
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

    @Test
    void aTransactionThatRunsOutOfMemoryAnywhereLeavesNoTrace() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        java,
                        "-XX:+UseG1GC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        UndoWithoutMemory.class.getName(),
                        String.valueOf(System.nanoTime()))
                .redirectErrorStream(true)
                .start();
        try (InputStream output = child.getInputStream()) {
            String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            System.out.print(said);
            assertTrue(child.waitFor(1, TimeUnit.MINUTES));
            assertEquals(0, child.exitValue(), said);
            assertTrue(said.contains("the memory ended"), said);
        } finally {
            child.destroyForcibly();
        }
    }

    private static final int HUGE_ROW = 128 << 20;
    private static final int BALLAST_PIECE = 16 << 20;

    @Test
    void aTransactionThatRunsOutOfMemoryInAChangeCanOnlyBeRolledBackAndLeavesNoTrace() {
        Datastore store = Datastore.create(Fixtures.module(Fixtures.aTable("t")
                .column("id", Primitive.U32)
                .column("text", Primitive.STRING)
                .unique(IndexAlgorithm.HASH, 0)
                .index(IndexAlgorithm.BTREE, 1)));
        Transaction filling = store.begin();
        for (int id = 0; id < 50; id++) {
            Fixtures.insert(filling, TABLE, new BsatnWriter().writeInt(id).writeString("text " + id));
        }
        filling.commit();
        List<String> before = committed(store);
        BsatnWriter huge = new BsatnWriter(HUGE_ROW + 8).writeInt(7).writeInt(HUGE_ROW);
        huge.writeRaw(new byte[HUGE_ROW], 0, HUGE_ROW);

        for (boolean isUpdate : new boolean[] {true, false}) {
            Transaction transaction = store.begin();
            Fixtures.insert(transaction, TABLE, new BsatnWriter().writeInt(99).writeString("new"));
            huge.setInt(0, isUpdate ? 7 : 100);

            withoutMemory(() -> change(transaction, huge, isUpdate));

            IllegalStateException refused = assertThrows(IllegalStateException.class, transaction::commit);
            assertTrue(refused.toString().endsWith("can only be rolled back"), refused::toString);
            transaction.rollback();
            assertEquals(before, committed(store));
        }
    }

    private static void change(Transaction transaction, BsatnWriter row, boolean isUpdate) {
        if (isUpdate) {
            Fixtures.update(transaction, TABLE, TABLE, row);
        } else {
            Fixtures.insert(transaction, TABLE, row);
        }
    }

    /** The heap has room for small things only while the action runs, which must fail for want of more. */
    private static void withoutMemory(Runnable action) {
        List<byte[]> ballast = new ArrayList<>();
        try {
            assertThrows(OutOfMemoryError.class, () -> {
                while (true) {
                    ballast.add(new byte[BALLAST_PIECE]);
                }
            });
            assertThrows(OutOfMemoryError.class, action::run);
        } finally {
            Reference.reachabilityFence(ballast);
        }
    }

    private static List<String> committed(Datastore store) {
        Transaction transaction = store.begin();
        List<String> rows = Fixtures.rows(transaction, TABLE);
        transaction.rollback();
        return rows;
    }
}
