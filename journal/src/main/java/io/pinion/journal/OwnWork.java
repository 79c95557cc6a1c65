package io.pinion.journal;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a thread does itself that it would otherwise hand to another one, and wake that up for: it does so when it is done
 * with what it does now. So a write goes from a persistent actor to the plugin, and its answer from the commit thread to the
 * plugin and the actor, without another thread that has to wake up.
 *
 * <p>A thread takes so many pieces at a time and works for so long; what is beyond that goes to the threads that it was
 * meant for.
 */
final class OwnWork {
    private static final ThreadLocal<@Nullable OwnWork> OF_THREAD = new ThreadLocal<>();
    /** Those of a few writers; what many are told is better shared among threads. */
    private static final int WAITING_MAX = 8;
    /** Some times what it takes to wake a thread up. */
    private static final long NANOS_MAX = 200_000;

    private final ArrayDeque<Piece> waiting = new ArrayDeque<>(WAITING_MAX);

    private record Piece(Runnable task, Executor others) {}

    private OwnWork() {}

    /**
     * Leaves something to this thread, if it does such work now and has room.
     *
     * @param others what it was meant for
     * @return whether this thread will see to it
     */
    static boolean take(Runnable task, Executor others) {
        OwnWork own = OF_THREAD.get();
        if (own == null || own.waiting.size() == WAITING_MAX) {
            return false;
        }
        own.waiting.add(new Piece(task, others));
        return true;
    }

    /** Does something, and then what comes of it. What is thrown by the first is thrown; not to be called within itself. */
    static void during(Runnable first) {
        during(first, NANOS_MAX);
    }

    /** @param nanosMax after which nothing more is begun */
    static void during(Runnable first, long nanosMax) {
        OwnWork own = new OwnWork();
        OF_THREAD.set(own);
        try {
            first.run();
            long begin = System.nanoTime();
            boolean hasTime = true;
            while (hasTime && !own.waiting.isEmpty()) {
                run(own.waiting.remove().task());
                hasTime = System.nanoTime() - begin < nanosMax;
            }
        } finally {
            OF_THREAD.remove();
            own.waiting.forEach(OwnWork::handOver);
        }
    }

    /** It ends as it would on a thread of its own, and the next one does not notice. */
    @SuppressWarnings("IllegalCatch") // the thread's handler decides what follows, as it does for all its threads
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
        Thread.interrupted();
    }

    private static void handOver(Piece piece) {
        try {
            piece.others().execute(piece.task());
        } catch (RejectedExecutionException e) {
            run(piece.task()); // they have ended, and who gave it away was not told that
        }
    }
}
