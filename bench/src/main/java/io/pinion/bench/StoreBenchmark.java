package io.pinion.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
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
 * the table is the same for every batch. Keys that are there are even. Every batch takes its keys in an order of its own,
 * which is not that in which rows were inserted, so that no way of keeping rows has them lie in the order they are asked
 * for. Called by JMH.
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

    private final SplittableRandom random = new SplittableRandom(42);
    private final int[] present = new int[BATCH];
    private final int[] absent = new int[BATCH];
    private @Nullable StoreSubject opened;
    private long balance;

    @Setup
    public void open() throws SQLException {
        int[] ids = shuffled();
        opened = engine.open(width);
        for (int from = 0; from < rows; from += FILL_PER_TRANSACTION) {
            opened.begin();
            opened.insert(ids, from, Math.min(rows, from + FILL_PER_TRANSACTION));
            opened.commit();
        }
    }

    private int[] shuffled() {
        int[] ids = new int[rows];
        for (int i = 0; i < rows; i++) {
            int other = random.nextInt(i + 1);
            ids[i] = ids[other];
            ids[other] = 2 * i;
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

    /** Distinct keys for the next batch, all over the table. */
    private void chooseKeys() {
        int step = random.nextInt(rows / 3, rows);
        while (BigInteger.valueOf(step).gcd(BigInteger.valueOf(rows)).intValue() != 1) {
            step++;
        }
        long at = random.nextInt(rows);
        for (int i = 0; i < BATCH; i++) {
            present[i] = (int) (2 * at);
            absent[i] = present[i] + 1;
            at = (at + step) % rows;
        }
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
            benchmark.chooseKeys();
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
        return subject().find(present, 0, BATCH);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void update(Around transaction) throws SQLException {
        subject().update(present, 0, BATCH, ++balance);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void insert(Around transaction) throws SQLException {
        subject().insert(absent, 0, BATCH);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void delete(Around transaction) throws SQLException {
        subject().delete(present, 0, BATCH);
    }

    /** Per row. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long range(Around transaction) throws SQLException {
        StoreSubject subject = subject();
        long sum = 0;
        for (int i = 0; i < BATCH / RANGE; i++) {
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
        for (int i = 0; i < TRANSACTIONS; i++) {
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
        for (int i = 0; i < TRANSACTIONS; i++) {
            subject.update(present, i, i + 1, ++balance);
            subject.rollback();
            subject.begin();
        }
    }
}
