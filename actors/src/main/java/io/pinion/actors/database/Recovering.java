package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.DurabilityActor;
import io.pinion.actors.durability.DurabilityNotice;
import io.pinion.actors.durability.Outbox;
import io.pinion.store.tx.Datastore;
import java.time.Duration;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * The phase before anything is known, and after everything was given up.
 *
 * <p>Ending: the child of a fenced database is stopped; when it has ended, what waits in its outbox is lost → reading, or
 * pausing if it failed. Reading: a fresh child reads the log → empty or serving when it is done; → pausing when the
 * child ends instead. Pausing → reading after a time. Commands wait, except while pausing after a log that could not be
 * read: then they are told why.
 */
final class Recovering extends AbstractMatchingBehavior<DatabaseMessage> {
    private final Cell cell;
    private RecoveredState state = new RecoveredState();
    private @Nullable ActorRef child;
    private @Nullable Outbox toLose;
    private @Nullable String problem;
    private Duration pause;
    private boolean isEnding;

    private Recovering(Cell cell) {
        super(cell.context());
        this.cell = cell;
        cell.admission().onlyControl(true);
        this.pause = cell.settings().durability().restartBackoffMin();
    }

    static Behavior<DatabaseMessage> start(Cell cell) {
        Recovering recovering = new Recovering(cell);
        recovering.read();
        return recovering;
    }

    /**
     * A fenced database.
     *
     * @param child of which the end is being watched; stopped here
     */
    static Behavior<DatabaseMessage> fence(Cell cell, ActorRef child, Outbox toLose) {
        Recovering recovering = new Recovering(cell);
        recovering.isEnding = true;
        recovering.child = child;
        recovering.toLose = toLose;
        Adapter.stop(cell.context(), child);
        return recovering;
    }

    /** As {@link #fence}, when the child has ended already. */
    static Behavior<DatabaseMessage> afterFence(Cell cell, Outbox toLose) {
        toLose.loseAll();
        Recovering recovering = new Recovering(cell);
        recovering.readLater();
        return recovering;
    }

    private void read() {
        problem = null;
        cell.admission().takeUp();
        state = new RecoveredState();
        ActorRef started = Adapter.actorOf(
                cell.context(),
                DurabilityActor.props(
                        cell.database(),
                        cell.settings().durability(),
                        cell.services().clock()::epochMicros,
                        state,
                        cell.durabilityAdapter()),
                cell.childName("durability"));
        Adapter.watch(cell.context(), started);
        child = started;
    }

    @Override
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        return switch (message) {
            case Command.Rebind rebind -> {
                cell.rebind(rebind);
                yield this;
            }
            case Command.SetWeight weight -> {
                cell.setWeight(weight);
                yield this;
            }
            case Command.Stop _ -> Behaviors.stopped();
            case Command command -> {
                Outcomes.refuse(command, unavailable());
                yield this;
            }
            case Note note -> onNote(note);
        };
    }

    private Behavior<DatabaseMessage> onNote(Note note) {
        return switch (note) {
            case Note.FromDurability(DurabilityNotice notice) -> onNotice(notice);
            case Note.Recover _ -> {
                read();
                yield this;
            }
            case Note.FollowerGone(var follower) -> {
                cell.unfollow(follower);
                yield this;
            }
            case Note.ToServing _, Note.ToPublisher _, Note.ToEnding _ -> this; // of the time before the fence
        };
    }

    private Behavior<DatabaseMessage> onNotice(DurabilityNotice notice) {
        ActorRef running = child;
        if (isEnding || running == null) {
            return this;
        }
        return switch (notice) {
            case DurabilityNotice.Recovered(long offset, Outbox outbox) -> next(running, offset, outbox);
            case DurabilityNotice.RecoveryFailed(String reason) -> {
                problem = reason;
                yield this;
            }
        };
    }

    private Behavior<DatabaseMessage> next(ActorRef running, long offset, Outbox outbox) {
        Program program = state.program();
        Datastore store = state.store();
        Journal journal = new Journal(running, outbox);
        cell.admission().onlyControl(false);
        if (program == null || store == null) {
            return new Empty(cell, journal, offset);
        }
        cell.context().getLog().debug("database {} is recovered up to offset {}", cell.database(), offset);
        return Serving.recovered(cell, journal, program, store, offset);
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        ActorRef running = child;
        if (signal instanceof Terminated terminated
                && running != null
                && Adapter.toClassic(terminated.getRef()).equals(running)) {
            child = null;
            Outbox lost = toLose;
            toLose = null;
            if (lost != null) {
                lost.loseAll();
            }
            if (!isEnding) {
                cell.admission().turnAway(unavailable());
            }
            isEnding = false;
            readLater();
        } else if (signal instanceof PostStop) {
            state.abandon();
            Outbox lost = toLose;
            if (lost != null) {
                lost.loseAll();
            }
            cell.stopped();
        }
        return Cell.after(signal, this);
    }

    private Database.Unavailable unavailable() {
        return new Database.Unavailable("the database recovers: " + (problem == null ? "its journal failed" : problem));
    }

    private void readLater() {
        cell.timers().startSingleTimer(Note.Recover.INSTANCE, Note.Recover.INSTANCE, pause);
        Duration doubled = pause.multipliedBy(2);
        Duration most = cell.settings().durability().restartBackoffMax();
        pause = doubled.compareTo(most) > 0 ? most : doubled;
    }
}
