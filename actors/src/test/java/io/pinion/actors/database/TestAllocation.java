package io.pinion.actors.database;

import java.util.concurrent.atomic.AtomicLong;

/** Every thread has allocated as much as the test says. */
record TestAllocation(AtomicLong bytes) implements AllocatedBytes {
    @Override
    public long of(Thread thread) {
        return bytes.get();
    }

    @Override
    public long ofCurrentThread() {
        return bytes.get();
    }
}
