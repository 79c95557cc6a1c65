package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.Pending;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The phase of an identity that nothing was ever published to, or whose database has ended. Nothing is written to its log
 * until a publish succeeds, which begins a new database. When nothing comes for a time the actor stops, so that
 * asking for identities that do not exist fills no node; what comes just then is answered that it has moved, and finds a
 * fresh one when it is asked again.
 *
 * <p>That there is no database is an answer that waits in the outbox as all do: where other nodes reach the journal, it
 * leaves only when the journal, asked afterwards, holds nothing of another owner. Of two that publish the first program at
 * the same moment one has its write refused, recovers and finds the other's database.
 */
final class Empty extends AbstractMatchingBehavior<DatabaseMessage> {
    private final Cell cell;
    private final Journal journal;
    private final Publisher publisher;
    private final Restorer restorer;
    private final long offset;
    private final AtomicInteger unanswered = new AtomicInteger();
    private boolean wasAsked;

    /** @param offset of the end of the database before, 0 if there was none */
    Empty(Cell cell, Journal journal, long offset) {
        super(cell.context());
        this.cell = cell;
        this.journal = journal;
        this.publisher = new Publisher(cell);
        this.restorer = new Restorer(cell);
        this.offset = offset;
        cell.timers()
                .startTimerWithFixedDelay(
                        Note.IdleCheck.INSTANCE,
                        Note.IdleCheck.INSTANCE,
                        cell.settings().emptyAfter());
    }

    @Override
    @SuppressWarnings("IllegalCatch") // init may provoke any error; what was begun is dropped and everybody is answered
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        try {
            return dispatch(message);
        } catch (Throwable e) {
            cell.context().getLog().error("the publish to {} ended in an error", cell.database(), e);
            abort(new Database.Unavailable("it ended in an error of the host"));
            return Recovering.fence(cell, journal.child(), journal.outbox());
        }
    }

    private Behavior<DatabaseMessage> dispatch(DatabaseMessage message) {
        switch (message) {
            case Command.Publish publish -> publisher.publish(publish, null);
            case Command.Restore restore -> restorer.restore(restore, null);
            case Command.Rebind rebind -> cell.rebind(rebind);
            case Command.SetWeight weight -> cell.setWeight(weight);
            case Command.Stop _ -> {
                abort(Outcomes.MOVED);
                cell.admission().refuseWaitingCalls(Outcomes.MOVED);
                return Behaviors.stopped();
            }
            case Command command -> {
                wasAsked = true;
                refuse(command);
            }
            case Note.IdleCheck _ -> {
                return onIdleCheck();
            }
            case Note.Prepared prepared -> publisher.onPrepared(prepared, null);
            case Note.NotPrepared notPrepared -> publisher.onNotPrepared(notPrepared);
            case Note.ProgramStored stored -> {
                return onProgramStored(stored);
            }
            case Note.ProgramNotStored notStored -> publisher.onProgramNotStored(notStored);
            case Note.StateReady ready -> {
                return onStateReady(ready);
            }
            case Note.StateNotReady notReady -> restorer.onNotReady(notReady);
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.OrderEnded ended -> cell.orders().onEnded(ended);
            case Note.SameProgram _,
                    Note.TablesBuilt _,
                    Note.TablesNotBuilt _,
                    Note.CatchUp _,
                    Note.ToServing _,
                    Note.ToRecovering _,
                    Note.ToEnding _ -> {} // of the time before
        }
        return this;
    }

    private void refuse(Command command) {
        if (journal.outbox().isFull()) {
            Outcomes.refuse(command, Outcomes.JOURNAL_IS_BEHIND);
        } else {
            unanswered.incrementAndGet();
            journal.outbox().append(new Absence(offset, command));
        }
    }

    /** The answer that there is no database; if that cannot be told, a fresh actor can. */
    private final class Absence extends Pending {
        private final Command command;

        Absence(long offset, Command command) {
            super(offset, null, 0);
            this.command = command;
        }

        @Override
        protected void release() {
            unanswered.decrementAndGet();
            Outcomes.refuse(command, Outcomes.NO_SUCH_MODULE);
        }

        @Override
        protected void lose() {
            Outcomes.refuse(command, Outcomes.MOVED);
        }
    }

    private Behavior<DatabaseMessage> onIdleCheck() {
        boolean isNeeded = wasAsked || unanswered.get() > 0 || cell.admission().numberOfMessages() > 0;
        if (!isNeeded && publisher.isIdle() && restorer.isIdle()) {
            return Behaviors.stopped();
        }
        wasAsked = false;
        return this;
    }

    private Behavior<DatabaseMessage> onProgramStored(Note.ProgramStored stored) {
        if (!(publisher.onProgramStored(stored) instanceof Publisher.Ready.Fresh fresh)) {
            return this;
        }
        restorer.abort(Outcomes.ALREADY_EXISTS);
        return Serving.created(cell, journal, publisher, fresh, offset);
    }

    private Behavior<DatabaseMessage> onStateReady(Note.StateReady ready) {
        Restorer.Begun begun = restorer.onReady(ready, null);
        if (begun == null) {
            return this;
        }
        publisher.abort(new Database.Unavailable("the database is being restored"));
        cell.timers().cancel(Note.IdleCheck.INSTANCE);
        return Restoring.start(cell, journal, begun, offset + 1);
    }

    private void abort(Database.Refusal refusal) {
        publisher.abort(refusal);
        restorer.abort(refusal);
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        if (journal.hasEnded(signal)) {
            abort(new Database.Unavailable("the journal failed"));
            return Recovering.afterFence(cell, journal.outbox());
        }
        if (signal instanceof PostStop) {
            abort(Outcomes.MOVED);
            journal.outbox().loseAll();
            cell.stopped();
        }
        return Cell.after(signal, this);
    }
}
