package io.pinion.actors.core;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** The cores of one actor system. Threadsafe. */
public final class CoreSet {
    private final List<Core> cores;
    private final AtomicInteger next = new AtomicInteger();

    private CoreSet(List<Core> cores) {
        this.cores = cores;
    }

    static CoreSet start(int count, long stackBytes) {
        List<Core> cores = IntStream.range(0, count)
                .mapToObj(index -> new Core(index, stackBytes))
                .toList();
        cores.forEach(Core::start);
        return new CoreSet(cores);
    }

    public int count() {
        return cores.size();
    }

    /** @throws IllegalArgumentException if there is no such core */
    public Core core(int index) {
        if (index < 0 || index >= cores.size()) {
            throw new IllegalArgumentException("there is no core " + index + ": this node has " + cores.size());
        }
        return cores.get(index);
    }

    /** Where the next database goes: one after the other. */
    Core assign() {
        return cores.get(Math.floorMod(next.getAndIncrement(), cores.size()));
    }

    void close() {
        cores.forEach(Core::close);
    }
}
