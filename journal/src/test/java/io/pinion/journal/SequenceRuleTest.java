package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two live copies of one persistent actor: the one that was overtaken must not get a single event in. */
class SequenceRuleTest {
    private static final String ID = "account-1";

    @TempDir
    private Path directory;

    private JournalNode node;

    @BeforeEach
    void writeThreeEvents() {
        node = JournalNode.start(directory);
        node.writeAndExpect(ID, 1, 3);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void aNumberThatIsTakenIsRejectedAndTheEventThereStays() {
        assertRejected(write("stale", 3, "other"));

        assertEquals(List.of("a-1", "a-2", "a-3"), node.replay(ID).payloads());
    }

    @Test
    void aNumberThatLeavesAGapIsRejected() {
        String reason =
                String.valueOf(assertRejected(write("ahead", 5, "other")).getMessage());

        assertTrue(reason.contains(ID), reason);
        assertTrue(reason.contains("expects sequence number 4"), reason);
        assertEquals(3, node.replay(ID).highest());
    }

    @Test
    void aRejectedWriterStaysOutWhenItsNumbersComeToFit() {
        assertRejected(write("stale", 3, "other-3"));

        assertRejected(write("stale", 4, "other-4"));

        assertInstanceOf(JournalProtocol.WriteMessageSuccess.class, write("next", 4, "a-4"));
        assertEquals(List.of("a-1", "a-2", "a-3", "a-4"), node.replay(ID).payloads());
    }

    @Test
    void theRestOfARequestIsRejectedWithItsFirstConflict() {
        TestKit probe = node.probe();
        node.write(
                probe,
                JournalNode.atomically(JournalNode.event(ID, 3, "other-3", "stale")),
                JournalNode.atomically(JournalNode.event(ID, 4, "other-4", "stale")));

        JournalNode.expectRequestDone(probe);
        assertRejected(probe.expectMsgClass(JournalNode.PATIENCE, Object.class));
        assertRejected(probe.expectMsgClass(JournalNode.PATIENCE, Object.class));
        assertEquals(3, node.replay(ID).highest());
    }

    @Test
    void aConflictOfOneIdIsNoBusinessOfAnother() {
        TestKit probe = node.probe();
        node.write(
                probe,
                JournalNode.atomically(JournalNode.event(ID, 9, "other", "stale")),
                JournalNode.atomically(JournalNode.event("account-2", 1, "b-1", "stale")));

        JournalNode.expectRequestDone(probe);
        assertRejected(probe.expectMsgClass(JournalNode.PATIENCE, Object.class));
        JournalNode.expectWritten(probe, 1);
        assertEquals(List.of("b-1"), node.replay("account-2").payloads());
    }

    @Test
    void theRuleHoldsAfterDeletionAndAfterAReopening() {
        node.deleteTo(ID, Long.MAX_VALUE);
        node.close();
        node = JournalNode.start(directory);

        assertRejected(write("stale", 1, "other"));
        assertInstanceOf(JournalProtocol.WriteMessageSuccess.class, write("next", 4, "a-4"));
        assertEquals(List.of("a-4"), node.replay(ID).payloads());
    }

    @Test
    void theRuleHoldsForMoreIdsThanAreKeptInMemory() {
        node.close();
        node = JournalNode.start(directory, "pinion.journal.rocksdb.cached-ids = 2");
        for (int i = 0; i < 10; i++) {
            node.writeAndExpect("many-" + i, 1, 3);
        }
        for (int i = 0; i < 10; i++) {
            node.writeAndExpect("many-" + i, 4, 6);
        }

        assertRejected(write("stale", 3, "other"));
        assertEquals(6, node.replay("many-3").payloads().size());
    }

    private Object write(String writer, long sequenceNr, Object payload) {
        TestKit probe = node.probe();
        node.write(probe, JournalNode.atomically(JournalNode.event(ID, sequenceNr, payload, writer)));
        JournalNode.expectRequestDone(probe);
        return probe.expectMsgClass(JournalNode.PATIENCE, Object.class);
    }

    private static SequenceConflictException assertRejected(Object answer) {
        JournalProtocol.WriteMessageRejected rejected =
                assertInstanceOf(JournalProtocol.WriteMessageRejected.class, answer);
        return assertInstanceOf(SequenceConflictException.class, rejected.cause());
    }
}
