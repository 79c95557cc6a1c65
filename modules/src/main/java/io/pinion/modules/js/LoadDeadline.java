package io.pinion.modules.js;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Stops a module that does not finish loading. */
final class LoadDeadline implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final ScheduledFuture<?> stop;

    private LoadDeadline(ScheduledFuture<?> stop) {
        this.stop = stop;
    }

    static LoadDeadline start(StopSwitch stopSwitch, Duration limit) {
        Runnable stopOnOwnThread = () ->
                Thread.ofPlatform().name("pinion-js-load-deadline").daemon().start(stopSwitch::stop);
        return new LoadDeadline(TIMER.schedule(stopOnOwnThread, limit.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public void close() {
        stop.cancel(false);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("pinion-js-load-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }
}
