package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.DurabilityActor;
import io.pinion.actors.durability.DurabilityNotice;
import io.pinion.actors.durability.IndexCodec;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.IndexedEntry;
import io.pinion.actors.durability.LogDamage;
import io.pinion.actors.durability.LogLength;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.LogReadException;
import io.pinion.actors.durability.LogRecovery;
import io.pinion.actors.durability.Outbox;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.store.tx.Datastore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
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
 * <p>Ending: the child of a fenced database is stopped; when it has ended, what waits in its outbox is lost → comparing, or
 * pausing if it failed. Comparing: a fresh child is told how far the log was read → empty or serving when the journal ends
 * there; → reading when there is more. Reading: off the core, as a stream → comparing when it is done; → damaged when
 * something in the log does not fit; → pausing when the journal fails. Pausing → comparing after a time, from the
 * beginning. Damaged or pausing → cutting: an operator cuts the log where it cannot be read. Cutting → comparing. A log
 * that was found damaged stays so while it is read again, until the reading comes past the damage: it may be cut meanwhile.
 *
 * <p>Commands wait, except while pausing and damaged: then they are told why.
 */
final class Recovering extends AbstractMatchingBehavior<DatabaseMessage> {
    private final Cell cell;
    private RecoveredState state;
    private @Nullable LogRecovery recovery;
    private @Nullable ActorRef child;
    private @Nullable Outbox toLose;
    private @Nullable String problem;
    private @Nullable LogDamage damage;
    /** The newest one before the damage. */
    private long damageEpoch;

    private Duration pause;
    private long attempt;
    private long sequenceNrLast;
    private boolean isEnding;
    private final boolean hasServed;

    /** @param hasServed whether connections of this very database may still be there */
    private Recovering(Cell cell, boolean hasServed) {
        super(cell.context());
        this.cell = cell;
        this.hasServed = hasServed;
        this.state = emptyState(cell);
        cell.admission().onlyControl(true);
        this.pause = cell.settings().durability().restartBackoffMin();
    }

    /** Waiting for a restored state is rare, and told to the pool that the waiting thread belongs to. */
    private static RecoveredState emptyState(Cell cell) {
        return new RecoveredState(
                new RequestWindow(cell.settings().durability().requests()),
                new RecentCommits(cell.settings().resume().commitsBytesMax()),
                restored -> cell.services()
                        .snapshots()
                        .load(cell.database(), restored)
                        .toCompletableFuture()
                        .join());
    }

    static Behavior<DatabaseMessage> start(Cell cell) {
        Recovering recovering = new Recovering(cell, false);
        recovering.onMessage(Note.Recover.INSTANCE);
        return recovering;
    }

    /**
     * A fenced database.
     *
     * @param child of which the end is being watched; stopped here
     */
    static Behavior<DatabaseMessage> fence(Cell cell, ActorRef child, Outbox toLose) {
        Recovering recovering = new Recovering(cell, true);
        recovering.isEnding = true;
        recovering.child = child;
        recovering.toLose = toLose;
        Adapter.stop(cell.context(), child);
        return recovering;
    }

    /** As {@link #fence}, when the child has ended already. */
    static Behavior<DatabaseMessage> afterFence(Cell cell, Outbox toLose) {
        toLose.loseAll();
        Recovering recovering = new Recovering(cell, true);
        recovering.beginLater();
        return recovering;
    }

    private void begin() {
        problem = null;
        attempt++;
        cell.admission().takeUp();
        state = emptyState(cell);
        LogRecovery begun = cell.services().recoveries().begin(cell.database(), state);
        recovery = begun;
        cell.vitals().recovering(begun, damage);
        compare(begun.position());
    }

    private void compare(LogPosition position) {
        ActorRef started = Adapter.actorOf(
                cell.context(),
                DurabilityActor.props(
                        cell.database(),
                        cell.durability(),
                        position,
                        cell.settings()
                                .snapshot()
                                .trigger(length(cell.services().clock()))),
                cell.childName("durability"));
        Adapter.watch(cell.context(), started);
        child = started;
    }

    private LogLength length(Clock clock) {
        return Objects.requireNonNull(recovery).length(clock.epochMicros());
    }

    private void readTo(LogRecovery running, long last) {
        sequenceNrLast = last;
        long mine = attempt;
        RecoveredState target = state;
        CompletionStage<LogPosition> reading = cell.services()
                .orders(cell.database())
                .thenAccept(target::orders)
                .thenCompose(_ -> cell.services().recoveries().index(cell.database()))
                .thenCompose(index -> restore(running, index).thenCompose(_ -> running.readTo(last, cuts(index))));
        cell.context()
                .pipeToSelf(
                        reading,
                        (position, failure) ->
                                failure == null ? new Note.LogRead(mine) : new Note.LogNotRead(mine, failure));
    }

    /** From the newest snapshot, if nothing was read yet and there is one. */
    private CompletionStage<Void> restore(LogRecovery running, List<IndexedEntry> index) {
        if (running.position().sequenceNr() > 0) {
            return CompletableFuture.completedStage(null);
        }
        RecoveredState target = state;
        return cell.services().snapshots().newest(cell.database(), index).thenAccept(found -> {
            running.snapshotsLeftOut(found.leftOut());
            found.newest().ifPresent(loaded -> {
                target.restore(loaded);
                running.restored(loaded.snapshot());
            });
        });
    }

    /** What of a log does not count. */
    static List<IndexEntry.Cut> cuts(List<IndexedEntry> index) {
        return index.stream()
                .map(IndexedEntry::entry)
                .filter(IndexEntry.Cut.class::isInstance)
                .map(IndexEntry.Cut.class::cast)
                .toList();
    }

    @Override
    @SuppressWarnings("IllegalCatch") // what leaves here leaves an actor behind that answers nobody
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        try {
            return dispatch(message);
        } catch (Throwable e) {
            giveUp(e);
            return this;
        }
    }

    /** Drops what this attempt has come to, for another. A child that was being ended still ends. */
    private void giveUp(Throwable error) {
        cell.context().getLog().error("the recovery of database {} ended in an error", cell.database(), error);
        if (isEnding) {
            return;
        }
        problem = "it ended in an error of the host";
        cell.admission().onlyControl(true);
        abandon();
        beginLater();
    }

    /** Ends what is under way without waiting for it. */
    private void abandon() {
        state.abandon();
        LogRecovery running = recovery;
        ActorRef started = child;
        recovery = null;
        child = null;
        if (running != null) {
            running.cancel();
        }
        if (started != null) {
            Adapter.unwatch(cell.context(), started);
            Adapter.stop(cell.context(), started);
        }
    }

    private Behavior<DatabaseMessage> dispatch(DatabaseMessage message) {
        return switch (message) {
            case Command.Rebind rebind -> {
                cell.rebind(rebind);
                yield this;
            }
            case Command.SetWeight weight -> {
                cell.setWeight(weight);
                yield this;
            }
            case Command.TruncateLog truncate -> {
                onTruncate(truncate);
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
        switch (note) {
            case Note.FromDurability(DurabilityNotice notice) -> {
                return onNotice(notice);
            }
            case Note.LogRead(long read) -> {
                if (read == attempt && recovery != null) {
                    compare(recovery.position());
                }
            }
            case Note.LogNotRead(long read, Throwable cause) -> {
                if (read == attempt) {
                    onLogNotRead(cause);
                }
            }
            case Note.LogCut cut -> onLogCut(cut);
            case Note.LogNotCut notCut -> onLogNotCut(notCut);
            case Note.Recover _ -> begin();
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.OrderEnded ended -> cell.orders().onEnded(ended);
            case Note.ToServing _, Note.ToPublisher _, Note.ToEnding _ -> {} // of the time before the fence
        }
        return this;
    }

    private Behavior<DatabaseMessage> onNotice(DurabilityNotice notice) {
        ActorRef running = child;
        LogRecovery reading = recovery;
        if (isEnding || running == null || reading == null) {
            return this;
        }
        switch (notice) {
            case DurabilityNotice.Behind(long last) -> {
                Adapter.unwatch(cell.context(), running);
                child = null;
                readTo(reading, last);
            }
            case DurabilityNotice.Recovered(long offset, Outbox outbox) -> {
                return next(running, offset, outbox);
            }
            case DurabilityNotice.RecoveryFailed(String reason) -> problem = reason;
            case DurabilityNotice.LogIsLong _,
                    DurabilityNotice.Settled _,
                    DurabilityNotice.Foreign _ -> {} // other notes
        }
        return this;
    }

    private Behavior<DatabaseMessage> next(ActorRef running, long offset, Outbox outbox) {
        Program program = state.program();
        Datastore store = state.store();
        Journal journal = new Journal(running, outbox);
        cell.requests(state.requests());
        cell.orders().recovered(state.orders());
        cell.admission().onlyControl(false);
        cell.vitals().recovered();
        recovery = null;
        if (program == null || store == null) {
            return new Empty(cell, journal, offset);
        }
        cell.context().getLog().debug("database {} is recovered up to offset {}", cell.database(), offset);
        boolean mayReturn = hasServed || cell.settings().durability().isJournalShared();
        return Serving.recovered(cell, journal, program, store, offset, mayReturn ? state.recent() : null);
    }

    private void onLogNotRead(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        problem = String.valueOf(cause.getMessage());
        state = emptyState(cell);
        boolean mayPass = true;
        if (cause instanceof LogReadException unread) {
            damage = unread.damage();
            damageEpoch = recovery == null ? 0 : recovery.position().epoch();
            mayPass = unread.mayPass();
            cell.vitals().damaged(unread.damage());
        }
        cell.context().getLog().error("database {} cannot be recovered", cell.database(), cause);
        cell.admission().turnAway(unavailable());
        if (mayPass) {
            beginLater();
        }
    }

    private void onTruncate(Command.TruncateLog command) {
        LogDamage found = damage;
        LogRecovery reading = recovery;
        if (found == null || (reading != null && reading.isPast(found))) {
            command.replyTo().tell(Outcomes.NOT_DAMAGED);
        } else if (found.offset() != command.offset()) {
            command.replyTo()
                    .tell(new Database.NotTruncated("the log is intact up to offset " + found.offset() + ", not "
                            + command.offset() + "; cut is what follows it"));
        } else {
            cut(command, found);
        }
    }

    private void cut(Command.TruncateLog command, LogDamage found) {
        cell.timers().cancel(Note.Recover.INSTANCE);
        attempt++;
        abandon();
        damage = null;
        long last = Math.max(sequenceNrLast, found.sequenceNr());
        long count = last - found.sequenceNr() + 1;
        // Every event that is cut may have opened another epoch.
        IndexEntry.Cut cut = new IndexEntry.Cut(
                cell.services().clock().epochMicros(), found.sequenceNr(), last, found.offset(), damageEpoch + count);
        cell.context()
                .pipeToSelf(
                        cell.services().sideLogs().append(LogNames.index(cell.database()), IndexCodec.write(cut)),
                        (sequenceNr, failure) -> failure == null
                                ? new Note.LogCut(command, count)
                                : new Note.LogNotCut(command, failure));
    }

    private void onLogCut(Note.LogCut cut) {
        long offset = cut.command().offset();
        cell.context()
                .getLog()
                .warn(
                        "the log of database {} was cut at offset {}: {} events do not count any more",
                        cell.database(),
                        offset,
                        cut.eventsCut());
        cut.command().replyTo().tell(new Database.LogTruncated(offset, cut.eventsCut()));
        begin();
    }

    private void onLogNotCut(Note.LogNotCut notCut) {
        notCut.command()
                .replyTo()
                .tell(new Database.NotTruncated(
                        "the journal failed: " + notCut.cause().getMessage()));
        beginLater();
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        ActorRef running = child;
        if (signal instanceof Terminated terminated
                && running != null
                && Adapter.toClassic(terminated.getRef()).equals(running)) {
            child = null;
            loseOutbox();
            if (!isEnding) {
                cell.admission().turnAway(unavailable());
            }
            isEnding = false;
            beginLater();
        } else if (signal instanceof PostStop) {
            state.abandon();
            loseOutbox();
            if (recovery != null) {
                recovery.cancel();
            }
            cell.stopped();
        }
        return Cell.after(signal, this);
    }

    private void loseOutbox() {
        Outbox lost = toLose;
        toLose = null;
        if (lost != null) {
            lost.loseAll();
        }
    }

    private Database.Unavailable unavailable() {
        return new Database.Unavailable("the database recovers: " + (problem == null ? "its journal failed" : problem));
    }

    private void beginLater() {
        cell.timers().startSingleTimer(Note.Recover.INSTANCE, Note.Recover.INSTANCE, pause);
        Duration doubled = pause.multipliedBy(2);
        Duration most = cell.settings().durability().restartBackoffMax();
        pause = doubled.compareTo(most) > 0 ? most : doubled;
    }
}
