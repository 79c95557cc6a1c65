package io.pinion.actors.database;

import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.DurabilityActor;
import io.pinion.actors.durability.LogLength;
import java.time.Duration;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/**
 * What a database that serves does when the child that writes its log has ended: it pauses, keeps its memory and what waits
 * in its outbox, and starts successors until one has found out what became of the write that was in flight.
 *
 * <p>Working → settling: the child ends. Settling → settling: a successor ends, and another is started after a pause.
 * Settling → working: a successor goes on. Settling for too long: the database has to be fenced.
 */
final class Settling {
    private final Cell cell;
    private boolean isSettling;
    private Duration pause;

    Settling(Cell cell) {
        this.cell = cell;
        this.pause = cell.settings().durability().restartBackoffMin();
    }

    /** The child has ended; a note says when to go on. */
    void childEnded() {
        if (isSettling) {
            cell.timers().startSingleTimer(Note.Settle.INSTANCE, Note.Settle.INSTANCE, pause);
            Duration doubled = pause.multipliedBy(2);
            Duration most = cell.settings().durability().restartBackoffMax();
            pause = doubled.compareTo(most) > 0 ? most : doubled;
            return;
        }
        isSettling = true;
        pause = cell.settings().durability().restartBackoffMin();
        cell.context().getLog().warn("database {} pauses: a write of its log failed", cell.database());
        cell.admission().onlyControl(true);
        cell.timers()
                .startSingleTimer(
                        Note.SettleOverdue.INSTANCE,
                        Note.SettleOverdue.INSTANCE,
                        cell.settings().durability().settleTimeout());
        cell.self().tell(Note.Settle.INSTANCE);
    }

    /** Starts another child with the outbox of the one before. */
    Journal startSuccessor(Journal before) {
        LogLength none = new LogLength(0, 0, cell.services().clock().epochMicros());
        ActorRef child = Adapter.actorOf(
                cell.context(),
                DurabilityActor.successor(
                        cell.database(),
                        cell.durability(),
                        cell.settings().snapshot().trigger(none),
                        before.outbox()),
                cell.childName("durability"));
        Adapter.watch(cell.context(), child);
        return new Journal(child, before.outbox());
    }

    void settled() {
        if (isSettling) {
            cell.context().getLog().info("database {} goes on", cell.database());
            end();
            cell.admission().onlyControl(false);
        }
    }

    /** The phase ends, or settling does. */
    void end() {
        isSettling = false;
        cell.timers().cancel(Note.Settle.INSTANCE);
        cell.timers().cancel(Note.SettleOverdue.INSTANCE);
    }
}
