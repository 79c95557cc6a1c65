package io.pinion.actors.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/** What a core has done. Written by its owner where nothing else is said; read by anybody. Hot path: no allocation. */
final class CoreMeter {
    private static final VarHandle BUSY_NANOS;
    private static final VarHandle TURNS;
    private static final VarHandle WAITING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            BUSY_NANOS = lookup.findVarHandle(CoreMeter.class, "busyNanos", long.class);
            TURNS = lookup.findVarHandle(CoreMeter.class, "turns", long.class);
            WAITING = lookup.findVarHandle(CoreMeter.class, "waiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final DelayHistogram queueDelay = new DelayHistogram();
    private final AtomicLong takenNanos = new AtomicLong();
    private final AtomicLong takenTurns = new AtomicLong();
    private final AtomicLong handOffs = new AtomicLong();
    private long busyNanos;
    private long turns;
    private int waiting;

    /** A turn begins, and so many wait in the run queue. */
    void begin(long delayNanos, int waitingNow) {
        queueDelay.record(delayNanos);
        waiting(waitingNow);
    }

    void waiting(int waitingNow) {
        if (waiting != waitingNow) {
            WAITING.setOpaque(this, waitingNow);
        }
    }

    void end(long nanos) {
        BUSY_NANOS.setOpaque(this, busyNanos + nanos);
        TURNS.setOpaque(this, turns + 1);
    }

    /** A turn ends that the core was taken from. Any thread. */
    void endTaken(long nanos) {
        takenNanos.addAndGet(nanos);
        takenTurns.incrementAndGet();
    }

    /** The core is taken from a turn. Any thread. */
    void handOff() {
        handOffs.incrementAndGet();
    }

    long busyNanos() {
        return (long) BUSY_NANOS.getOpaque(this) + takenNanos.get();
    }

    long turns() {
        return (long) TURNS.getOpaque(this) + takenTurns.get();
    }

    long handOffs() {
        return handOffs.get();
    }

    /** How many waited in the run queue when the present turn began. */
    int waiting() {
        return (int) WAITING.getOpaque(this);
    }

    DelayHistogram.Snapshot queueDelay() {
        return queueDelay.snapshot();
    }
}
