package io.pinion.actors.durability;

import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.DeleteMessagesFailure;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.Recovery;
import org.apache.pekko.persistence.RecoveryCompleted;
import org.jspecify.annotations.Nullable;
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
 * stopped: a write failed or was rejected, is not answered for too long, or anything here threw. It never restarts: the
 * database sees it end and starts a successor with the same outbox.
 *
 * <p>A successor: comparing → idle: nothing was in flight and the log ends where it was durable. Comparing → writing: what
 * was in flight is not in the journal and is sent again, the same bytes under the same numbers. Comparing → idle: it is
 * there, byte for byte. Comparing → stopped: something else is there, so somebody else writes the log. A batch is
 * recognised by its bytes: its epoch is this owner's alone, and no two batches of one epoch begin at the same offset.
 *
 * <p>With a journal that others reach, answers that wrote nothing wait for a barrier: idle → checking: the journal is asked
 * whether anybody has written behind this owner. Checking → idle: nobody has, and what was taken before is released.
 */
public final class DurabilityActor extends AbstractPersistentActor {
    /** Configuration path of the dispatcher it runs on, unless the journal has one for writers. */
    public static final String DISPATCHER = "pinion.durability-dispatcher";

    private static final Logger log = LoggerFactory.getLogger(DurabilityActor.class);
    private static final int BATCH_COUNT_MAX = 1 << 14;

    private enum Command {
        OPEN,
        CARRY_ON,
        CHECK_WRITE
    }

    /**
     * What stands in the journal behind the last event known.
     *
     * @param before number of that event
     */
    private record Tail(
            long before, List<LoggedEvent> events, @Nullable Throwable failure) {}

    private final Identity database;
    private final DurabilitySettings settings;
    private final LongSupplier epochMicros;
    private final Recoveries recoveries;
    private final JournalMeter meter;
    private final ActorRef<? super DurabilityNotice> owner;
    private final LogPosition position;
    private final SnapshotTrigger snapshotTrigger;
    private final long epoch;
    private final Outbox outbox;
    private final BsatnWriter batch = new BsatnWriter(1 << 12);

    private final boolean isSuccessor;
    private long offsetWritten;
    private boolean isOpened;
    private boolean isWriting;
    private boolean isChecking;
    /** Null when no write is watched. */
    private @Nullable Cancellable watch;

    private long writeCount;
    private long writeCountSeen;

    private DurabilityActor(
            Identity database,
            Surroundings surroundings,
            LogPosition position,
            SnapshotTrigger snapshotTrigger,
            @Nullable Outbox outboxBefore) {
        // The superclass asks for the journal while it is constructed.
        this.database = database;
        this.settings = surroundings.settings();
        super();
        this.epochMicros = surroundings.epochMicros();
        this.recoveries = surroundings.recoveries();
        this.meter = surroundings.meter();
        this.owner = surroundings.owner();
        this.position = position;
        this.snapshotTrigger = snapshotTrigger;
        this.offsetWritten = position.offset();
        this.isSuccessor = outboxBefore != null;
        this.isOpened = isSuccessor && !position.isSilent();
        this.epoch = isOpened ? position.epoch() : position.epoch() + 1;
        Runnable wake = () -> getSelf().tell(Command.CARRY_ON, getSelf());
        if (outboxBefore == null) {
            this.outbox = new Outbox(settings.bytesInFlightMax(), wake);
        } else {
            this.outbox = outboxBefore;
            outboxBefore.attach(wake);
        }
    }

    /**
     * What a child works with.
     *
     * @param epochMicros wall clock
     * @param meter counts what is written
     * @param owner is told what becomes of it
     */
    public record Surroundings(
            DurabilitySettings settings,
            LongSupplier epochMicros,
            Recoveries recoveries,
            JournalMeter meter,
            ActorRef<? super DurabilityNotice> owner) {}

    /**
     * The child of one database.
     *
     * @param position how far the log was read
     * @param snapshotTrigger the child's from now on
     */
    public static Props props(
            Identity database, Surroundings surroundings, LogPosition position, SnapshotTrigger snapshotTrigger) {
        return Props.create(
                        DurabilityActor.class,
                        () -> new DurabilityActor(database, surroundings, position, snapshotTrigger, null))
                .withDispatcher(surroundings.settings().writerDispatcher());
    }

    /**
     * Takes the place of a child that has ended.
     *
     * @param outbox of that child
     */
    public static Props successor(
            Identity database, Surroundings surroundings, SnapshotTrigger snapshotTrigger, Outbox outbox) {
        return Props.create(
                        DurabilityActor.class,
                        () -> new DurabilityActor(database, surroundings, outbox.durable(), snapshotTrigger, outbox))
                .withDispatcher(surroundings.settings().writerDispatcher());
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
                .match(Tail.class, tail -> guarded(() -> onTail(tail)))
                .match(DeleteMessagesSuccess.class, _ -> log.debug("the log of database {} is deleted", database))
                .match(
                        DeleteMessagesFailure.class,
                        failure -> log.warn("the log of ended database {} stays", database, failure.cause()))
                .build();
    }

    private void compare() {
        long last = lastSequenceNr();
        if (last < position.sequenceNr()) {
            owner.tell(new DurabilityNotice.RecoveryFailed("the journal ends at sequence number " + last + ", but "
                    + position.sequenceNr() + " was there before"));
            getContext().stop(getSelf());
        } else if (isSuccessor) {
            compareTail(last);
        } else if (last > position.sequenceNr()) {
            owner.tell(new DurabilityNotice.Behind(last));
            getContext().stop(getSelf());
        } else if (position.isSilent()) {
            recovered();
        } else {
            getSelf().tell(Command.OPEN, getSelf());
        }
    }

    private void compareTail(long last) {
        if (last == position.sequenceNr()) {
            getSelf().tell(new Tail(last, List.of(), null), getSelf());
        } else {
            readTail(position.sequenceNr());
        }
    }

    private void readTail(long before) {
        isChecking = true;
        InFlight sent = outbox.inFlight();
        long countMax = sent == null ? 1 : sent.events().size() + 1L;
        org.apache.pekko.actor.ActorRef self = getSelf();
        var _ = recoveries.events(persistenceId(), before + 1, countMax).whenComplete((events, failure) -> {
            self.tell(new Tail(before, failure == null ? events : List.of(), failure), self);
        });
    }

    private void onTail(Tail tail) {
        isChecking = false;
        if (tail.failure() != null) {
            throw new IllegalStateException("the end of the log cannot be read", tail.failure());
        }
        if (tail.events().isEmpty()) {
            // Otherwise the next write would go behind what was not given.
            IncompleteLogException.requireEnd(tail.before(), lastSequenceNr());
        }
        InFlight sent = outbox.inFlight();
        if (sent != null) {
            settle(sent, tail.events());
        } else if (tail.events().isEmpty()) {
            outbox.releaseTaken();
            settled();
        } else {
            foreign(tail.events().getFirst().sequenceNr());
        }
    }

    private void settle(InFlight sent, List<LoggedEvent> found) {
        if (found.isEmpty()) {
            log.info("database {} sends a write again that is not in the journal", database);
            send(sent, () -> onSettledWrite(sent));
        } else if (isSame(sent.events(), found)) {
            log.info("database {} finds in the journal what it had sent", database);
            isOpened = true;
            onSettledWrite(sent);
        } else {
            foreign(found.getFirst().sequenceNr());
        }
    }

    private static boolean isSame(List<byte[]> sent, List<LoggedEvent> found) {
        boolean isSame = sent.size() == found.size();
        for (int i = 0; isSame && i < sent.size(); i++) {
            isSame = Arrays.equals(sent.get(i), found.get(i).unsafeArray());
        }
        return isSame;
    }

    private void onSettledWrite(InFlight sent) {
        offsetWritten = sent.offsetLast();
        whenWritten(sent);
        settled();
    }

    private void settled() {
        if (isSuccessor) {
            owner.tell(DurabilityNotice.Settled.INSTANCE);
        }
        getSelf().tell(Command.CARRY_ON, getSelf());
    }

    private void foreign(long sequenceNr) {
        owner.tell(new DurabilityNotice.Foreign("event " + sequenceNr + " of its log is not its own"));
        getContext().stop(getSelf());
    }

    private void recovered() {
        noteDurable();
        owner.tell(new DurabilityNotice.Recovered(position.offset(), outbox));
    }

    private void onCommand(Command command) {
        switch (command) {
            case OPEN -> open();
            case CARRY_ON -> carryOn();
            case CHECK_WRITE -> checkWrite();
        }
    }

    private void open() {
        send(new InFlight(opened(List.of()), position.offset(), false), this::recovered);
    }

    private void carryOn() {
        while (!isWriting && !isChecking) {
            if (gatherAndWrite()) {
                return;
            }
            if (settings.isJournalShared() && outbox.hasTaken()) {
                readTail(lastSequenceNr());
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
            // A child that failed between may have left some that are durable.
            if (entry != null && next.offset() > outbox.durable().offset()) {
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
        long offsetLast = offsetFirst + count - 1;
        countForSnapshot(batch.length(), count);
        List<byte[]> events = EventCodec.finishBatch(batch, epoch, offsetFirst, count, settings.eventBytesMax());
        InFlight sent = new InFlight(opened(events), offsetLast, isEnd);
        outbox.inFlight(sent);
        send(sent, () -> whenWritten(sent));
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

    /** The events behind {@code Opened}, if that was not written yet. */
    private List<byte[]> opened(List<byte[]> events) {
        if (isOpened) {
            return events;
        }
        List<byte[]> all = new ArrayList<>(events.size() + 1);
        all.add(EventCodec.opened(new Event.Opened(epoch, epochMicros.getAsLong(), writer())));
        all.addAll(events);
        return all;
    }

    /** Nobody else's, so that no two nodes that open a log at the same moment take the same event for theirs. */
    private String writer() {
        return getContext().getSystem().name() + " " + UUID.randomUUID();
    }

    private void send(InFlight sent, Runnable whenDurable) {
        isWriting = true;
        writeCount++;
        watchWrites();
        Countdown countdown = new Countdown(sent.events(), whenDurable);
        persistAllAsync(sent.events(), _ -> guarded(countdown::down));
    }

    private void watchWrites() {
        if (watch == null) {
            writeCountSeen = writeCount;
            watch = getContext()
                    .getSystem()
                    .scheduler()
                    .scheduleOnce(
                            settings.writeTimeout(),
                            getSelf(),
                            Command.CHECK_WRITE,
                            getContext().getDispatcher(),
                            getSelf());
        }
    }

    /** A timer that is left would keep the whole database in memory until it ends. */
    @Override
    public void postStop() throws Exception {
        if (watch != null) {
            watch.cancel();
        }
        super.postStop();
    }

    private void checkWrite() {
        watch = null;
        if (isWriting && writeCount == writeCountSeen) {
            throw new IllegalStateException("the journal has not answered for " + settings.writeTimeout());
        }
        if (isWriting) {
            watchWrites();
        }
    }

    private void whenWritten(InFlight sent) {
        outbox.inFlight(null);
        offsetWritten = sent.offsetLast();
        if (sent.isEnd()) {
            deleteMessages(lastSequenceNr() - 1);
        }
        noteDurable();
        outbox.releaseTaken();
        // Not at once: a write from here would wait for the next message before it is sent to the journal.
        getSelf().tell(Command.CARRY_ON, getSelf());
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

    /** Counts the events of one write. */
    private final class Countdown {
        private final List<byte[]> events;
        private final Runnable whenDurable;
        private final long startNanos = System.nanoTime();
        private int left;

        Countdown(List<byte[]> events, Runnable whenDurable) {
            this.events = events;
            this.left = events.size();
            this.whenDurable = whenDurable;
        }

        void down() {
            left--;
            if (left == 0) {
                isOpened = true;
                isWriting = false;
                long bytes = events.stream().mapToLong(event -> event.length).sum();
                meter.written(events.size(), bytes, System.nanoTime() - startNanos);
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
        meter.failed();
        log.error("database {} could not write its log at sequence number {}", database, sequenceNr, cause);
    }

    @Override
    public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
        meter.failed();
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
