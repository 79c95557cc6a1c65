package io.pinion.actors.core;

/** Where threads cannot be kept on CPUs: every call fails with the reason. */
record NoAffinity(String reason) implements Affinity {
    @Override
    public int threadId() throws AffinityException {
        throw AffinityException.unsupported(reason);
    }

    @Override
    public CpuMask get(int threadId) throws AffinityException {
        throw AffinityException.unsupported(reason);
    }

    @Override
    public boolean has(int threadId, CpuMask cpus) throws AffinityException {
        throw AffinityException.unsupported(reason);
    }

    @Override
    public void set(int threadId, CpuMask cpus) throws AffinityException {
        throw AffinityException.unsupported(reason);
    }

    @Override
    public void nice(int threadId, int nice) throws AffinityException {
        throw AffinityException.unsupported(reason);
    }

    @Override
    public void slice(int threadId, long nanos) throws AffinityException {
        throw AffinityException.unsupported(reason);
    }
}
