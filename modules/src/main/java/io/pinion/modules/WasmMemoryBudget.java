package io.pinion.modules;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes the memories of WebAssembly instances may take together, so that many of them cannot eat the heap that
 * each of them may take a part of. Threadsafe.
 */
public final class WasmMemoryBudget {
    private static final WasmMemoryBudget SHARED =
            new WasmMemoryBudget(Runtime.getRuntime().maxMemory() / 2);

    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /** @param limitBytes above zero */
    public WasmMemoryBudget(long limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("a memory budget must be above zero, limitBytes=" + limitBytes);
        }
        this.limitBytes = limitBytes;
    }

    /** The one of this JVM that modules share unless they are given another: half of the largest heap. */
    public static WasmMemoryBudget shared() {
        return SHARED;
    }

    public long limitBytes() {
        return limitBytes;
    }

    /** What is taken now; a memory that is growing counts with its old and its new size. */
    public long usedBytes() {
        return usedBytes.get();
    }

    /** Whether half of it is free. */
    public boolean isHalfFree() {
        return usedBytes.get() <= limitBytes / 2;
    }

    /** Takes bytes that {@link #giveBack} returns; false, and nothing taken, if that many are not left. */
    public boolean tryTake(long bytes) {
        long used = usedBytes.get();
        while (bytes <= limitBytes - used) {
            if (usedBytes.compareAndSet(used, used + bytes)) {
                return true;
            }
            used = usedBytes.get();
        }
        return false;
    }

    public void giveBack(long bytes) {
        usedBytes.addAndGet(-bytes);
    }
}
