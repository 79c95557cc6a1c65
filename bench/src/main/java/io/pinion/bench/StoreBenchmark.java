package io.pinion.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.SQLException;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One operation on one row, in batches of 1,000 within a transaction that is rolled back afterwards, unmeasured, so that
 * the table is the same for every batch. Keys are taken at random; those that are there are even. Called by JMH.
 *
 * <p>Besides the time on the clock, counts the CPU time of the calling thread, which says the same on a machine that does
 * other things at the same time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreBenchmark {
    static final int BATCH = 1000;
    private static final int RANGE = 100;
    private static final int TRANSACTIONS = 100;
    private static final int FILL_PER_TRANSACTION = 10_000;

    /** Set by JMH. */
    @Param
    public StoreEngine engine = StoreEngine.PINION_HASH;

    /** Bytes per row; set by JMH. */
    @Param("12")
    public int width = StoreRow.NARROW;

    /** Set by JMH. */
    @Param("100000")
    public int rows;

    private @Nullable StoreSubject opened;
    private int[] present = {};
    private int[] absent = {};
    private int next;
    private long balance;

    @Setup
    public void open() throws SQLException {
        SplittableRandom random = new SplittableRandom(42);
        present = shuffled(random, rows, 0);
        absent = shuffled(random, rows, 1);
        opened = engine.open(width);
        for (int from = 0; from < rows; from += FILL_PER_TRANSACTION) {
            opened.begin();
            opened.insert(present, from, Math.min(rows, from + FILL_PER_TRANSACTION));
            opened.commit();
        }
    }

    private static int[] shuffled(SplittableRandom random, int count, int lowestBit) {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            int other = random.nextInt(i + 1);
            ids[i] = ids[other];
            ids[other] = 2 * i + lowestBit;
        }
        return ids;
    }

    @TearDown
    public void close() throws SQLException {
        subject().close();
    }

    private StoreSubject subject() {
        return Objects.requireNonNull(opened);
    }

    /** Where the next batch of that many keys begins. */
    private int batch(int count) {
        next = next + 2 * count <= rows ? next + count : 0;
        return next;
    }

    /** A transaction around every batch, and the CPU time of the batches. Set up by JMH. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Around {
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        /** Read by JMH. */
        public long cpuNanos;

        /** Read by JMH. */
        public long batches;

        private long started;

        @Setup(Level.Invocation)
        public void begin(StoreBenchmark benchmark) throws SQLException {
            benchmark.subject().begin();
            started = THREADS.getCurrentThreadCpuTime();
        }

        @TearDown(Level.Invocation)
        public void rollback(StoreBenchmark benchmark) throws SQLException {
            cpuNanos += THREADS.getCurrentThreadCpuTime() - started;
            batches++;
            benchmark.subject().rollback();
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long find(Around transaction) throws SQLException {
        int from = batch(BATCH);
        return subject().find(present, from, from + BATCH);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void update(Around transaction) throws SQLException {
        int from = batch(BATCH);
        subject().update(present, from, from + BATCH, ++balance);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void insert(Around transaction) throws SQLException {
        int from = batch(BATCH);
        subject().insert(absent, from, from + BATCH);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void delete(Around transaction) throws SQLException {
        int from = batch(BATCH);
        subject().delete(present, from, from + BATCH);
    }

    /** Per row. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long range(Around transaction) throws SQLException {
        StoreSubject subject = subject();
        int from = batch(BATCH / RANGE);
        long sum = 0;
        for (int i = from; i < from + BATCH / RANGE; i++) {
            int first = Math.min(present[i], 2 * (rows - RANGE));
            sum += subject.range(first, first + 2 * RANGE);
        }
        return sum;
    }

    /** Of the whole table: to be divided by the number of rows. */
    @Benchmark
    public long scan(Around transaction) throws SQLException {
        return subject().scan();
    }

    /** A transaction that updates one row. */
    @Benchmark
    @OperationsPerInvocation(TRANSACTIONS)
    public void commit(Around transaction) throws SQLException {
        StoreSubject subject = subject();
        int from = batch(TRANSACTIONS);
        for (int i = from; i < from + TRANSACTIONS; i++) {
            subject.update(present, i, i + 1, ++balance);
            subject.commit();
            subject.begin();
        }
    }

    /** A transaction that updates one row. */
    @Benchmark
    @OperationsPerInvocation(TRANSACTIONS)
    public void abort(Around transaction) throws SQLException {
        StoreSubject subject = subject();
        int from = batch(TRANSACTIONS);
        for (int i = from; i < from + TRANSACTIONS; i++) {
            subject.update(present, i, i + 1, ++balance);
            subject.rollback();
            subject.begin();
        }
    }
}
