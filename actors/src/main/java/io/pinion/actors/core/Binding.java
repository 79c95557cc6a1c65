package io.pinion.actors.core;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What ties one dispatcher to its core: everything that it executes runs there. Threadsafe. */
final class Binding implements Executor {
    static final int WEIGHT_MIN = 1;
    static final int WEIGHT_MAX = 10_000;

    private final AtomicLong stops = new AtomicLong();
    private final LongAdder busyNanos = new LongAdder();
    private final LongAdder turns = new LongAdder();
    private volatile Core core;
    private volatile int weight;

    Binding(Core core, int weight) {
        this.core = core;
        this.weight = weight;
    }

    Core core() {
        return core;
    }

    void rebind(Core target) {
        core = target;
    }

    int weight() {
        return weight;
    }

    /** @throws IllegalArgumentException if it is out of range */
    void weight(int value) {
        checkWeight(value);
        weight = value;
    }

    static void checkWeight(int value) {
        if (value < WEIGHT_MIN || value > WEIGHT_MAX) {
            throw new IllegalArgumentException(
                    "a weight lies between " + WEIGHT_MIN + " and " + WEIGHT_MAX + ", weight=" + value);
        }
    }

    @Override
    public void execute(Runnable turn) {
        core.execute(turn, this);
    }

    void noteTurn(long nanos) {
        busyNanos.add(nanos);
        turns.increment();
    }

    void noteStop() {
        stops.incrementAndGet();
    }

    BindingLoad load(String name) {
        return new BindingLoad(name, core.index(), weight, busyNanos.sum(), turns.sum(), 0, stops.get());
    }
}
