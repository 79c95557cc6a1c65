package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.ConfigFactory;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.stream.javadsl.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogRecoveryTest {
    private static final Identity DATABASE = Identity.derive("localhost", "a database");
    private static final int LOOK_AHEAD = 4;

    private final ActorTestKit kit = ActorTestKit.create(
            "recovery", ConfigFactory.parseString("""
                    pinion.durability.look-ahead-events = %d
                    pinion.durability.recoveries-max = 2
                    pinion.durability.progress-interval = 1 ms
                    pekko.loglevel = WARNING
                    """.formatted(LOOK_AHEAD)).withFallback(ConfigFactory.load()));
    private final List<Long> applied = new ArrayList<>();

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private Recoveries recoveries(LogReader reader) {
        DurabilitySettings settings =
                DurabilitySettings.of(kit.system().settings().config());
        return new Recoveries(kit.system(), reader, settings);
    }

    private LogRecovery recovery(LogReader reader) {
        return recoveries(reader).begin(DATABASE, (offset, _) -> applied.add(offset));
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(1, TimeUnit.MINUTES).join();
    }

    private static LogReadException failure(CompletionStage<?> stage) {
        CompletionException failure = assertThrows(CompletionException.class, () -> await(stage));
        return assertInstanceOf(LogReadException.class, failure.getCause());
    }

    private static LogEntry entry() {
        return TestLog.transaction(4096, TestLog.pairs(0, 1), TestLog.pairs(0, 0));
    }

    /** Number 1 opens the log, any other holds the offset before it. */
    private static byte[] event(long sequenceNr) {
        return sequenceNr == 1 ? TestLog.opened(1) : TestLog.batch(1, sequenceNr - 1, entry());
    }

    private static LogReader log() {
        return (_, from, to) -> Source.fromIterator(
                        () -> LongStream.rangeClosed(from, to).iterator())
                .map(sequenceNr -> new LoggedEvent(sequenceNr, event(sequenceNr)));
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void entriesAreAppliedInOrderPieceByPiece() {
        LogRecovery recovery = recovery(log());

        assertEquals(new LogPosition(500, 1, 499, false), await(recovery.readTo(500, List.of())));
        assertEquals(new LogPosition(1000, 1, 999, false), await(recovery.readTo(1000, List.of())));

        assertEquals(range(1, 999), applied);
        RecoveryProgress progress = recovery.progress();
        assertEquals(1000, progress.events());
        assertEquals(999, progress.entries());
        assertEquals(999, progress.rows());
        assertEquals(1000, progress.sequenceNr());
        assertEquals(0, progress.eventsLeft());
        assertTrue(progress.bytes() > 999 * 16, progress.toString());
        assertTrue(progress.toString().contains("at sequence number 1000 of 1000, 0 s left"), progress.toString());
    }

    @Test
    void theNodesLogSaysHowFarItHasCome() {
        Logger logger = (Logger) LoggerFactory.getLogger(LogRecovery.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.INFO);
        try {
            await(recovery(log()).readTo(20_000, List.of()));
        } finally {
            logger.setLevel(null);
            logger.detachAppender(lines);
        }

        assertFalse(lines.list.isEmpty());
        String line = lines.list.getFirst().getFormattedMessage();
        assertTrue(
                line.matches(
                        "database-\\p{XDigit}+ recovers: [\\d,]+ events, [\\d,]+ entries, [\\d,]+ rows, [\\d,.]+ MB"
                                + " \\([\\d,.]+ MB/s\\), at sequence number \\d+ of 20000, \\d+ s left"),
                line);
    }

    @Test
    void theJournalIsReadNoFurtherAheadThanIsDecoded() throws InterruptedException {
        AtomicLong read = new AtomicLong();
        Semaphore mayApply = new Semaphore(0);
        CountDownLatch isApplying = new CountDownLatch(10);
        LogReader counted = (id, from, to) -> log().events(id, from, to).map(event -> {
            read.incrementAndGet();
            return event;
        });
        LogRecovery recovery = recoveries(counted).begin(DATABASE, (_, _) -> {
            isApplying.countDown();
            mayApply.acquireUninterruptibly();
        });
        CompletionStage<LogPosition> reading = recovery.readTo(1000, List.of());

        mayApply.release(9);
        assertTrue(isApplying.await(1, TimeUnit.MINUTES));
        // Nothing moves now but what may still be on its way into the buffers, which have a bound.
        long ahead = read.get() - 11;
        long left = recovery.progress().eventsLeft();
        mayApply.release(1000);
        await(reading);

        assertTrue(ahead <= LOOK_AHEAD + 4, ahead + " events ahead");
        assertEquals(990, left);
    }

    @Test
    void aDamagedEventIsNamedAfterEverythingBeforeItIsApplied() {
        LogReader damaged = (id, from, to) -> log().events(id, from, to)
                .map(event -> event.sequenceNr() == 700 ? new LoggedEvent(700, new byte[100]) : event);
        LogRecovery recovery = recovery(damaged);

        LogReadException failure = failure(recovery.readTo(1000, List.of()));

        assertEquals(698, failure.damage().offset());
        assertEquals(700, failure.damage().sequenceNr());
        assertTrue(
                failure.damage().cause().contains("checksum"), failure.damage().cause());
        assertFalse(failure.mayPass());
        assertEquals(range(1, 698), applied);
    }

    @Test
    void aGapIsNamedAndMayPass() {
        LogReader gap = (id, from, to) ->
                log().events(id, from, to).filter(event -> event.sequenceNr() != 50 && event.sequenceNr() != 51);

        LogReadException failure = failure(recovery(gap).readTo(100, List.of()));

        assertEquals(new LogDamage(48, 50, "the journal leaves out events 50 to 51"), failure.damage());
        assertTrue(failure.mayPass());
        assertEquals(range(1, 48), applied);
    }

    @Test
    void anOpeningThatIsLeftOutIsNamed() {
        LogReader gap = (id, from, to) -> log().events(id, from, to).filter(event -> event.sequenceNr() != 1);

        LogReadException failure = failure(recovery(gap).readTo(100, List.of()));

        assertEquals(new LogDamage(0, 1, "the journal leaves out events 1 to 1"), failure.damage());
        assertTrue(failure.mayPass());
    }

    @Test
    void anEventThatIsGivenTwiceIsNamedAndMayPass() {
        LogReader twice = (id, from, to) -> log().events(id, from, to)
                .mapConcat(event -> event.sequenceNr() == 50 ? List.of(event, event) : List.of(event));

        LogReadException failure = failure(recovery(twice).readTo(100, List.of()));

        assertEquals(new LogDamage(49, 51, "the journal gives event 50 after event 50"), failure.damage());
        assertTrue(failure.mayPass());
        assertEquals(range(1, 49), applied);
    }

    @Test
    void aFatalErrorInOneEntryIsThatLogsDamage() {
        LogRecovery recovery = recoveries(log()).begin(DATABASE, (offset, _) -> {
            if (offset == 30) {
                throw new StackOverflowError("too deep");
            }
        });

        LogDamage damage = failure(recovery.readTo(100, List.of())).damage();

        assertEquals(new LogDamage(29, 31, "java.lang.StackOverflowError: too deep"), damage);
    }

    @Test
    void aJournalThatFailsIsNoDamageAndWhatItHasDeliveredCounts() {
        LogReader failing = (id, from, to) -> log().events(id, from, Math.min(to, 80))
                .concatLazy(Source.lazySource(() -> Source.failed(new IllegalStateException("the disk is gone"))));
        LogRecovery recovery = recovery(failing);

        LogReadException failure = failure(recovery.readTo(100, List.of()));

        assertTrue(failure.mayPass());
        assertEquals(new LogDamage(79, 81, "the disk is gone"), failure.damage());
        assertEquals(range(1, 79), applied);
    }

    @Test
    void whatWasCutIsNotRead() {
        LogReader cutLog = (id, from, to) -> log().events(id, from, to).map(event -> {
            long sequenceNr = event.sequenceNr();
            boolean isCut = sequenceNr >= 51 && sequenceNr <= 60;
            byte[] bytes = isCut
                    ? new byte[7]
                    : sequenceNr == 61
                            ? TestLog.opened(12)
                            : sequenceNr > 61 ? TestLog.batch(12, sequenceNr - 12, entry()) : event.unsafeArray();
            return new LoggedEvent(sequenceNr, bytes);
        });
        LogRecovery recovery = recovery(cutLog);

        LogPosition end = await(recovery.readTo(100, List.of(new IndexEntry.Cut(0, 51, 60, 49, 11))));

        assertEquals(new LogPosition(100, 12, 88, false), end);
        assertEquals(range(1, 88), applied);
    }

    @Test
    void aJournalThatEndsEarlyHasNoShorterLog() {
        LogReader ends = (id, from, to) -> log().events(id, from, Math.min(to, 90));

        LogReadException failure = failure(recovery(ends).readTo(100, List.of()));

        LogDamage expected =
                new LogDamage(89, 91, "the journal ends after event 90 without an error, but has events up to 100");
        assertEquals(expected, failure.damage());
        assertTrue(failure.mayPass());
    }

    @Test
    void aJournalThatGivesNothingIsNoEmptyOne() {
        LogReader nothing = (_, _, _) -> Source.empty();

        LogReadException failure = failure(recovery(nothing).readTo(100, List.of()));

        assertEquals(0, failure.damage().offset());
        assertTrue(failure.mayPass());
    }

    @Test
    void aJournalThatEndsBeforeACutIsNamedToo() {
        LogReader ends = (id, from, to) -> log().events(id, from, Math.min(to, 50 - 2));
        IndexEntry.Cut cut = new IndexEntry.Cut(0, 51, 100, 47, 11);

        LogReadException failure = failure(recovery(ends).readTo(100, List.of(cut)));

        assertEquals(49, failure.damage().sequenceNr());
        assertTrue(failure.mayPass());
    }

    @Test
    void eventsOfOtherLogsAreAllGivenOrTheReadingFails() {
        List<LogReader> readers = List.of(
                (id, from, to) -> log().events(id, from, to - 1),
                (id, from, to) -> log().events(id, from + 1, to),
                (id, from, to) -> log().events(id, from, to).filter(event -> event.sequenceNr() != 7),
                (id, from, to) -> log().events(id, from, to).concat(log().events(id, to, to)));
        for (LogReader reader : readers) {
            CompletionException failure = assertThrows(
                    CompletionException.class,
                    () -> await(recoveries(reader).stream("chunks", 5, 10, LoggedEvent::sequenceNr, _ -> {})));

            assertInstanceOf(IncompleteLogException.class, failure.getCause());
        }
        List<Long> given = new ArrayList<>();
        await(recoveries(log()).stream("chunks", 5, 10, LoggedEvent::sequenceNr, given::add));

        assertEquals(range(5, 10), given);
    }

    @Test
    void aCancelledRecoveryEnds() throws InterruptedException {
        CountDownLatch isApplying = new CountDownLatch(1);
        LogRecovery recovery = recoveries(log()).begin(DATABASE, (_, _) -> isApplying.countDown());
        CompletionStage<LogPosition> reading = recovery.readTo(Long.MAX_VALUE - 1, List.of());
        assertTrue(isApplying.await(1, TimeUnit.MINUTES));

        recovery.cancel();

        CompletionException failure = assertThrows(CompletionException.class, () -> await(reading));
        assertInstanceOf(CancellationException.class, failure.getCause());
    }

    @Test
    void noMoreLogsAreReadAtATimeThanIsAllowed() {
        CompletableFuture<LoggedEvent> firstEvents = new CompletableFuture<>();
        ConcurrentHashMap<String, Boolean> asked = new ConcurrentHashMap<>();
        LogReader held = (id, _, _) -> {
            asked.put(id, true);
            return Source.completionStage(firstEvents)
                    .mapMaterializedValue(_ -> org.apache.pekko.NotUsed.getInstance());
        };
        Recoveries recoveries = recoveries((id, from, to) -> Source.lazySource(() -> held.events(id, from, to))
                .mapMaterializedValue(_ -> org.apache.pekko.NotUsed.getInstance()));
        List<CompletionStage<LogPosition>> readings = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Identity database = Identity.derive("localhost", "database " + i);
            readings.add(recoveries.begin(database, (_, _) -> {}).readTo(1, List.of()));
        }
        kit.createTestProbe().awaitAssert(() -> {
            assertEquals(2, asked.size());
            return null;
        });

        firstEvents.complete(new LoggedEvent(1, event(1)));

        readings.forEach(reading -> assertEquals(1, await(reading).epoch()));
        assertEquals(5, asked.size());
    }

    @Test
    void damagedEntriesOfTheIndexAreLeftOut() {
        IndexEntry.Cut cut = new IndexEntry.Cut(5, 6, 7, 8, 9);
        LogReader index = (_, from, to) -> Source.fromIterator(
                        () -> LongStream.rangeClosed(from, Math.min(to, 10)).iterator())
                .map(sequenceNr -> {
                    if (sequenceNr == 3 || sequenceNr == 4 || sequenceNr == 10) {
                        throw new IllegalStateException("event " + sequenceNr + " is damaged");
                    }
                    byte[] bytes = IndexCodec.write(cut);
                    bytes[5] += (byte) (sequenceNr == 7 ? 1 : 0);
                    return new LoggedEvent(sequenceNr, bytes);
                });

        List<IndexEntry> entries = await(recoveries(index).index(DATABASE)).stream()
                .map(IndexedEntry::entry)
                .toList();

        assertEquals(java.util.Collections.nCopies(6, cut), entries);
    }

    @Test
    void anIndexThatCannotBeReadAtAllFailsTheRecovery() {
        LogReader index = (_, _, _) -> Source.failed(new IllegalStateException("the disk is gone"));

        CompletionException failure = assertThrows(
                CompletionException.class, () -> await(recoveries(index).index(DATABASE)));

        assertTrue(String.valueOf(failure.getMessage()).contains("the disk is gone"), failure.toString());
    }
}
