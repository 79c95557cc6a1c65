package io.pinion.actors.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A machine whose CPUs come and go, and whose kernel may refuse. Threads are not moved; it notes where they would be. */
final class FakeAffinity implements Affinity {
    private final Map<Integer, CpuMask> masks = new ConcurrentHashMap<>();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile CpuMask online;
    private volatile @Nullable Integer refusal;

    FakeAffinity(CpuMask online) {
        this.online = online;
    }

    /** As when a cpuset shrinks or a CPU goes: nobody may run there any more. */
    void online(CpuMask cpus) {
        online = cpus;
    }

    /** From here on every change is refused, as by a filter of system calls. */
    void refuse(int errno) {
        refusal = errno;
    }

    int changes() {
        return changes.get();
    }

    @Override
    public int threadId() {
        return Math.toIntExact(Thread.currentThread().threadId());
    }

    @Override
    public CpuMask get(int threadId) {
        CpuMask there = within(masks.getOrDefault(threadId, online));
        return there.isEmpty() ? online : there;
    }

    @Override
    public boolean has(int threadId, CpuMask cpus) {
        return get(threadId).equals(cpus);
    }

    @Override
    public void set(int threadId, CpuMask cpus) throws AffinityException {
        changes.incrementAndGet();
        Integer errno = refusal;
        if (errno == null && within(cpus).isEmpty()) {
            errno = AffinityException.EINVAL;
        }
        if (errno != null) {
            throw AffinityException.refused("sched_setaffinity(thread " + threadId + ", CPUs " + cpus + ")", errno);
        }
        masks.put(threadId, cpus);
    }

    @Override
    public void nice(int threadId, int nice) throws AffinityException {
        throw AffinityException.refused("setpriority", AffinityException.EACCES);
    }

    @Override
    public void slice(int threadId, long nanos) throws AffinityException {
        throw AffinityException.refused("sched_setattr", AffinityException.ENOSYS);
    }

    private CpuMask within(CpuMask cpus) {
        return cpus.minus(cpus.minus(online));
    }
}
