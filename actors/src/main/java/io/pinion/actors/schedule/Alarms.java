package io.pinion.actors.schedule;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Wakes databases at times that they name, all of a node on one thread. On a machine that has time it does so within a
 * fraction of a millisecond; a timer of Pekko waits for the end of a tick of 10 ms and then for a whole one.
 *
 * <p>Threadsafe. Once it is closed nothing is woken any more.
 */
public final class Alarms implements AutoCloseable {
    private final ScheduledThreadPoolExecutor thread;

    private Alarms(ScheduledThreadPoolExecutor thread) {
        this.thread = thread;
    }

    /** Starts the thread. */
    public static Alarms start() {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().name("pinion-alarms").daemon().factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        thread.setRemoveOnCancelPolicy(true);
        thread.prestartCoreThread();
        return new Alarms(thread);
    }

    /** @param wake what an alarm does, on the thread of all: it may neither wait nor throw */
    public Alarm alarm(Runnable wake) {
        return new Alarm(thread, wake);
    }

    /** Ends the thread and waits for it, a second at most. */
    @Override
    @SuppressWarnings("Interruption") // as for any other end
    public void close() {
        thread.shutdownNow();
        try {
            boolean _ = thread.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
