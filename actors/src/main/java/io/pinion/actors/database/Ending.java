package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.LogEntry;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.slf4j.Logger;

/**
 * The phase in which the end of a database is on its way to the journal; commands wait for it.
 *
 * <p>→ Empty: it is durable. → Recovering: the journal fails first, and whether the database has ended is seen then.
 */
final class Ending extends AbstractMatchingBehavior<DatabaseMessage> {
    private final Cell cell;
    private final Journal journal;
    private final long offset;

    private Ending(Cell cell, Journal journal, long offset) {
        super(cell.context());
        this.cell = cell;
        this.journal = journal;
        this.offset = offset;
    }

    /** @param offset of the end */
    static Behavior<DatabaseMessage> start(Cell cell, Journal journal, Command.Delete command, long offset) {
        LogEntry.Deleted entry = new LogEntry.Deleted(cell.services().clock().epochMicros(), command.caller());
        cell.admission().onlyControl(true);
        cell.requests().end(entry.timestampMicros());
        journal.outbox()
                .append(new Answer.Announced<Database.DeleteOutcome>(
                        offset,
                        entry,
                        0,
                        command.replyTo(),
                        new Database.Deleted(),
                        Outcomes.UNKNOWN,
                        cell.self(),
                        Note.DeletionDurable.INSTANCE));
        return new Ending(cell, journal, offset);
    }

    @Override
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        switch (message) {
            case Command.Rebind rebind -> cell.rebind(rebind);
            case Command.SetWeight weight -> cell.setWeight(weight);
            case Command.Stop _ -> {
                return Stopping.start(cell, journal, offset);
            }
            case Command command -> Outcomes.refuse(command, Outcomes.ENDS);
            case Note.DeletionDurable _ -> {
                cell.services().logs().delete(cell.database());
                forgetSnapshots();
                cell.admission().onlyControl(false);
                return new Empty(cell, journal, offset);
            }
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.OrderEnded ended -> cell.orders().onEnded(ended);
            case Note.ToServing _,
                    Note.ToPublisher _,
                    Note.ToRecovering _,
                    Note.RestoreDurable _,
                    Note.Drained _,
                    Note.StopOverdue _ -> {}
        }
        return this;
    }

    private void forgetSnapshots() {
        Logger log = cell.context().getLog();
        var _ = cell.services().snapshots().forget(cell.database()).whenComplete((_, failure) -> {
            if (failure != null) {
                log.warn("the snapshots of ended database {} stay: {}", cell.database(), failure.getMessage());
            }
        });
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        if (journal.hasEnded(signal)) {
            return Recovering.afterFence(cell, journal.outbox());
        }
        if (signal instanceof PostStop) {
            journal.outbox().loseAll();
            cell.stopped();
        }
        return Cell.after(signal, this);
    }
}
