package io.pinion.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** What reading hostile input may cost: memory in proportion to the input, and little time. */
public final class FuzzBounds {
    /** Longer inputs find nothing that shorter ones do not. */
    public static final int INPUT_MAX = 16_384;

    private static final long BYTES = 16L << 20;
    private static final long BYTES_PER_INPUT_BYTE = 8192;
    private static final long CPU_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private FuzzBounds() {}

    /**
     * Fails if the action allocates more than an input of that length can justify, or takes long: twice, as the first
     * time may load classes.
     */
    public static void assertCheap(int inputBytes, Runnable action) {
        if (!isCheap(inputBytes, action)) {
            long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
            boolean isCheapNow = isCheap(inputBytes, action);
            long bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
            assertTrue(isCheapNow, () -> inputBytes + " bytes of input cost " + bytes + " bytes, or much time");
        }
    }

    private static boolean isCheap(int inputBytes, Runnable action) {
        long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        long nanosBefore = THREADS.getCurrentThreadCpuTime();
        action.run();
        long nanos = THREADS.getCurrentThreadCpuTime() - nanosBefore;
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
        return bytes <= BYTES + BYTES_PER_INPUT_BYTE * inputBytes && nanos <= CPU_NANOS;
    }
}
