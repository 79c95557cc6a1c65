package io.pinion.actors.schedule;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one time at which somebody wants to be woken, by the clock that no step moves. It may ring once more, late, after it
 * was set anew or cancelled. Used by one thread at a time.
 */
public final class Alarm {
    private final ScheduledExecutorService thread;
    private final Runnable wake;
    private @Nullable Future<?> set;

    Alarm(ScheduledExecutorService thread, Runnable wake) {
        this.thread = thread;
        this.wake = wake;
    }

    /** Rings once when that has passed, in place of when it was to ring. */
    public void set(Duration delay) {
        cancel();
        set = thread.schedule(wake, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Does not ring. */
    public void cancel() {
        Future<?> before = set;
        set = null;
        if (before != null) {
            before.cancel(false);
        }
    }
}
