package io.pinion.actors.durability;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.pf.PFBuilder;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log of one database into its state, once or piece by piece.
 *
 * <pre>
 *   journal ── events ──> decoders (checksums, entries; several at a time) ── in order ──> one thread applies
 * </pre>
 *
 * The stream is back-pressured: no more events are in memory than are being decoded, whatever the size of the log. One
 * caller at a time, which asks for the next piece when it has the one before; {@link #progress} and {@link #cancel} are for
 * any thread.
 */
public final class LogRecovery {
    private static final Logger log = LoggerFactory.getLogger(LogRecovery.class);

    private final String persistenceId;
    private final Recoveries shared;
    private final RecoveryMeter meter = new RecoveryMeter();
    private final Replay replay;
    private final SharedKillSwitch killSwitch;
    private long loggedNanos = System.nanoTime();
    private long logBytes;
    private long offsetMin;
    private long sinceMicros;
    private boolean hasLeftOut;

    LogRecovery(String persistenceId, Recoveries shared, LogReplay target) {
        this.persistenceId = persistenceId;
        this.shared = shared;
        this.replay = new Replay(target, meter);
        this.killSwitch = KillSwitches.shared(persistenceId);
    }

    /** How far everything is applied. */
    public LogPosition position() {
        return replay.position();
    }

    public RecoveryProgress progress() {
        return meter.progress();
    }

    /** Whether it has read what could not be read another time. Any thread. */
    public boolean isPast(LogDamage found) {
        return progress().sequenceNr() >= found.sequenceNr();
    }

    /** What of the log itself was read, without what a snapshot spared. */
    public LogLength length(long nowMicros) {
        return new LogLength(
                logBytes, replay.position().offset() - offsetMin, sinceMicros == 0 ? nowMicros : sinceMicros);
    }

    /** The state is that of a snapshot: what is in it is not applied again. Before anything is read. */
    public void restored(IndexEntry.Snapshot snapshot) {
        replay.resume(snapshot.log(), snapshot.offset());
        meter.restored(snapshot);
        offsetMin = snapshot.offset();
        sinceMicros = snapshot.timestampMicros();
    }

    /** So many snapshots could not be read: what the log lacks because of that may be found another time. */
    public void snapshotsLeftOut(int count) {
        hasLeftOut = count > 0;
    }

    /** Ends the reading that is under way, and any that comes: it fails. */
    public void cancel() {
        killSwitch.abort(new CancellationException("the recovery was cancelled"));
    }

    /**
     * Reads on from where it stands.
     *
     * @param sequenceNrLast included: of the last event there is
     * @param cuts what does not count
     * @return completes when everything is applied, or fails with a {@link LogReadException}
     */
    public CompletionStage<LogPosition> readTo(long sequenceNrLast, List<IndexEntry.Cut> cuts) {
        meter.target(sequenceNrLast);
        List<Source<Step, NotUsed>> pieces = pieces(sequenceNrLast, cuts);
        return shared.permits()
                .run(() -> Source.from(pieces)
                        .flatMapConcat(piece -> piece)
                        .mapAsync(shared.lookAhead(), this::decode)
                        .via(killSwitch.flow())
                        .runWith(Sink.foreach(this::apply).withAttributes(shared.attributes()), shared.materializer()))
                .thenApply(_ -> end(sequenceNrLast));
    }

    private LogPosition end(long sequenceNrLast) {
        guarded(sequenceNrLast, () -> replay.requireEnd(sequenceNrLast));
        LogPosition end = replay.position();
        if (end.offset() < offsetMin) {
            String problem = "it ends there, but a snapshot has offset " + offsetMin;
            throw failure(end, end.sequenceNr() + 1, false, new CorruptEventException(problem));
        }
        return end;
    }

    private List<Source<Step, NotUsed>> pieces(long last, List<IndexEntry.Cut> cuts) {
        List<Source<Step, NotUsed>> pieces = new ArrayList<>();
        long next = replay.position().sequenceNr() + 1;
        for (IndexEntry.Cut cut : inOrder(cuts)) {
            if (cut.sequenceNrFirst() >= next && cut.sequenceNrFirst() <= last) {
                pieces.add(events(next, cut.sequenceNrFirst() - 1));
                pieces.add(Source.single(new Step.CutOff(cut)));
                next = cut.sequenceNrLast() + 1;
            }
        }
        pieces.add(events(next, last));
        return pieces;
    }

    private static List<IndexEntry.Cut> inOrder(List<IndexEntry.Cut> cuts) {
        return cuts.stream()
                .sorted(Comparator.comparingLong(IndexEntry.Cut::sequenceNrFirst))
                .toList();
    }

    /** A failure of the journal is the last step: it must not overtake what came before it. */
    private Source<Step, NotUsed> events(long first, long last) {
        if (first > last) {
            return Source.empty();
        }
        Source<Step, NotUsed> steps =
                shared.reader().events(persistenceId, first, last).map(Step.Read::new);
        return steps.recover(
                new PFBuilder<Throwable, Step>().matchAny(Step.Unreadable::new).build());
    }

    /** What the applying thread gets. */
    private sealed interface Step {
        record Read(LoggedEvent logged) implements Step {}

        record Decoded(LoggedEvent logged, Event event) implements Step {}

        record Damaged(LoggedEvent logged, Throwable cause) implements Step {}

        record Unreadable(Throwable cause) implements Step {}

        record CutOff(IndexEntry.Cut cut) implements Step {}
    }

    private CompletionStage<Step> decode(Step step) {
        return step instanceof Step.Read(LoggedEvent logged)
                ? CompletableFuture.supplyAsync(() -> decoded(logged), shared.executor())
                : CompletableFuture.completedStage(step);
    }

    @SuppressWarnings("IllegalCatch") // whatever it is, it waits its turn behind the events before
    private static Step decoded(LoggedEvent logged) {
        try {
            return new Step.Decoded(logged, EventCodec.read(logged.unsafeArray()));
        } catch (Throwable e) {
            return new Step.Damaged(logged, e);
        }
    }

    private void apply(Step step) {
        switch (step) {
            case Step.Decoded(LoggedEvent logged, Event event) ->
                guarded(logged.sequenceNr(), () -> {
                    replay.event(logged, event);
                    logBytes += logged.unsafeArray().length;
                });
            case Step.Damaged(LoggedEvent logged, Throwable cause) ->
                throw failure(replay.position(), logged.sequenceNr(), false, cause);
            case Step.Unreadable(Throwable cause) ->
                throw failure(replay.position(), replay.position().sequenceNr() + 1, true, cause);
            case Step.CutOff(IndexEntry.Cut cut) -> guarded(cut.sequenceNrFirst(), () -> replay.cut(cut));
            case Step.Read read ->
                throw new IllegalStateException("not decoded: " + read.logged().sequenceNr());
        }
        logNowAndThen();
    }

    @SuppressWarnings("IllegalCatch") // a stream lets fatal errors end the process; this is one database's misfortune
    private void guarded(long sequenceNr, Runnable applying) {
        LogPosition before = replay.position();
        try {
            applying.run();
        } catch (Throwable e) {
            throw failure(before, sequenceNr, false, e);
        }
    }

    private LogReadException failure(LogPosition intact, long sequenceNr, boolean isJournal, Throwable cause) {
        boolean isIncomplete = cause instanceof IncompleteLogException;
        // A lack of memory is nobody's damage.
        boolean mayPass = isJournal || isIncomplete || hasLeftOut || cause instanceof VirtualMachineError;
        long at = isIncomplete ? intact.sequenceNr() + 1 : sequenceNr;
        String message =
                cause instanceof RuntimeException && cause.getMessage() != null ? cause.getMessage() : cause.toString();
        return new LogReadException(new LogDamage(intact.offset(), at, message), mayPass, cause);
    }

    private void logNowAndThen() {
        long now = System.nanoTime();
        if (now - loggedNanos >= shared.logIntervalNanos()) {
            loggedNanos = now;
            log.info("{} recovers: {}", persistenceId, meter.progress());
        }
    }
}
