package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.journal.JournalNode.Replayed;
import java.io.NotSerializableException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Pekko demands of every journal, asked through the protocol that persistent actors speak. */
class JournalContractTest {
    private static final String ID = "account-1";

    @TempDir
    private Path directory;

    private JournalNode node;

    @BeforeEach
    void writeFiveEvents() {
        node = JournalNode.start(directory);
        node.writeAndExpect(ID, 1, 5);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void replaysAllEventsInOrder() {
        assertReplayed(node.replay(ID), 1, 5);
    }

    @Test
    void replayKeepsWriterManifestTimestampAndMetadata() {
        PersistentRepr event = PersistentRepr.apply("x", 6, ID, "v2", false, null, JournalNode.WRITER)
                .withTimestamp(1234567890123L)
                .withMetadata("about x");
        TestKit probe = node.probe();
        node.write(probe, JournalNode.atomically(event));
        JournalNode.expectRequestDone(probe);

        PersistentRepr replayed = node.replay(ID, 6, 6, 1).events().getFirst();

        assertEquals("x", replayed.payload());
        assertEquals("v2", replayed.manifest());
        assertEquals(JournalNode.WRITER, replayed.writerUuid());
        assertEquals(1234567890123L, replayed.timestamp());
        assertEquals("about x", replayed.metadata().get());
    }

    @Test
    void replayBeginsAtTheLowerBound() {
        assertReplayed(node.replay(ID, 3, Long.MAX_VALUE, Long.MAX_VALUE), 3, 5);
    }

    @Test
    void replayEndsAtTheUpperBound() {
        assertReplayed(node.replay(ID, 1, 3, Long.MAX_VALUE), 1, 3);
    }

    @Test
    void replayEndsAtTheCountLimit() {
        assertReplayed(node.replay(ID, 1, Long.MAX_VALUE, 3), 1, 3);
    }

    @Test
    void replayKeepsBothBoundsAndTheCountLimit() {
        assertReplayed(node.replay(ID, 2, 3, Long.MAX_VALUE), 2, 3);
        assertReplayed(node.replay(ID, 2, 5, 2), 2, 3);
        assertReplayed(node.replay(ID, 2, 2, Long.MAX_VALUE), 2, 2);
        assertReplayed(node.replay(ID, 2, 4, 1), 2, 2);
    }

    @Test
    void replayOfNothingStillTellsTheHighestNumber() {
        assertEquals(new Replayed(List.of(), 5), node.replay(ID, 2, 4, 0));
        assertEquals(new Replayed(List.of(), 5), node.replay(ID, 3, 2, Long.MAX_VALUE));
        assertEquals(new Replayed(List.of(), 0), node.replay("nobody", 0, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @Test
    void replayLeavesOutDeletedEvents() {
        node.deleteTo(ID, 3);

        assertReplayed(node.replay(ID), 4, 5);
    }

    @Test
    void deletionOfAllEventsKeepsTheHighestNumber() {
        node.deleteTo(ID, Long.MAX_VALUE);

        assertEquals(new Replayed(List.of(), 5), node.replay(ID));
        node.writeAndExpect(ID, 6, 8);
        assertReplayed(node.replay(ID), 6, 8);
    }

    @Test
    void deletionOfWhatIsDeletedOrNeverWasSucceeds() {
        node.deleteTo(ID, 3);
        node.deleteTo(ID, 2);
        node.deleteTo("nobody", 7);

        assertReplayed(node.replay(ID), 4, 5);
        assertEquals(0, node.replay("nobody").highest());
    }

    @Test
    void deletionOfOneIdLeavesItsNeighboursAlone() {
        node.writeAndExpect("account-0", 1, 3);
        node.writeAndExpect("account-2", 1, 3);

        node.deleteTo(ID, Long.MAX_VALUE);

        assertReplayed(node.replay("account-0"), 1, 3);
        assertReplayed(node.replay("account-2"), 1, 3);
    }

    @Test
    void theMetricsCountWhatWasWrittenAndReplayed() {
        JournalMetrics written = node.store().metrics();
        node.replay(ID);
        node.replay(ID, 2, 3, Long.MAX_VALUE);
        JournalMetrics replayed = node.store().metrics();

        assertEquals(4, written.atomicWrites());
        assertEquals(5, written.events());
        assertTrue(written.eventBytes() > 5 * 20, written.toString());
        assertTrue(written.batches() >= 1 && written.batches() <= 4, written.toString());
        assertTrue(written.syncNanos() > 0, written.toString());
        assertEquals(0, written.rejectedWrites());
        assertEquals(0, written.replayedEvents());
        assertEquals(7, replayed.replayedEvents());
        assertEquals(written.batches(), replayed.batches());
    }

    @Test
    void anEventThatCannotBeSerializedIsRejectedAloneAndUsesUpItsNumber() {
        Object unknown = new Object();
        TestKit probe = node.probe();
        node.write(
                probe,
                JournalNode.atomically(JournalNode.event(ID, 6, "b-6")),
                JournalNode.atomically(JournalNode.event(ID, 7, unknown)),
                JournalNode.atomically(JournalNode.event(ID, 8, "b-8")));

        JournalNode.expectRequestDone(probe);
        JournalNode.expectWritten(probe, 6);
        JournalProtocol.WriteMessageRejected rejected =
                probe.expectMsgClass(JournalNode.PATIENCE, JournalProtocol.WriteMessageRejected.class);
        assertEquals(7, rejected.message().sequenceNr());
        assertInstanceOf(NotSerializableException.class, rejected.cause());
        JournalNode.expectWritten(probe, 8);
        assertEquals(
                List.of("b-6", "b-8"),
                node.replay(ID, 6, Long.MAX_VALUE, Long.MAX_VALUE).payloads());
        assertEquals(1, node.store().metrics().rejectedWrites());
    }

    @Test
    void anAtomicWriteWithOneBadEventIsRejectedWhole() {
        TestKit probe = node.probe();
        node.write(
                probe,
                JournalNode.atomically(
                        JournalNode.event(ID, 6, "b-6"),
                        JournalNode.event(ID, 7, new Object()),
                        JournalNode.event(ID, 8, "b-8")));

        JournalNode.expectRequestDone(probe);
        for (long n = 6; n <= 8; n++) {
            assertEquals(
                    n,
                    probe.expectMsgClass(JournalNode.PATIENCE, JournalProtocol.WriteMessageRejected.class)
                            .message()
                            .sequenceNr());
        }
        assertEquals(new Replayed(List.of(), 8), node.replay(ID, 6, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @Test
    void aCountLimitCountsEventsAndNotRejectedNumbers() {
        TestKit probe = node.probe();
        node.write(probe, JournalNode.atomically(JournalNode.event(ID, 6, new Object())));
        JournalNode.expectRequestDone(probe);
        node.writeAndExpect(ID, 7, 9);

        assertEquals(
                List.of("a-5", "a-7"), node.replay(ID, 5, Long.MAX_VALUE, 2).payloads());
    }

    @Test
    void replayOfALongLogIsReadInManyChunks() {
        String text = "0123456789".repeat(1000);
        TestKit probe = node.probe();
        for (long n = 1; n <= 300; n++) {
            node.write(probe, JournalNode.atomically(JournalNode.event("long", n, n + text)));
            JournalNode.expectRequestDone(probe);
            JournalNode.expectWritten(probe, n);
        }

        assertEquals(
                LongStream.rangeClosed(1, 300).<Object>mapToObj(n -> n + text).toList(),
                node.replay("long").payloads());
    }

    private static void assertReplayed(Replayed replayed, long first, long last) {
        List<Object> expected = LongStream.rangeClosed(first, last)
                .<Object>mapToObj(n -> "a-" + n)
                .toList();
        assertEquals(expected, replayed.payloads());
        assertEquals(
                LongStream.rangeClosed(first, last).boxed().toList(),
                replayed.events().stream().map(PersistentRepr::sequenceNr).toList());
    }
}
