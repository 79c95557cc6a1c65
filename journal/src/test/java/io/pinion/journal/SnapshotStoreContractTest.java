package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.persistence.DeleteSnapshotSuccess;
import org.apache.pekko.persistence.DeleteSnapshotsSuccess;
import org.apache.pekko.persistence.SaveSnapshotFailure;
import org.apache.pekko.persistence.SaveSnapshotSuccess;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotProtocol;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.OptionConverters;

/** What Pekko demands of every snapshot store, asked through the protocol that persistent actors speak. */
class SnapshotStoreContractTest {
    private static final String ID = "account-1";
    private static final SnapshotSelectionCriteria LATEST = SnapshotSelectionCriteria.latest();

    @TempDir
    private Path directory;

    private JournalNode node;
    private TestKit probe;

    /** Sequence numbers 11 to 15, contents s-1 to s-5, each with a time stamp of its own. */
    private final List<SnapshotMetadata> saved = new ArrayList<>();

    @BeforeEach
    void saveFiveSnapshots() {
        node = JournalNode.start(directory);
        probe = node.probe();
        for (int i = 1; i <= 5; i++) {
            saved.add(save(new SnapshotMetadata(ID, 10 + i, 0), "s-" + i));
            awaitTheNextMillisecond();
        }
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void loadsNothingForAnIdWithoutSnapshots() {
        assertEquals(Optional.empty(), load("nobody", LATEST, Long.MAX_VALUE));
    }

    @Test
    void loadsNothingThatIsTooOldOrTooNew() {
        assertEquals(Optional.empty(), load(ID, upTo(Long.MAX_VALUE, 100), Long.MAX_VALUE));
        assertEquals(Optional.empty(), load(ID, upTo(7, Long.MAX_VALUE), Long.MAX_VALUE));
        assertEquals(Optional.empty(), load(ID, LATEST, 7));
        assertEquals(
                Optional.empty(),
                load(ID, SnapshotSelectionCriteria.create(Long.MAX_VALUE, Long.MAX_VALUE, 16, 0), Long.MAX_VALUE));
    }

    @Test
    void loadsTheNewestSnapshot() {
        assertEquals(snapshot(5), load(ID, LATEST, Long.MAX_VALUE));
    }

    @Test
    void loadsTheNewestSnapshotWithinBothBounds() {
        assertEquals(snapshot(3), load(ID, upTo(13, Long.MAX_VALUE), Long.MAX_VALUE));
        assertEquals(snapshot(3), load(ID, LATEST, 13));
        assertEquals(snapshot(3), load(ID, upTo(13, timestamp(3)), Long.MAX_VALUE));
        assertEquals(snapshot(3), load(ID, upTo(Long.MAX_VALUE, timestamp(3)), 15));
    }

    @Test
    void keepsTheMetadata() {
        save(new SnapshotMetadata(ID, 100, 0).withMetadata("about it"), "s-100");

        assertEquals(
                "about it",
                load(ID, LATEST, Long.MAX_VALUE)
                        .orElseThrow()
                        .metadata()
                        .metadata()
                        .get());
    }

    @Test
    void deletesOneSnapshotWhateverItsTimeStampIfNoneIsGiven() {
        delete(new SnapshotMetadata(ID, 13, 0));

        assertEquals(snapshot(2), load(ID, LATEST, 13));
        assertEquals(snapshot(5), load(ID, LATEST, Long.MAX_VALUE));
    }

    @Test
    void deletesNoSnapshotOfAnotherTimeStamp() {
        delete(new SnapshotMetadata(ID, 13, 999));

        assertEquals(snapshot(3), load(ID, LATEST, 13));
    }

    @Test
    void deletesAllSnapshotsWithinBothBounds() {
        delete(upTo(13, timestamp(3)));

        assertEquals(Optional.empty(), load(ID, upTo(13, timestamp(3)), Long.MAX_VALUE));
        assertEquals(snapshot(4), load(ID, upTo(14, timestamp(4)), Long.MAX_VALUE));
    }

    @Test
    void deletesNoSnapshotThatIsNewerThanTheBound() {
        delete(upTo(14, timestamp(4) - 1));

        assertEquals(snapshot(4), load(ID, upTo(14, timestamp(4)), Long.MAX_VALUE));
    }

    @Test
    void deletesWhatWasSavedInTheSameBreath() {
        node.snapshotStore()
                .tell(new SnapshotProtocol.SaveSnapshot(new SnapshotMetadata(ID, 16, 0), "s-6"), probe.getRef());
        node.snapshotStore().tell(new SnapshotProtocol.DeleteSnapshots(ID, LATEST), probe.getRef());
        probe.expectMsgClass(JournalNode.PATIENCE, SaveSnapshotSuccess.class);
        probe.expectMsgClass(JournalNode.PATIENCE, DeleteSnapshotsSuccess.class);

        assertEquals(Optional.empty(), load(ID, LATEST, Long.MAX_VALUE));
    }

    @Test
    void replacesTheSnapshotOfTheSameNumber() {
        save(saved.get(4), "s-5-modified");

        assertEquals(
                "s-5-modified",
                load(ID, upTo(15, Long.MAX_VALUE), Long.MAX_VALUE).orElseThrow().snapshot());
    }

    @Test
    void keepsALargeSnapshot() {
        String large = "0123456789".repeat(1_000_000);
        save(new SnapshotMetadata(ID, 100, 0), large);

        assertEquals(large, load(ID, LATEST, Long.MAX_VALUE).orElseThrow().snapshot());
    }

    @Test
    void aSnapshotThatCannotBeSerializedFails() {
        node.snapshotStore()
                .tell(
                        new SnapshotProtocol.SaveSnapshot(new SnapshotMetadata(ID, 100, 0), new Object()),
                        probe.getRef());

        SaveSnapshotFailure failure = probe.expectMsgClass(JournalNode.PATIENCE, SaveSnapshotFailure.class);
        assertTrue(String.valueOf(failure.cause().getMessage()).contains("java.lang.Object"), failure::toString);
        assertEquals(snapshot(5), load(ID, LATEST, Long.MAX_VALUE));
    }

    @Test
    void snapshotsSurviveTheNode() {
        node.close();
        node = JournalNode.start(directory);
        probe = node.probe();

        assertEquals(snapshot(5), load(ID, LATEST, Long.MAX_VALUE));
    }

    private SnapshotMetadata save(SnapshotMetadata about, Object snapshot) {
        node.snapshotStore().tell(new SnapshotProtocol.SaveSnapshot(about, snapshot), probe.getRef());
        return probe.expectMsgClass(JournalNode.PATIENCE, SaveSnapshotSuccess.class)
                .metadata();
    }

    private Optional<SelectedSnapshot> load(String id, SnapshotSelectionCriteria criteria, long toSequenceNr) {
        node.snapshotStore().tell(new SnapshotProtocol.LoadSnapshot(id, criteria, toSequenceNr), probe.getRef());
        SnapshotProtocol.LoadSnapshotResult result =
                probe.expectMsgClass(JournalNode.PATIENCE, SnapshotProtocol.LoadSnapshotResult.class);
        assertEquals(toSequenceNr, result.toSequenceNr());
        return OptionConverters.toJava(result.snapshot());
    }

    private void delete(SnapshotMetadata about) {
        node.snapshotStore().tell(new SnapshotProtocol.DeleteSnapshot(about), probe.getRef());
        probe.expectMsgClass(JournalNode.PATIENCE, DeleteSnapshotSuccess.class);
    }

    private void delete(SnapshotSelectionCriteria criteria) {
        node.snapshotStore().tell(new SnapshotProtocol.DeleteSnapshots(ID, criteria), probe.getRef());
        probe.expectMsgClass(JournalNode.PATIENCE, DeleteSnapshotsSuccess.class);
    }

    private static void awaitTheNextMillisecond() {
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() <= now) {
            Thread.onSpinWait();
        }
    }

    private long timestamp(int i) {
        return saved.get(i - 1).timestamp();
    }

    private static SnapshotSelectionCriteria upTo(long sequenceNr, long timestamp) {
        return SnapshotSelectionCriteria.create(sequenceNr, timestamp);
    }

    private Optional<SelectedSnapshot> snapshot(int i) {
        return Optional.of(SelectedSnapshot.create(saved.get(i - 1), "s-" + i));
    }
}
