package io.pinion.actors.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What runs the databases bound to it, one turn at a time. Its parts: the inbox where tickets arrive, the run queue that
 * orders them, the crew of threads of which one at a time owns both, and the meter.
 */
final class Core {
    private final int index;
    private final Placement placement;
    private final long stackBytes;
    private final long spinNanos;
    private final Inbox inbox;
    private final RunQueue queue;
    private final CoreMeter meter = new CoreMeter();
    private final Crew crew = new Crew(this);

    Core(int index, Placement placement, long stackBytes, long spinNanos, long sliceNanos) {
        this.index = index;
        this.placement = placement;
        this.stackBytes = stackBytes;
        this.spinNanos = spinNanos;
        this.inbox = new Inbox(index);
        this.queue = new RunQueue(inbox, sliceNanos);
    }

    int index() {
        return index;
    }

    Placement placement() {
        return placement;
    }

    long stackBytes() {
        return stackBytes;
    }

    long spinNanos() {
        return spinNanos;
    }

    Inbox inbox() {
        return inbox;
    }

    /** For the worker that owns the core. */
    RunQueue queue() {
        return queue;
    }

    CoreMeter meter() {
        return meter;
    }

    Crew crew() {
        return crew;
    }

    void start() {
        crew.start();
    }

    /** Ends its threads when nothing is left to run. */
    void close() {
        inbox.close();
        crew.close();
    }

    /** Whether anybody waits for the turn that runs. A ticket that has become stale counts. */
    boolean hasWaiting() {
        return meter.waiting() > 0 || !inbox.isEmpty();
    }

    CoreLoad load() {
        return new CoreLoad(
                index,
                placement.cpu(index),
                RunningTurns.of(crew.workers()).busyNanos(meter::busyNanos),
                meter.turns(),
                meter.handOffs(),
                crew.reliefThreads(),
                meter.waiting() + inbox.size(),
                meter.queueDelay(),
                currentTurn());
    }

    private Optional<CoreLoad.Turn> currentTurn() {
        @Nullable Worker owner = crew.owner();
        if (owner == null || owner.slot().running() == 0) {
            return Optional.empty();
        }
        @Nullable Binding binding = owner.slot().binding();
        Optional<String> name = binding == null ? Optional.empty() : binding.name();
        return Optional.of(new CoreLoad.Turn(name, owner.slot().startNanos()));
    }
}
