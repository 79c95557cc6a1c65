package io.pinion.actors.database;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What threads of this JVM have allocated on the heap since they began, garbage included. Threadsafe. */
interface AllocatedBytes {
    /** Of this JVM: it counts exactly, in tens of nanoseconds. */
    AllocatedBytes JVM = new AllocatedBytes() {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        @Override
        public long of(Thread thread) {
            return threads.getThreadAllocatedBytes(thread.threadId());
        }

        @Override
        public long ofCurrentThread() {
            return threads.getCurrentThreadAllocatedBytes();
        }
    };

    /** Of a platform thread; -1 once it has ended. */
    long of(Thread thread);

    long ofCurrentThread();
}
