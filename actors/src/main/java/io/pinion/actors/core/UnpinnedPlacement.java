package io.pinion.actors.core;

import java.util.OptionalInt;

/** Leaves every thread where the kernel puts it; favours threads where the system lets it. */
final class UnpinnedPlacement implements Placement {
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
    public boolean nice(int threadId, int nice) {
        return nice(affinity, threadId, nice);
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

    static boolean nice(Affinity affinity, int threadId, int nice) {
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
