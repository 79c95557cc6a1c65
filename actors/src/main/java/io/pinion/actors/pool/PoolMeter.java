package io.pinion.actors.pool;

/** Shows what a pool has to do, to any thread and without disturbing it. Written by the pool alone. */
public final class PoolMeter {
    private volatile PoolLoad load = PoolLoad.NONE;

    void show(PoolLoad newest) {
        load = newest;
    }

    /** As of the last message that the pool has handled. */
    public PoolLoad load() {
        return load;
    }
}
