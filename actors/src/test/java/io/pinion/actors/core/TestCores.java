package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Cores without an actor system, unpinned. */
final class TestCores implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofMinutes(1);
    static final Duration SLICE = Duration.ofMillis(5);

    private final CoreSet cores;

    private TestCores(CoreSet cores) {
        this.cores = cores;
    }

    static TestCores start(int count) {
        return start(count, new FairnessSettings(true, SLICE, 64));
    }

    static TestCores start(int count, FairnessSettings fairness) {
        CoreSettings settings = new CoreSettings(
                new Reserve.Count(count), 1, 1 << 20, Duration.ZERO, Duration.ofSeconds(1), Binding.WEIGHT_DEFAULT);
        CpuReservation none = CpuReservation.take(settings, new NoAffinity("this is a test"), Path.of("/"));
        return new TestCores(CoreSet.start(none, settings, fairness));
    }

    Binding bind(int core) {
        return bind(core, Binding.WEIGHT_DEFAULT);
    }

    Binding bind(int core, int weight) {
        return new Binding(cores.core(core).inbox(), weight);
    }

    Inbox inbox(int core) {
        return cores.core(core).inbox();
    }

    CoreLoad load(int core) {
        return cores.cores().get(core);
    }

    BindingLoad load(Binding binding) {
        return CoreSet.load("", binding, cores.runningTurns());
    }

    Monitor monitor() {
        return cores.monitor();
    }

    @Override
    public void close() {
        cores.close();
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(DEADLINE.toSeconds(), TimeUnit.SECONDS), "nothing happened within " + DEADLINE);
    }

    static void awaitUntil(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > DEADLINE.toNanos()) {
                fail("not within " + DEADLINE + ": " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Keeps the calling thread's CPU busy. */
    static void spin(long nanos) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
    }
}
