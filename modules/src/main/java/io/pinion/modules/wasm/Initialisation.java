package io.pinion.modules.wasm;

import io.pinion.modules.InvalidModuleException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs the initialisers of one instance, which may neither take for ever nor bring down the thread they run on. */
final class Initialisation {
    static final Duration LIMIT = Duration.ofSeconds(30);

    /** Only ever sets a flag and interrupts a thread; a daemon, so that it holds up no exit. */
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
            .daemon()
            .name("pinion-wasm-initialisation-watch")
            .factory());

    private final CallGuard guard;
    private final Duration limit;

    Initialisation(CallGuard guard, Duration limit) {
        this.guard = guard;
        this.limit = limit;
    }

    @FunctionalInterface
    interface Body {
        void run() throws InvalidModuleException;
    }

    void run(Body body) throws InvalidModuleException {
        guard.begin();
        Future<?> stop = WATCH.schedule(guard::stop, limit.toNanos(), TimeUnit.NANOSECONDS);
        Throwable failure = null;
        try {
            body.run();
        } catch (InvalidModuleException | RuntimeException | Error e) {
            failure = e;
        }
        stop.cancel(false);
        if (guard.end()) {
            throw new InvalidModuleException("the module's initialisers took more than " + limit.toMillis() + " ms");
        }
        rethrow(failure);
    }

    private static void rethrow(@Nullable Throwable failure) throws InvalidModuleException {
        if (failure instanceof InvalidModuleException invalid) {
            throw invalid;
        }
        if (failure != null) {
            throw new InvalidModuleException(
                    "an initialiser of the module failed: " + Failures.reason(failure), failure);
        }
    }
}
