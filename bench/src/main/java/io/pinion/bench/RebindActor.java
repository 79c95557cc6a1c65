package io.pinion.bench;

import io.pinion.actors.core.CoreBoundDispatcher;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.Histogram;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.dispatch.ControlMessage;
import org.jspecify.annotations.Nullable;

/**
 * An actor that is moved between cores while numbered messages come in, and what it sees: gaps and repetitions in the
 * numbers, itself on two threads, and when its first message runs on a core it was sent to. All but {@link Behavior} may
 * be used by any thread.
 */
final class RebindActor {
    static final String NAME = "rebound";

    sealed interface Command {
        /** @param number counts up by one per sender, from 0 */
        record Numbered(int sender, long number) implements Command {}

        /** Goes before what waits, as it does for a database. */
        record Rebind(int core) implements Command, ControlMessage {}
    }

    /** A rebinding whose first message on the new core has not been seen yet. */
    private record Move(int core, long sinceNanos) {}

    private final AtomicLongArray handled;
    private final AtomicLong outOfOrder = new AtomicLong();
    private final AtomicLong overlaps = new AtomicLong();
    private final AtomicBoolean isRunning = new AtomicBoolean();
    private final Histogram pauses = Latencies.histogram();
    private volatile @Nullable Move move;

    RebindActor(int senders) {
        this.handled = new AtomicLongArray(senders);
    }

    int senders() {
        return handled.length();
    }

    Behavior<Command> create() {
        return Behaviors.setup(context -> {
            CoreBoundDispatcher dispatcher = CoreBoundDispatcher.of(context);
            dispatcher.cores().register(NAME, dispatcher);
            return Behaviors.receiveMessage(command -> {
                if (!isRunning.compareAndSet(false, true)) {
                    overlaps.incrementAndGet();
                }
                onCommand(command, dispatcher);
                isRunning.set(false);
                return Behaviors.same();
            });
        });
    }

    private void onCommand(Command command, CoreBoundDispatcher dispatcher) {
        switch (command) {
            case Command.Numbered(int sender, long number) -> {
                noteArrival();
                long expected = handled.get(sender);
                if (number != expected) {
                    outOfOrder.incrementAndGet();
                }
                handled.lazySet(sender, expected + 1);
            }
            case Command.Rebind(int core) -> dispatcher.rebind(core);
        }
    }

    /** The first message on a thread of the core ends the pause. */
    private void noteArrival() {
        Move waiting = move;
        if (waiting != null && isOnCore(waiting.core())) {
            pauses.recordValue(System.nanoTime() - waiting.sinceNanos());
            move = null;
        }
    }

    /** By the name of the thread: that of the core's own, or of a relief thread of it. */
    private static boolean isOnCore(int core) {
        String thread = Thread.currentThread().getName();
        String own = "pinion-core-" + core;
        return thread.equals(own) || thread.startsWith(own + "-");
    }

    /** To be called right before the rebinding. */
    void expectOn(int core) {
        move = new Move(core, System.nanoTime());
    }

    /** Whether the last rebinding has led to a message on its core. */
    boolean hasArrived() {
        return move == null;
    }

    long handled(int sender) {
        return handled.get(sender);
    }

    /** Messages whose number was not the next one of their sender. */
    long outOfOrder() {
        return outOfOrder.get();
    }

    /** Messages that were begun while another ran. */
    long overlaps() {
        return overlaps.get();
    }

    /** Of pauses in nanoseconds, from the rebinding to the first message on the new core; to be read when all is quiet. */
    Histogram pauses() {
        return pauses;
    }
}
