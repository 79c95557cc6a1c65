package io.pinion.bench;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From handing over an empty turn to its having run: of one alone, which is mostly the waking of a thread, and of one in a
 * row of many, which is what the queue costs. Called by JMH.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RunQueueBenchmark {
    private static final int ROW = 1024;

    /** What runs the turns. */
    public enum Kind {
        CORE {
            @Override
            Runner start() throws IOException {
                return Runner.ofActor(BenchSystem::onCore);
            }
        },
        SINGLE_THREAD {
            @Override
            Runner start() {
                ExecutorService thread = Executors.newSingleThreadExecutor();
                return new Runner(thread, thread);
            }
        },
        PEKKO_DEFAULT {
            @Override
            Runner start() throws IOException {
                return Runner.ofActor(_ -> DispatcherSelector.defaultDispatcher());
            }
        };

        abstract Runner start() throws IOException;
    }

    /** @param owner ends the executor */
    record Runner(Executor executor, AutoCloseable owner) {
        /** The dispatcher of an actor that lives on, as a dispatcher without actors prepares to end after every turn. */
        static Runner ofActor(Function<BenchSystem, Props> dispatcher) throws IOException {
            BenchSystem system = BenchSystem.start(CoreOptions.unpinned(1));
            CompletableFuture<Executor> executor = new CompletableFuture<>();
            system.spawn(
                    Behaviors.setup(context -> {
                        executor.complete(context.getExecutionContext());
                        return Behaviors.empty();
                    }),
                    dispatcher.apply(system));
            return new Runner(BenchSystem.await(executor), system);
        }
    }

    /** Set by JMH. */
    @Param
    public Kind kind = Kind.CORE;

    private final AtomicInteger turnsRun = new AtomicInteger();
    private final Runnable turn = turnsRun::incrementAndGet;
    private @Nullable Runner runner;

    @Setup
    public void start() throws IOException {
        runner = kind.start();
    }

    @TearDown
    public void stop() throws Exception {
        if (runner != null) {
            runner.owner().close();
        }
    }

    @Benchmark
    public void alone() {
        run(1);
    }

    @Benchmark
    @OperationsPerInvocation(ROW)
    public void inRow() {
        run(ROW);
    }

    private void run(int turns) {
        Executor executor = Objects.requireNonNull(runner).executor();
        int end = turnsRun.get() + turns;
        for (int i = 0; i < turns; i++) {
            executor.execute(turn);
        }
        while (turnsRun.get() != end) {
            Thread.onSpinWait();
        }
    }
}
