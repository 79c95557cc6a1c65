package io.pinion.actors.core;

import java.util.function.LongSupplier;

/**
 * Decides when a turn has held its core for too long, from looks at it. Time comes in from outside. One thread.
 *
 * <p>Whose last turn was longer than a slice has a fifth of one, as it will most likely be long again and the others need
 * not wait to see it.
 *
 * <p>Too long is more than a slice of watched time, of which the thread had the CPU for at least half a slice; or a whole
 * slice of CPU time, whoever watched; or twenty slices of watched time in a turn that uses no CPU, because it waits. In a
 * collector pause or while the process is suspended a thread gets no CPU time and nobody watches, so neither makes a turn
 * too long.
 */
final class TurnWatch {
    private static final int WAITING_SLICES = 20;
    private static final int SLICE_PARTS = 5;

    private final long sliceNanos;
    private long turn;
    private long sinceNanos;
    private long unwatchedBeforeNanos;
    private long cpuBeforeNanos;

    TurnWatch(long sliceNanos) {
        this.sliceNanos = sliceNanos;
    }

    /**
     * One look.
     *
     * @param running the id of the turn that runs, 0 if none does
     * @param wasLong whether the turn before of the same binding was longer than a slice
     * @param unwatchedNanos time so far in which nobody looked
     * @param cpuNanos reads the CPU time of its thread; negative if the thread has ended. Asked only where it matters
     */
    boolean isOverdue(long running, boolean wasLong, long nowNanos, long unwatchedNanos, LongSupplier cpuNanos) {
        if (running == 0) {
            turn = 0;
            return false;
        }
        if (running != turn) {
            turn = running;
            sinceNanos = nowNanos;
            unwatchedBeforeNanos = unwatchedNanos;
            cpuBeforeNanos = cpuNanos.getAsLong();
            return false;
        }
        long watchedNanos = nowNanos - sinceNanos - (unwatchedNanos - unwatchedBeforeNanos);
        if (watchedNanos > WAITING_SLICES * sliceNanos) {
            return true;
        }
        long allowedNanos = wasLong ? sliceNanos / SLICE_PARTS : sliceNanos;
        return nowNanos - sinceNanos > allowedNanos && isBusy(watchedNanos, allowedNanos, cpuNanos.getAsLong());
    }

    /** What runs next is another turn, whatever its id. */
    void forget() {
        turn = 0;
    }

    private boolean isBusy(long watchedNanos, long allowedNanos, long cpuNowNanos) {
        long usedNanos = cpuBeforeNanos < 0 || cpuNowNanos < 0 ? 0 : cpuNowNanos - cpuBeforeNanos;
        return watchedNanos > allowedNanos ? usedNanos >= allowedNanos / 2 : usedNanos >= allowedNanos;
    }
}
