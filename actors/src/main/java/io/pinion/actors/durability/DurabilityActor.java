package io.pinion.actors.durability;

import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.DeleteMessagesFailure;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.Recovery;
import org.apache.pekko.persistence.RecoveryCompleted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * Writes the log of one database and releases what waits for it. At most one write is in flight; whatever is committed
 * meanwhile is the next one.
 *
 * <p>It does not read the log itself: it is told how far the log was read, and compares that with the journal.
 *
 * <p>Comparing → opening: the log ends there, and there is a database. Opening → idle: {@code Opened} is written. Comparing
 * → idle: there is no database, then {@code Opened} goes with the first batch. Comparing → stopped: there is more in the
 * journal, which has to be read first. Idle → writing: something to write was taken. Writing → idle: it is durable. Any →
 * stopped: a write failed or was rejected, or anything here threw. It never restarts: the database sees it end and takes
 * what is left for unknown.
 */
public final class DurabilityActor extends AbstractPersistentActor {
    /** Configuration path of the dispatcher it runs on. */
    public static final String DISPATCHER = "pinion.durability-dispatcher";

    private static final Logger log = LoggerFactory.getLogger(DurabilityActor.class);
    private static final int BATCH_COUNT_MAX = 1 << 14;

    private enum Command {
        OPEN,
        CARRY_ON
    }

    private final Identity database;
    private final DurabilitySettings settings;
    private final LongSupplier epochMicros;
    private final ActorRef<? super DurabilityNotice> owner;
    private final LogPosition position;
    private final SnapshotTrigger snapshotTrigger;
    private final long epoch;
    private final Outbox outbox;
    private final BsatnWriter batch = new BsatnWriter(1 << 12);

    private long offsetWritten;
    private boolean isOpened;
    private boolean isWriting;

    private DurabilityActor(
            Identity database,
            DurabilitySettings settings,
            LongSupplier epochMicros,
            LogPosition position,
            SnapshotTrigger snapshotTrigger,
            ActorRef<? super DurabilityNotice> owner) {
        // The superclass asks for the journal while it is constructed.
        this.database = database;
        this.settings = settings;
        super();
        this.epochMicros = epochMicros;
        this.owner = owner;
        this.position = position;
        this.snapshotTrigger = snapshotTrigger;
        this.offsetWritten = position.offset();
        this.epoch = position.epoch() + 1;
        this.outbox = new Outbox(settings.bytesInFlightMax(), () -> getSelf().tell(Command.CARRY_ON, getSelf()));
    }

    /**
     * The child of one database.
     *
     * @param epochMicros wall clock
     * @param position how far the log was read
     * @param snapshotTrigger the child's from now on
     */
    public static Props props(
            Identity database,
            DurabilitySettings settings,
            LongSupplier epochMicros,
            LogPosition position,
            SnapshotTrigger snapshotTrigger,
            ActorRef<? super DurabilityNotice> owner) {
        return Props.create(
                        DurabilityActor.class,
                        () -> new DurabilityActor(database, settings, epochMicros, position, snapshotTrigger, owner))
                .withDispatcher(DISPATCHER);
    }

    @Override
    public String persistenceId() {
        return LogNames.log(database);
    }

    @Override
    public String journalPluginId() {
        return settings.journalPluginId();
    }

    @Override
    public Recovery recovery() {
        return Recovery.none();
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder()
                .match(RecoveryCompleted.class, _ -> guarded(this::compare))
                .build();
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder()
                .match(Command.class, command -> guarded(() -> onCommand(command)))
                .match(DeleteMessagesSuccess.class, _ -> log.debug("the log of database {} is deleted", database))
                .match(
                        DeleteMessagesFailure.class,
                        failure -> log.warn("the log of ended database {} stays", database, failure.cause()))
                .build();
    }

    private void compare() {
        long last = lastSequenceNr();
        if (last > position.sequenceNr()) {
            owner.tell(new DurabilityNotice.Behind(last));
            getContext().stop(getSelf());
        } else if (last < position.sequenceNr()) {
            owner.tell(new DurabilityNotice.RecoveryFailed("the journal ends at sequence number " + last + ", but "
                    + position.sequenceNr() + " was read from it"));
            getContext().stop(getSelf());
        } else if (position.isSilent()) {
            recovered();
        } else {
            getSelf().tell(Command.OPEN, getSelf());
        }
    }

    private void recovered() {
        noteDurable();
        owner.tell(new DurabilityNotice.Recovered(position.offset(), outbox));
    }

    private void onCommand(Command command) {
        switch (command) {
            case OPEN -> open();
            case CARRY_ON -> carryOn();
        }
    }

    private void open() {
        write(new ArrayList<>(), this::recovered);
    }

    private void carryOn() {
        while (!isWriting) {
            if (gatherAndWrite()) {
                return;
            }
            outbox.releaseTaken();
            if (outbox.peek() == null && outbox.sleep()) {
                return;
            }
        }
    }

    /** Takes what waits, up to one event's worth of entries. Answers between them are taken along in order. */
    private boolean gatherAndWrite() {
        long offsetFirst = 0;
        int count = 0;
        boolean isEnd = false;
        Pending next = outbox.peek();
        while (next != null && !isEnd && hasRoomFor(next, count)) {
            LogEntry entry = next.entry();
            if (entry != null) {
                if (count == 0) {
                    offsetFirst = next.offset();
                    EventCodec.beginBatch(batch, epoch, offsetFirst);
                }
                EventCodec.addEntry(batch, entry);
                count++;
                isEnd = entry instanceof LogEntry.Deleted;
            }
            outbox.take();
            next = outbox.peek();
        }
        if (count == 0) {
            return false;
        }
        offsetWritten = offsetFirst + count - 1;
        countForSnapshot(batch.length(), count);
        List<byte[]> events = EventCodec.finishBatch(batch, epoch, offsetFirst, count, settings.eventBytesMax());
        write(events, isEnd ? this::ended : this::written);
        return true;
    }

    private boolean hasRoomFor(Pending next, int count) {
        if (count == 0 || next.entry() == null) {
            return true;
        }
        // The end of a database stands in an event of its own, so that everything before it can be deleted.
        return !(next.entry() instanceof LogEntry.Deleted)
                && count < BATCH_COUNT_MAX
                && batch.length() + next.bytes() < settings.eventBytesMax();
    }

    /** Writes the events as one, behind {@code Opened} if that was not written yet. */
    private void write(List<byte[]> events, Runnable whenDurable) {
        List<byte[]> all = events;
        if (!isOpened) {
            all = new ArrayList<>(events.size() + 1);
            all.add(EventCodec.opened(new Event.Opened(
                    epoch, epochMicros.getAsLong(), getContext().getSystem().name())));
            all.addAll(events);
        }
        isWriting = true;
        Countdown countdown = new Countdown(all.size(), whenDurable);
        persistAllAsync(all, _ -> guarded(countdown::down));
    }

    private void countForSnapshot(long bytes, long entries) {
        if (snapshotTrigger.isDueAfter(bytes, entries, epochMicros.getAsLong())) {
            owner.tell(DurabilityNotice.LogIsLong.INSTANCE);
        }
    }

    private void noteDurable() {
        long epochWritten = isOpened ? epoch : position.epoch();
        outbox.durable(new LogPosition(lastSequenceNr(), epochWritten, offsetWritten, !isOpened));
    }

    private void written() {
        noteDurable();
        outbox.releaseTaken();
        // Not at once: a write from here would wait for the next message before it is sent to the journal.
        getSelf().tell(Command.CARRY_ON, getSelf());
    }

    private void ended() {
        deleteMessages(lastSequenceNr() - 1);
        written();
    }

    /** Counts the events of one write. */
    private final class Countdown {
        private final Runnable whenDurable;
        private int left;

        Countdown(int left, Runnable whenDurable) {
            this.left = left;
            this.whenDurable = whenDurable;
        }

        void down() {
            left--;
            if (left == 0) {
                isOpened = true;
                isWriting = false;
                whenDurable.run();
            }
        }
    }

    @Override
    public void onRecoveryFailure(Throwable cause, Option<Object> event) {
        log.error("database {} cannot be recovered", database, cause);
        owner.tell(new DurabilityNotice.RecoveryFailed("the journal cannot be read: " + cause.getMessage()));
    }

    @Override
    public void onPersistFailure(Throwable cause, Object event, long sequenceNr) {
        log.error("database {} could not write its log at sequence number {}", database, sequenceNr, cause);
    }

    @Override
    public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
        log.error("the journal rejected what database {} wrote at {}", database, sequenceNr, cause);
        getContext().stop(getSelf());
    }

    /** A parent would restart it, and then nobody would learn of what was in flight. */
    @Override
    public void postRestart(Throwable reason) {
        getContext().stop(getSelf());
    }

    /** Whatever is thrown ends this actor: fatal errors too, which would otherwise leave it alive and half done. */
    @SuppressWarnings("IllegalCatch") // the database takes the end of this actor for the failure it is
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            log.error("the log of database {} failed", database, e);
            getContext().stop(getSelf());
        }
    }

    /** For tests and logs. */
    @Override
    public String toString() {
        return persistenceId() + (isOpened ? " epoch " + epoch : " not opened");
    }
}
