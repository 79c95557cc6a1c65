package io.pinion.actors.database;

import io.pinion.modules.Instance;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadLocalRandom;

/**
 * About what the instance of a database has allocated since it is used, for the memory guard: a guest may keep a little of
 * every call. A call in sixteen or so is weighed and stands for those since the last; after one that weighs a lot every
 * call is, until one does not. Used by one thread at a time. Hot path: no allocation.
 */
final class AllocationAccount {
    private static final int INTERVAL_MAX = 32;
    private static final long HEAVY_BYTES = 256 << 10;

    private final AllocatedBytes allocated;
    private final Vitals vitals;
    private WeakReference<Instance> instance = new WeakReference<>(null);
    private int calls;
    private int interval;
    private long bytesBefore;

    AllocationAccount(AllocatedBytes allocated, Vitals vitals) {
        this.allocated = allocated;
        this.vitals = vitals;
    }

    /** A call begins on this thread. */
    void begin(Instance called) {
        if (!instance.refersTo(called)) {
            instance = new WeakReference<>(called);
            interval = 1;
            calls = 0;
            vitals.instanceAllocatedBytes(0);
        }
        calls++;
        if (calls >= interval) {
            bytesBefore = allocated.ofCurrentThread();
        }
    }

    /** The call ends, on the same thread. */
    void end() {
        if (calls < interval) {
            return;
        }
        long bytes = allocated.ofCurrentThread() - bytesBefore;
        vitals.instanceAllocatedBytes(vitals.instanceAllocatedBytes() + bytes * calls);
        interval = bytes > HEAVY_BYTES ? 1 : 1 + ThreadLocalRandom.current().nextInt(INTERVAL_MAX);
        calls = 0;
    }
}
