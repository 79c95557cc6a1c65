package io.pinion.actors.database;

/** A heap whose collections are made up. */
final class TestHeap implements HeapGauge {
    private final long max;
    private volatile long used;
    private volatile Collection newest = Collection.NONE;
    private volatile long exhaustions;

    TestHeap(long max) {
        this.max = max;
    }

    void used(long bytes) {
        used = bytes;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one test calls it
    void exhausted() {
        exhaustions++;
    }

    void collected(long usedAfter) {
        newest = new Collection(newest.number() + 1, false, usedAfter);
    }

    void forced(long usedAfter) {
        newest = new Collection(newest.number() + 1, true, usedAfter);
    }

    @Override
    public long max() {
        return max;
    }

    @Override
    public long used() {
        return used;
    }

    @Override
    public long exhaustions() {
        return exhaustions;
    }

    @Override
    public Collection newest() {
        return newest;
    }

    @Override
    public void close() {}
}
