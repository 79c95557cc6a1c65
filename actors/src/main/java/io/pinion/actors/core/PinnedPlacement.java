package io.pinion.actors.core;

import java.util.OptionalInt;

/** Gives each core a CPU, which its threads share with nobody of this process but the collector. */
final class PinnedPlacement implements Placement {
    private final Affinity affinity;
    private final Sweeper sweeper;
    private final int[] cpus;

    /** @param reserved the CPU of core 0 comes first */
    PinnedPlacement(Affinity affinity, Sweeper sweeper, CpuMask reserved) {
        this.affinity = affinity;
        this.sweeper = sweeper;
        this.cpus = reserved.toArray();
    }

    @Override
    public int enter(int core) {
        int threadId = UnpinnedPlacement.threadId(affinity);
        if (threadId != 0) {
            sweeper.enter(threadId, cpus[core]);
        }
        return threadId;
    }

    @Override
    public void leave(int threadId) {
        sweeper.leave(threadId);
    }

    @Override
    public boolean setBack(int threadId, int nice) {
        return UnpinnedPlacement.setBack(affinity, threadId, nice);
    }

    @Override
    public boolean restore(int threadId) {
        return UnpinnedPlacement.restore(affinity, threadId);
    }

    @Override
    public OptionalInt cpu(int core) {
        return OptionalInt.of(cpus[core]);
    }
}
