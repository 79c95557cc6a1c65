package io.pinion.bench;

import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.Cores;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorRef;

/** One actor that is moved, the threads that send to it, and the thread that moves it, which is the one that calls this. */
final class RebindSubject {
    private static final long ARRIVAL_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);
    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    /** How the actor is moved. */
    enum Way {
        /** By a message to it, which goes before those that wait. */
        MESSAGE,
        /** Through the registry of the node, past its mailbox. */
        DIRECT
    }

    private final RebindActor state;
    private final ActorRef<RebindActor.Command> actor;
    private final CoreSet cores;
    private final Way way;
    private final long intervalNanos;
    private final List<NumberedStream> streams = new ArrayList<>();
    private long sent;
    private long rebinds;
    private long nextNanos = System.nanoTime();
    private int core;

    /** @param senders threads of {@link #startStreams} */
    RebindSubject(BenchSystem system, Way way, int senders, int rebindsPerSecond) {
        this.state = new RebindActor(senders + 1);
        this.actor = system.spawn(state.create(), system.onCoreControlFirst());
        this.cores = Cores.get(system.system());
        this.way = way;
        this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / rebindsPerSecond;
        sendOne();
    }

    /** Sends one message and waits until it is handled. */
    void sendOne() {
        actor.tell(new RebindActor.Command.Numbered(0, sent++));
        waitFor(() -> state.handled(0) == sent, SPIN_NANOS);
    }

    void startStreams() {
        for (int sender = 1; sender < state.senders(); sender++) {
            streams.add(NumberedStream.start(state, actor, sender));
        }
    }

    /** Ends the streams; how many of their messages were lost. */
    long stopStreams() throws InterruptedException {
        long lost = 0;
        for (NumberedStream stream : streams) {
            lost += stream.stopAndCountLost();
        }
        return lost;
    }

    /** Waits until it is time for the next rebinding, and does it. */
    void rebind() {
        for (long left = nextNanos - System.nanoTime(); left > 0; left = nextNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        nextNanos = Math.max(nextNanos, System.nanoTime() - intervalNanos) + intervalNanos;
        core = (core + 1) % cores.count();
        rebinds++;
        state.expectOn(core);
        switch (way) {
            case MESSAGE -> actor.tell(new RebindActor.Command.Rebind(core));
            case DIRECT -> cores.rebind(RebindActor.NAME, core);
        }
    }

    boolean hasArrived() {
        return state.hasArrived();
    }

    /** Without looking in a loop: this thread most likely has the CPU that a core's thread had when it began to rebind. */
    void awaitArrival() {
        waitFor(state::hasArrived, 0);
    }

    private void waitFor(BooleanSupplier condition, long spinNanos) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > ARRIVAL_NANOS_MAX) {
                throw new IllegalStateException("the actor was sent to core " + core + " and handles nothing there");
            }
            if (System.nanoTime() - begin < spinNanos) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    long calls() {
        long calls = 0;
        for (int sender = 0; sender < state.senders(); sender++) {
            calls += state.handled(sender);
        }
        return calls;
    }

    long rebinds() {
        return rebinds;
    }

    RebindActor state() {
        return state;
    }
}
