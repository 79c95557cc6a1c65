package io.pinion.actors.core;

import java.util.OptionalInt;

/** Leaves every thread where the kernel puts it; favours threads where the system lets it. */
final class UnpinnedPlacement implements Placement {
    /**
     * Longer than the kernel's own slices, which grow from 0.7 to 2.8 ms with the number of CPUs, so that whoever else of the
     * node wakes up takes the CPU from a long turn at once.
     */
    private static final long SET_BACK_NANOS = 4_000_000;

    private final Affinity affinity;

    UnpinnedPlacement(Affinity affinity) {
        this.affinity = affinity;
    }

    @Override
    public int enter(int core) {
        return threadId(affinity);
    }

    @Override
    public void leave(int threadId) {}

    @Override
    public boolean setBack(int threadId, int nice) {
        return setBack(affinity, threadId, nice);
    }

    @Override
    public boolean restore(int threadId) {
        return restore(affinity, threadId);
    }

    @Override
    public OptionalInt cpu(int core) {
        return OptionalInt.empty();
    }

    /** That of the calling thread, 0 if unknown. */
    static int threadId(Affinity affinity) {
        try {
            return affinity.threadId();
        } catch (AffinityException | OutOfMemoryError e) {
            return 0; // the placement's contract for a system that does not tell; the log line at start has the reason
        }
    }

    static boolean setBack(Affinity affinity, int threadId, int nice) {
        boolean isNicer = nice(affinity, threadId, nice);
        if (isNicer) {
            slice(affinity, threadId, SET_BACK_NANOS);
        }
        return isNicer;
    }

    static boolean restore(Affinity affinity, int threadId) {
        slice(affinity, threadId, 0);
        return nice(affinity, threadId, 0);
    }

    private static void slice(Affinity affinity, int threadId, long nanos) {
        if (threadId == 0) {
            return;
        }
        try {
            affinity.slice(threadId, nanos);
        } catch (AffinityException | OutOfMemoryError e) {
            return; // a refusal is no error: the kernel's own slices hold
        }
    }

    private static boolean nice(Affinity affinity, int threadId, int nice) {
        if (threadId == 0) {
            return false;
        }
        try {
            affinity.nice(threadId, nice);
            return true;
        } catch (AffinityException | OutOfMemoryError e) {
            return false; // the placement's contract for a refusal, which is no error: the kernel's own share holds
        }
    }
}
