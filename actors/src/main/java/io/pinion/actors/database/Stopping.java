package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.Pending;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The last phase of a database that leaves its node: what is committed is written, what waits for that is released, and
 * what comes in is sent elsewhere.
 *
 * <p>→ Stopped: everything is released; or the journal fails or takes too long, then what is left is unknown.
 */
final class Stopping extends AbstractMatchingBehavior<DatabaseMessage> {
    private final Cell cell;
    private final Journal journal;

    private Stopping(Cell cell, Journal journal) {
        super(cell.context());
        this.cell = cell;
        this.journal = journal;
    }

    /** @param offset of the newest commit */
    static Behavior<DatabaseMessage> start(Cell cell, Journal journal, long offset) {
        cell.timers()
                .startSingleTimer(
                        Note.StopOverdue.INSTANCE,
                        Note.StopOverdue.INSTANCE,
                        cell.settings().stopTimeout());
        cell.admission().turnAway(Outcomes.MOVED);
        journal.outbox().append(new Last(offset, cell.self()));
        return new Stopping(cell, journal);
    }

    /** Stands behind everything that is to be released before the stop. */
    private static final class Last extends Pending {
        private final ActorRef<DatabaseMessage> self;

        Last(long offset, ActorRef<DatabaseMessage> self) {
            super(offset, null, 0);
            this.self = self;
        }

        @Override
        protected void release() {
            self.tell(Note.Drained.INSTANCE);
        }

        @Override
        protected void lose() {}
    }

    @Override
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        switch (message) {
            case Command command -> Outcomes.refuse(command, Outcomes.MOVED);
            case Note.Drained _ -> {
                return Behaviors.stopped();
            }
            case Note.StopOverdue _ -> {
                cell.context()
                        .getLog()
                        .warn("database {} stops without its journal, which takes too long", cell.database());
                return Behaviors.stopped();
            }
            case Note.DeletionDurable _ -> cell.services().logs().delete(cell.database());
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.OrderEnded ended -> cell.orders().onEnded(ended);
            case Note.ToServing _,
                    Note.ToPublisher _,
                    Note.ToRecovering _,
                    Note.RestoreDurable _ -> {} // nothing new is begun
        }
        return this;
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        if (journal.hasEnded(signal)) {
            return Behaviors.stopped();
        }
        if (signal instanceof PostStop) {
            journal.outbox().loseAll();
            cell.stopped();
        }
        return Cell.after(signal, this);
    }
}
