package io.pinion.actors.core;

import java.util.OptionalInt;

/** Leaves every thread where the kernel puts it. */
final class UnpinnedPlacement implements Placement {
    @Override
    public int enter(int core) {
        return 0;
    }

    @Override
    public void leave(int threadId) {}

    @Override
    public boolean nice(int threadId, int nice) {
        return false;
    }

    @Override
    public OptionalInt cpu(int core) {
        return OptionalInt.empty();
    }
}
