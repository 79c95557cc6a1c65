package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.NotSerializableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import scala.Option;

/** The query side, asked as Pekko Persistence Query asks it. */
class ReadJournalTest {
    private static final String ID = "account-1";

    @TempDir
    private Path directory;

    private JournalNode node;

    @BeforeEach
    void start() {
        node = JournalNode.start(directory, "pinion.journal.rocksdb.replay-chunk-size = 300");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private RocksDbReadJournal journal() {
        return PersistenceQuery.get(node.system())
                .getReadJournalFor(RocksDbReadJournal.class, RocksDbReadJournal.IDENTIFIER);
    }

    private <T> List<T> all(Source<T, ?> source) {
        return await(source.runWith(Sink.seq(), node.system()));
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(JournalNode.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new Failed(Objects.requireNonNull(e.getCause()));
        } catch (Exception e) {
            throw new AssertionError("no answer in time", e);
        }
    }

    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(Throwable cause) {
            super(cause);
        }
    }

    private List<Long> numbers(String persistenceId, long from, long to) {
        return all(journal().currentEventsByPersistenceId(persistenceId, from, to)).stream()
                .map(EventEnvelope::sequenceNr)
                .toList();
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void eventsComeInOrderBetweenTheBounds() {
        node.writeAndExpect(ID, 1, 50);

        assertEquals(range(1, 50), numbers(ID, 0, Long.MAX_VALUE));
        assertEquals(range(7, 33), numbers(ID, 7, 33));
        assertEquals(List.of(), numbers(ID, 51, Long.MAX_VALUE));
        assertEquals(List.of(), numbers(ID, 8, 7));
        assertEquals(List.of(), numbers("nobody", 1, Long.MAX_VALUE));
    }

    @Test
    void anEventKeepsPayloadNumberTimestampAndMetadata() {
        TestKit probe = node.probe();
        node.write(
                probe,
                JournalNode.atomically(
                        PersistentRepr.apply("x", 1, ID, "", false, ActorRef.noSender(), JournalNode.WRITER)
                                .withTimestamp(1234567890123L)
                                .withMetadata("about x")));
        JournalNode.expectRequestDone(probe);

        EventEnvelope event = all(journal().currentEventsByPersistenceId(ID, 1, Long.MAX_VALUE))
                .getFirst();

        assertEquals("x", event.event());
        assertEquals(ID, event.persistenceId());
        assertEquals(1, event.sequenceNr());
        assertEquals(Offset.sequence(1), event.offset());
        assertEquals(1234567890123L, event.timestamp());
        assertEquals(Optional.of("about x"), event.getEventMetaData());
    }

    @Test
    void deletedAndRejectedEventsAreLeftOut() {
        node.writeAndExpect(ID, 1, 20);
        node.deleteTo(ID, 4);
        TestKit probe = node.probe();
        node.write(
                probe,
                JournalNode.atomically(JournalNode.event(ID, 21, new Object())),
                JournalNode.atomically(JournalNode.event(ID, 22, "a-22")));
        JournalNode.expectRequestDone(probe);
        List<Long> expected = new ArrayList<>(range(5, 20));
        expected.add(22L);

        assertEquals(expected, numbers(ID, 0, Long.MAX_VALUE));
        assertEquals(Optional.of(22L), await(journal().currentLastSequenceNumberByPersistenceId(ID)));
        assertEquals(Optional.empty(), await(journal().currentLastSequenceNumberByPersistenceId("nobody")));
        assertTrue(NotSerializableException.class.isInstance(
                probe.expectMsgClass(JournalNode.PATIENCE, JournalProtocol.WriteMessageRejected.class)
                        .cause()));
    }

    @Test
    void aConsumerThatWaitsIsNotReadAheadOfByMoreThanAChunk() {
        node.writeAndExpect(ID, 1, 500);
        long before = node.store().metrics().replayedEvents();
        SinkQueueWithCancel<EventEnvelope> queue = journal()
                .currentEventsByPersistenceId(ID, 1, Long.MAX_VALUE)
                .runWith(Sink.<EventEnvelope>queue().withAttributes(Attributes.inputBuffer(1, 1)), node.system());

        assertEquals(1, await(queue.pull()).orElseThrow().sequenceNr());
        assertEquals(Optional.of(500L), await(journal().currentLastSequenceNumberByPersistenceId(ID)));
        long read = node.store().metrics().replayedEvents() - before;
        queue.cancel();

        // Records of some 50 bytes in chunks of 300.
        assertTrue(read < 100, "read " + read + " events for a consumer that took one");
    }

    @Test
    void aSourceCanBeRunAgainAndSeesWhatCameMeanwhile() {
        Source<EventEnvelope, ?> source = journal().currentEventsByPersistenceId(ID, 1, Long.MAX_VALUE);
        node.writeAndExpect(ID, 1, 5);
        assertEquals(5, all(source).size());

        node.writeAndExpect(ID, 6, 9);

        assertEquals(9, all(source).size());
    }

    @Test
    void damagedAndMissingEventsFailTheStreamByName() throws RocksDBException {
        node.writeAndExpect(ID, 1, 50);
        node.writeAndExpect("account-2", 1, 50);
        node.close();
        try (RocksDB db = RocksDB.open(directory.resolve(Database.FOLDER).toString())) {
            byte[] value = db.get(Keys.event(1, 30));
            value[value.length - 1] ^= 1;
            db.put(Keys.event(1, 30), value);
            db.delete(Keys.event(2, 40));
        }
        node = JournalNode.start(directory);

        assertEquals(
                "event 30 of persistence id account-1 is damaged: wrong checksum",
                failure(() -> numbers(ID, 1, Long.MAX_VALUE)).getMessage());
        assertEquals(
                "event 40 of persistence id account-2 is missing",
                failure(() -> numbers("account-2", 1, Long.MAX_VALUE)).getMessage());
        assertEquals(range(1, 29), numbers(ID, 1, 29));
        assertEquals(range(1, 29), numbersBeforeDamage(ID));
        assertEquals(range(1, 39), numbersBeforeDamage("account-2"));
    }

    private List<Long> numbersBeforeDamage(String persistenceId) {
        return all(journal()
                .currentEventsByPersistenceId(persistenceId, 1, Long.MAX_VALUE)
                .map(EventEnvelope::sequenceNr)
                .recoverWithRetries(1, CorruptRecordException.class, Source::empty));
    }

    private static Throwable failure(Executable query) {
        Throwable failure = assertThrows(Failed.class, query).getCause();
        while (failure != null && !(failure instanceof CorruptRecordException)) {
            failure = failure.getCause();
        }
        return assertInstanceOf(CorruptRecordException.class, failure);
    }

    @Test
    void persistenceIdsComeInPages() {
        List<String> ids =
                IntStream.range(0, 2500).mapToObj("account-%04d"::formatted).toList();
        TestKit probe = node.probe();
        for (String id : ids) {
            node.write(probe, JournalNode.atomically(JournalNode.event(id, 1, "a")));
        }
        probe.receiveN(2 * ids.size(), JournalNode.PATIENCE);

        assertEquals(ids, all(journal().currentPersistenceIds()));
        assertEquals(ids.subList(0, 7), all(journal().currentPersistenceIds(Optional.empty(), 7)));
        assertEquals(ids.subList(7, 1500), all(journal().currentPersistenceIds(Optional.of("account-0006"), 1493)));
        assertEquals(List.of(), all(journal().currentPersistenceIds(Optional.of("account-2499"), 10)));
        assertEquals(ids.subList(2499, 2500), all(journal().currentPersistenceIds(Optional.of("account-2498x"), 10)));
    }

    @Test
    void idsWithoutEventsAreNotListed() {
        node.writeAndExpect(ID, 1, 5);
        node.writeAndExpect("account-2", 1, 5);
        node.deleteTo(ID, Long.MAX_VALUE);

        assertEquals(List.of("account-2"), all(journal().currentPersistenceIds()));
    }

    @Test
    void scalaApplicationsGetTheSame() {
        node.writeAndExpect(ID, 1, 5);
        RocksDbScalaReadJournal forScala = new RocksDbScalaReadJournal(journal());

        assertEquals(
                5,
                all(forScala.currentEventsByPersistenceId(ID, 1, Long.MAX_VALUE).asJava())
                        .size());
        assertEquals(List.of(ID), all(forScala.currentPersistenceIds().asJava()));
        assertEquals(
                List.of(),
                all(forScala.currentPersistenceIds(Option.apply(ID), 3).asJava()));
    }
}
