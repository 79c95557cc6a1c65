package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogEntry;
import io.pinion.modules.ModuleLog.Level;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;

/**
 * The phase in which the entry that makes a state from a backup the database's is on its way to the journal; commands wait
 * for it.
 *
 * <p>→ Recovering: it is durable, and the database becomes what its log says; or the journal fails first, and which of the
 * two it is is seen then.
 */
final class Restoring extends AbstractMatchingBehavior<DatabaseMessage> {
    private static final Database.Unavailable UNAVAILABLE = new Database.Unavailable("the database is being restored");

    private final Cell cell;
    private final Journal journal;
    private final long offset;

    private Restoring(Cell cell, Journal journal, long offset) {
        super(cell.context());
        this.cell = cell;
        this.journal = journal;
        this.offset = offset;
    }

    /** @param offset of the entry */
    static Behavior<DatabaseMessage> start(Cell cell, Journal journal, Restorer.Begun begun, long offset) {
        IndexEntry.Snapshot state = begun.state().state();
        Command.Restore command = begun.command();
        LogEntry.Restored entry = new LogEntry.Restored(
                cell.services().clock().epochMicros(), command.requester().identity(), state);
        Database.Restored outcome = new Database.Restored(
                offset, state.offset(), state.timestampMicros(), state.chunks().rowCount());
        cell.admission().onlyControl(true);
        int bytes = state.program().definition().length();
        journal.outbox()
                .append(new Answer.Announced<Database.RestoreOutcome>(
                        offset,
                        entry,
                        bytes,
                        command.replyTo(),
                        outcome,
                        Outcomes.UNKNOWN,
                        cell.self(),
                        Note.RestoreDurable.INSTANCE));
        Instant time = Instant.EPOCH.plus(state.timestampMicros(), ChronoUnit.MICROS);
        String what = "restored from a backup: the state at offset " + state.offset() + ", " + time;
        cell.environment().say(Level.INFO, "Database " + what);
        cell.context()
                .getLog()
                .info(
                        "database {} is {}; asked for by {}",
                        cell.database(),
                        what,
                        command.requester().identity());
        return new Restoring(cell, journal, offset);
    }

    @Override
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        switch (message) {
            case Command.Rebind rebind -> cell.rebind(rebind);
            case Command.SetWeight weight -> cell.setWeight(weight);
            case Command.TruncateLog truncate -> truncate.replyTo().tell(Outcomes.NOT_DAMAGED);
            case Command.Stop _ -> {
                return Stopping.start(cell, journal, offset);
            }
            case Command command -> Outcomes.refuse(command, UNAVAILABLE);
            case Note.RestoreDurable _ -> {
                return Recovering.fence(cell, journal.child(), journal.outbox());
            }
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.OrderEnded ended -> cell.orders().onEnded(ended);
            case Note.ToServing _,
                    Note.ToPublisher _,
                    Note.ToRecovering _,
                    Note.DeletionDurable _,
                    Note.Drained _,
                    Note.StopOverdue _ -> {}
        }
        return this;
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
