package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.LogEntry;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;

/**
 * The phase in which the end of a database is on its way to the journal; commands wait for it.
 *
 * <p>→ Empty: it is durable. → Recovering: the journal fails first, and whether the database has ended is seen then.
 */
final class Ending extends AbstractMatchingBehavior<DatabaseMessage> {
    private final Cell cell;
    private final StashBuffer<DatabaseMessage> stash;
    private final Journal journal;
    private final long offset;

    private Ending(Cell cell, StashBuffer<DatabaseMessage> stash, Journal journal, long offset) {
        super(cell.context());
        this.cell = cell;
        this.stash = stash;
        this.journal = journal;
        this.offset = offset;
    }

    /** @param offset of the end */
    static Behavior<DatabaseMessage> start(
            Cell cell, StashBuffer<DatabaseMessage> stash, Journal journal, Command.Delete command, long offset) {
        LogEntry.Deleted entry = new LogEntry.Deleted(cell.services().clock().epochMicros(), command.caller());
        journal.outbox().append(new End(offset, entry, command.replyTo(), cell.self()));
        return new Ending(cell, stash, journal, offset);
    }

    private static final class End extends Answer<Database.DeleteOutcome> {
        private final ActorRef<DatabaseMessage> self;

        End(
                long offset,
                LogEntry entry,
                ActorRef<? super Database.DeleteOutcome> replyTo,
                ActorRef<DatabaseMessage> self) {
            super(offset, entry, 0, replyTo, new Database.Deleted(), Outcomes.UNKNOWN);
            this.self = self;
        }

        @Override
        protected void release() {
            super.release();
            self.tell(Note.DeletionDurable.INSTANCE);
        }
    }

    @Override
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        switch (message) {
            case Command.Rebind rebind -> cell.rebind(rebind);
            case Command.SetWeight weight -> cell.setWeight(weight);
            case Command.Stop _ -> {
                refuseWaiting(Outcomes.MOVED);
                return Stopping.start(cell, journal, offset);
            }
            case Command command -> onCommand(command);
            case Note.DeletionDurable _ -> {
                cell.services().logs().delete(cell.database());
                return stash.unstashAll(new Empty(cell, stash, journal, offset));
            }
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.FromDurability _,
                    Note.FromPool _,
                    Note.Recover _,
                    Note.ModuleLoaded _,
                    Note.ModuleNotLoaded _,
                    Note.Prepared _,
                    Note.SameProgram _,
                    Note.NotPrepared _,
                    Note.ProgramStored _,
                    Note.ProgramNotStored _,
                    Note.ScheduleDue _,
                    Note.IdleCheck _,
                    Note.DiscardInstance _,
                    Note.Drained _,
                    Note.StopOverdue _,
                    Note.CallImmediately _ -> {} // nothing of the database is left to do it
        }
        return this;
    }

    private void onCommand(Command command) {
        if (stash.isFull()) {
            Outcomes.refuse(command, new Database.Unavailable("the database is being deleted"));
        } else {
            stash.stash(command);
        }
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        if (journal.hasEnded(signal)) {
            return Recovering.afterFence(cell, stash, journal.outbox());
        }
        if (signal instanceof PostStop) {
            journal.outbox().loseAll();
            refuseWaiting(new Database.Unavailable("the database stops"));
            cell.stopped();
        }
        return Cell.after(signal, this);
    }

    private void refuseWaiting(Database.Refusal refusal) {
        stash.forEach(message -> {
            if (message instanceof Command command) {
                Outcomes.refuse(command, refusal);
            }
        });
        stash.clear();
    }
}
