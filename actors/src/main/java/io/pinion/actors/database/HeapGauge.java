package io.pinion.actors.database;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How full the heap of this JVM is, by what is not kept in reserve. Threadsafe but for what says otherwise. */
interface HeapGauge extends AutoCloseable {
    /** Bytes that the heap may grow to, what is kept in reserve included. */
    long max();

    /** Bytes in use, garbage included. */
    long used();

    /** How often there was no memory at all, and what was kept for that moment was let go. The monitor's thread only. */
    long exhaustions();

    /** The newest collection. */
    Collection newest();

    @Override
    void close();

    /**
     * What a collection has left.
     *
     * @param number counts up from 1; 0 stands for none yet
     * @param isForced whether there was no room left for what somebody wanted
     * @param usedBytes after it
     */
    record Collection(long number, boolean isForced, long usedBytes) {
        static final Collection NONE = new Collection(0, false, 0);
    }

    /** Of this JVM. It listens to the collectors until it is closed. */
    static HeapGauge ofThisJvm() {
        return new Jvm();
    }

    /** Listens to the collectors' beans; they notify on a thread of the JVM's own. */
    final class Jvm implements HeapGauge, NotificationListener {
        private static final Logger log = LoggerFactory.getLogger(HeapGauge.class);
        /** Of G1, which stops everything for a whole collection only when nothing else helps; others do so at all times. */
        private static final String FORCED = "G1 Compaction Pause";
        /** As many times its own size have to be free before a reserve that was let go is kept again. */
        private static final int REFILL_SIZES = 4;

        private final Set<String> heapPools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getName)
                .collect(Collectors.toUnmodifiableSet());
        private final HeapReserve reserve = new HeapReserve(Runtime.getRuntime().maxMemory());
        private volatile Collection newest = Collection.NONE;

        private Jvm() {
            for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                ((NotificationEmitter) collector).addNotificationListener(this, null, null);
            }
        }

        @Override
        public synchronized void handleNotification(Notification notification, Object handback) {
            if (!notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
                return;
            }
            GarbageCollectionNotificationInfo info =
                    GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
            boolean isForced =
                    info.getGcCause().equals(FORCED) && info.getGcAction().contains("major");
            long usedBytes = usedAfter(info.getGcInfo()) - reserve.bytes();
            newest = new Collection(newest.number() + 1, isForced, usedBytes);
            if (usedBytes + REFILL_SIZES * reserve.size() <= max()) {
                reserve.refill();
            }
        }

        private long usedAfter(GcInfo info) {
            long used = 0;
            for (Map.Entry<String, MemoryUsage> pool :
                    info.getMemoryUsageAfterGc().entrySet()) {
                if (heapPools.contains(pool.getKey())) {
                    used += pool.getValue().getUsed();
                }
            }
            return used;
        }

        @Override
        public long max() {
            return Runtime.getRuntime().maxMemory();
        }

        @Override
        public long used() {
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory() - reserve.bytes();
        }

        @Override
        public long exhaustions() {
            return reserve.look();
        }

        @Override
        public Collection newest() {
            return newest;
        }

        @Override
        public void close() {
            for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                try {
                    ((NotificationEmitter) collector).removeNotificationListener(this);
                } catch (ListenerNotFoundException e) {
                    log.debug("{} has forgotten its listener already", collector.getName(), e);
                }
            }
        }
    }
}
