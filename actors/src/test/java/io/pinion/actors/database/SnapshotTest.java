package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.IndexedEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.LogReader;
import io.pinion.actors.durability.LogRecovery;
import io.pinion.actors.durability.LoggedEvent;
import io.pinion.actors.durability.Recoveries;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.durability.SideLogs;
import io.pinion.actors.snapshot.SnapshotSettings;
import io.pinion.actors.snapshot.Snapshots;
import io.pinion.modules.Instance;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.SchemaIds;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of databases that serve, in the embedded journal: what is recovered is what was there, whatever is lost. */
class SnapshotTest {
    private static final String JOURNAL = "pinion.journal";

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init") // every test starts it in its own way
    private TestDatabases node;

    @AfterEach
    void stop() {
        ScriptedModule.mischief = (_, _) -> new Instance.GuestResult.Returned(Bytes.EMPTY);
        node.close();
    }

    private void start(int entries, int keep) {
        // Small events, so that every snapshot has several chunks.
        String settings = """
                pinion.durability.event-bytes-max = 4 KiB
                pinion.snapshot { log-entries = %d, keep = %d, at-once = 1 }
                """.formatted(entries, keep);
        node = TestDatabases.start(directory, settings);
    }

    /** Everything that a recovery brings back. */
    private record State(
            long offset,
            Bytes programHash,
            SchemaIds ids,
            Map<String, SortedSet<String>> rows,
            List<SequencePosition> sequences,
            RequestWindow.Content requests) {
        static State of(long offset, RecoveredState recovered) {
            Program program = Objects.requireNonNull(recovered.program());
            Datastore store = Objects.requireNonNull(recovered.store());
            Map<String, SortedSet<String>> rows = new TreeMap<>();
            try (FrozenView view = store.freeze("a test")) {
                RowSource reader = view.reader();
                for (TableInfo table : view.tables()) {
                    SortedSet<String> ofTable = new TreeSet<>();
                    reader.scanTable(
                            table.id(),
                            (bytes, at, length) ->
                                    ofTable.add(Bytes.copyOf(bytes, at, length).toHex()));
                    rows.put(table.name(), ofTable);
                }
                return new State(
                        offset,
                        program.hash(),
                        store.ids(),
                        rows,
                        view.sequences(),
                        recovered.requests().content());
            }
        }
    }

    private Recoveries recoveries(LogReader reader) {
        return new Recoveries(
                node.kit().system(), reader, node.services().settings().durability());
    }

    private LogReader reader() {
        return LogReader.of(node.kit().system(), "pinion.journal.query");
    }

    private State recoverWithoutSnapshots() {
        return recover(reader(), false);
    }

    private State recover() {
        return recover(reader(), true);
    }

    /** What is in the journal now. */
    private State recover(LogReader reader, boolean useSnapshots) {
        Recoveries recoveries = recoveries(reader);
        RecoveredState state = new RecoveredState(TestDatabases.emptyWindow(), TestDatabases::nothingRestored);
        LogRecovery recovery = recoveries.begin(DATABASE, state);
        List<IndexedEntry> index = TestDatabases.await(recoveries.index(DATABASE));
        SnapshotSettings settings = node.services().settings().snapshot();
        SideLogs logs = new SideLogs(node.kit().system(), JOURNAL);
        try (Snapshots snapshots = new Snapshots(settings, 4096, logs, recoveries, () -> 0)) {
            if (useSnapshots) {
                TestDatabases.await(snapshots.newest(DATABASE, index)).newest().ifPresent(loaded -> {
                    state.restore(loaded);
                    recovery.restored(loaded.snapshot());
                });
            }
        }
        long last = events(LogNames.log(DATABASE)).getLast().sequenceNr();
        long offset = TestDatabases.await(recovery.readTo(last, List.of())).offset();
        return State.of(offset, state);
    }

    private List<LoggedEvent> events(String persistenceId) {
        return TestDatabases.await(reader().events(persistenceId, 1, Long.MAX_VALUE)
                .runWith(Sink.seq(), node.kit().system()));
    }

    private List<IndexEntry.Snapshot> snapshots() {
        return TestDatabases.await(recoveries(reader()).index(DATABASE)).stream()
                .map(entry -> (IndexEntry.Snapshot) entry.entry())
                .toList();
    }

    private void awaitSnapshots(int countMin) {
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertTrue(snapshots().size() >= countMin, () -> snapshots().size() + " snapshots");
            return countMin;
        });
    }

    /** Ends the database and waits until no snapshot of it is being written. */
    private void stopDatabase(TestDatabase database) {
        database.ref().tell(Command.Stop.INSTANCE);
        node.kit().createTestProbe().expectTerminated(database.ref(), TestDatabases.DEADLINE);
    }

    private static Instance.GuestResult deleteSome(Transaction transaction, Random random) {
        BsatnWriter doomed = new BsatnWriter();
        doomed.writeInt(0);
        int[] count = new int[1];
        int item = transaction.tableId("item");
        transaction.scanTable(item, (bytes, at, length) -> {
            if (random.nextInt(3) == 0) {
                doomed.writeRaw(bytes, at, length);
                count[0]++;
            }
        });
        doomed.setInt(0, count[0]);
        transaction.deleteAllByEq(item, doomed.buffer(), 0, doomed.length());
        return new Instance.GuestResult.Returned(Bytes.EMPTY);
    }

    private void act(TestDatabase database, Random random) {
        switch (random.nextInt(14)) {
            case 0 -> {
                ScriptedModule.mischief = (transaction, _) -> deleteSome(transaction, random);
                database.call("mischief", "[]");
            }
            case 1 -> database.call("huge", "[" + random.nextInt(400) + "]");
            case 2 -> database.call("secret", "[5]");
            case 3 -> database.call("later", "[{\"Time\":[" + (4_000_000_000_000_000L + random.nextInt(1000)) + "]}]");
            case 4 -> database.publish(ScriptedModule.script(random.nextBoolean() ? "wider" : "plain"), OWNER, false);
            case 5 -> database.publish(ScriptedModule.script("plain"), OWNER, random.nextInt(4) == 0);
            case 6 -> {
                List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    answers.add(database.callLater(OWNER, "add", new Arguments.Json("[" + i + "]")));
                }
                answers.forEach(TestDatabases::await);
            }
            case 7 -> {
                if (random.nextInt(6) == 0) {
                    TestDatabases.await(
                            database.<Database.DeleteOutcome>ask(replyTo -> new Command.Delete(OWNER, replyTo)));
                    assertInstanceOf(Database.Published.class, database.publish());
                }
            }
            case 8 -> database.call(OWNER, RequestId.next(), "add", "[" + random.nextInt(1000) + "]");
            case 9 -> database.call(GUEST, RequestId.next(), "fail", "[\"no\", 1]");
            default -> database.call("add", "[" + random.nextInt(1000) + "]");
        }
    }

    @Test
    void recoveryFromSnapshotsComesToTheSameAsTheWholeLog() {
        long seed = System.nanoTime();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        start(15, 1000);
        TestDatabase database = node.database();
        database.publish();
        int snapshotCount = 0;
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 40; i++) {
                act(database, random);
            }
            stopDatabase(database);

            State expected = recoverWithoutSnapshots();
            assertEquals(expected, recover());
            snapshotCount += snapshots().size();

            database = node.database();
            List<Long> items = database.numbersWhenServing("SELECT COUNT(*) AS n FROM item");
            assertEquals(
                    List.of((long)
                            Objects.requireNonNull(expected.rows().get("item")).size()),
                    items);
        }
        // Those of databases that were deleted in between do not count.
        assertTrue(snapshotCount > 0, "there were no snapshots");
    }

    /** A database with at least that many snapshots, not running, and its whole log. */
    private State snapshotted(int count) {
        start(30, 1000);
        TestDatabase database = node.database();
        database.publish();
        Random random = new Random(5);
        while (snapshots().size() < count) {
            for (int i = 0; i < 10; i++) {
                database.call("huge", "[" + random.nextInt(400) + "]");
                assertInstanceOf(Committed.class, database.call("secret", "[" + i + "]"));
            }
            database.call(OWNER, RequestId.next(), "fail", "[\"no\", 1]");
        }
        stopDatabase(database);
        return recoverWithoutSnapshots();
    }

    /** Reads as the journal does, but for events of one log. */
    private LogReader altered(String persistenceId, Function<LoggedEvent, LoggedEvent> alteration) {
        LogReader intact = reader();
        return (id, from, to) -> id.equals(persistenceId)
                ? intact.events(id, from, to).map(alteration::apply)
                : intact.events(id, from, to);
    }

    private static LoggedEvent damaged(LoggedEvent event, int at) {
        byte[] bytes = event.unsafeArray().clone();
        bytes[at % bytes.length] ^= 0x20;
        return new LoggedEvent(event.sequenceNr(), bytes);
    }

    @Test
    void aDamagedChunkOrManifestCostsOnlyItsSnapshot() {
        State expected = snapshotted(3);
        List<IndexEntry.Snapshot> taken = snapshots();
        IndexEntry.Chunks newest = taken.getLast().chunks();
        String chunks = LogNames.chunks(DATABASE);
        String index = LogNames.index(DATABASE);

        for (long at : new long[] {
            newest.sequenceNrFirst(), (newest.sequenceNrFirst() + newest.sequenceNrLast()) / 2, newest.sequenceNrLast()
        }) {
            LogReader flipped = altered(chunks, event -> event.sequenceNr() == at ? damaged(event, 40) : event);
            assertEquals(expected, recover(flipped, true), "damaged chunk " + at);
            LogReader torn = altered(
                    chunks,
                    event -> event.sequenceNr() == at
                            ? new LoggedEvent(at, java.util.Arrays.copyOf(event.unsafeArray(), 25))
                            : event);
            assertEquals(expected, recover(torn, true), "torn chunk " + at);
        }
        LogReader allChunksDamaged = altered(chunks, event -> damaged(event, 20));
        assertEquals(expected, recover(allChunksDamaged, true), "all chunks damaged");
        LogReader manifest = altered(index, event -> damaged(event, 30));
        assertEquals(expected, recover(manifest, true), "all manifests damaged");
        LogReader gone = (id, from, to) -> reader().events(id, from, to)
                .filter(event -> !id.equals(chunks) || event.sequenceNr() != newest.sequenceNrLast());
        assertEquals(expected, recover(gone, true), "chunk missing");
    }

    @Test
    void theSnapshotBeforeADamagedOneIsUsedWithAWarning() {
        snapshotted(3);
        List<IndexEntry.Snapshot> taken = snapshots();
        long damaged = taken.getLast().chunks().sequenceNrFirst();
        LogReader flipped =
                altered(LogNames.chunks(DATABASE), event -> event.sequenceNr() == damaged ? damaged(event, 40) : event);
        Recoveries recoveries = recoveries(flipped);
        List<IndexedEntry> index = TestDatabases.await(recoveries.index(DATABASE));
        SideLogs logs = new SideLogs(node.kit().system(), JOURNAL);
        try (Snapshots snapshots =
                new Snapshots(node.services().settings().snapshot(), 4096, logs, recoveries, () -> 0)) {
            Snapshots.Found found = LoggingTestKit.warn("the snapshot of database " + DATABASE + " at offset "
                            + taken.getLast().offset() + " is left out")
                    .expect(node.kit().system(), () -> TestDatabases.await(snapshots.newest(DATABASE, index)));

            assertEquals(1, found.leftOut());
            assertEquals(
                    taken.get(taken.size() - 2), found.newest().orElseThrow().snapshot());
        }
    }

    @Test
    void schedulesAndSequencesGoOnAfterARecoveryFromASnapshot() {
        start(10, 1);
        TestDatabase database = node.database();
        database.publish();
        database.call("later", "[{\"Interval\": {\"__time_duration_micros__\": 20000}}]");
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertTrue(events(LogNames.log(DATABASE)).getFirst().sequenceNr() > 3, "the log is still whole");
            return null;
        });
        node.close();

        start(1000, 1);
        TestDatabase again = node.database();
        int before = again.numbersWhenServing("SELECT value FROM item").size();
        again.awaitMoreThan("SELECT value FROM item", before + 2);
        assertInstanceOf(Committed.class, again.call("add", "[5]"));
        List<Long> ids = again.numbers("SELECT id FROM item");
        assertEquals(new TreeSet<>(ids).size(), ids.size(), ids.toString());
        assertTrue(Collections.max(ids) >= before + 3, ids.toString());
    }

    @Test
    void whateverIsDeletedOfOldSnapshotsAndTheLogWhatIsLeftRecovers() {
        State expected = snapshotted(3);
        IndexEntry.Snapshot kept = snapshots().getLast();
        long manifests = snapshots().size();
        SideLogs logs = new SideLogs(node.kit().system(), JOURNAL);

        TestDatabases.await(logs.trim(LogNames.index(DATABASE), manifests - 1));
        assertEquals(expected, recover(), "index trimmed");
        TestDatabases.await(logs.trim(LogNames.chunks(DATABASE), kept.chunks().sequenceNrFirst() - 1));
        assertEquals(expected, recover(), "chunks trimmed");
        TestDatabases.await(logs.trim(LogNames.log(DATABASE), kept.log().sequenceNr()));
        assertEquals(expected, recover(), "log trimmed");
        assertEquals(
                kept.log().sequenceNr() + 1,
                events(LogNames.log(DATABASE)).getFirst().sequenceNr());
    }

    /** What a snapshot had sent when its database was stopped may still be written, and take the number first. */
    private void appendChunk(byte[] chunk) {
        SideLogs logs = new SideLogs(node.kit().system(), JOURNAL);
        node.kit()
                .createTestProbe()
                .awaitAssert(
                        TestDatabases.DEADLINE,
                        () -> TestDatabases.await(logs.append(LogNames.chunks(DATABASE), chunk)));
    }

    @Test
    void chunksOfASnapshotThatWasNotFinishedAreNoHindrance() {
        State expected = snapshotted(2);
        byte[] left = events(LogNames.chunks(DATABASE)).getFirst().unsafeArray();
        for (int i = 0; i < 3; i++) {
            appendChunk(left);
        }
        int before = snapshots().size();

        assertEquals(expected, recover());
        TestDatabase database = node.database();
        for (int i = 0; i < 60; i++) {
            assertInstanceOf(Committed.class, database.call("add", "[1]"));
        }
        awaitSnapshots(before + 1);
        stopDatabase(database);
        assertEquals(recoverWithoutSnapshots(), recover());
    }

    @Test
    void onlySoManySnapshotsAreKeptAndTheLogFromTheOldestOn() {
        start(10, 2);
        TestDatabase database = node.database();
        database.publish();
        for (int i = 0; i < 100; i++) {
            assertInstanceOf(Committed.class, database.call("add", "[" + i + "]"));
        }
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(2, snapshots().size());
            assertEquals(
                    snapshots().getFirst().log().sequenceNr() + 1,
                    events(LogNames.log(DATABASE)).getFirst().sequenceNr());
            assertEquals(
                    snapshots().getFirst().chunks().sequenceNrFirst(),
                    events(LogNames.chunks(DATABASE)).getFirst().sequenceNr());
            return 2;
        });
        node.close();

        start(10, 2);
        TestDatabase again = node.database();
        assertEquals(List.of(101L), again.numbersWhenServing("SELECT COUNT(*) AS n FROM item"));
        assertInstanceOf(Committed.class, again.call("add", "[7]"));
    }

    @Test
    void aNodeThatEndsAtAnyMomentLosesNothingThatWasConfirmed() {
        long seed = System.nanoTime();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        long confirmed = 0;
        long unknown = 0;
        for (int round = 0; round < 5; round++) {
            start(7, 1);
            TestDatabase database = node.database();
            if (round == 0) {
                database.publish();
            }
            long found = database.numbersWhenServing("SELECT COUNT(*) AS n FROM item")
                            .getFirst()
                    - 1;
            assertTrue(
                    found >= confirmed && found <= confirmed + unknown, found + " of " + confirmed + " + " + unknown);
            confirmed = found;
            unknown = 5;
            int calls = 20 + random.nextInt(60);
            for (int i = 0; i < calls; i++) {
                assertInstanceOf(Committed.class, database.call("add", "[1]"));
                confirmed++;
            }
            for (int i = 0; i < unknown; i++) {
                var _ = database.callLater(OWNER, "add", new Arguments.Json("[1]"));
            }
            node.close();
        }
        start(7, 1);
        long found = node.database()
                        .numbersWhenServing("SELECT COUNT(*) AS n FROM item")
                        .getFirst()
                - 1;
        assertTrue(found >= confirmed && found <= confirmed + unknown, found + " of " + confirmed + " + " + unknown);
        assertNotEquals(List.of(), snapshots());
    }

    @Test
    void anEndedDatabaseLeavesNoSnapshotsAndAnotherCanBegin() {
        start(5, 2);
        TestDatabase database = node.database();
        database.publish();
        for (int i = 0; i < 20; i++) {
            database.call("add", "[1]");
        }
        awaitSnapshots(1);
        assertInstanceOf(
                Database.Deleted.class,
                TestDatabases.await(
                        database.<Database.DeleteOutcome>ask(replyTo -> new Command.Delete(OWNER, replyTo))));
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(1, events(LogNames.log(DATABASE)).size());
            return null;
        });
        node.close();

        start(5, 2);
        TestDatabase again = node.database();
        assertInstanceOf(Database.NoSuchModule.class, again.call("add", "[1]"));
        again.publish();
        assertInstanceOf(Committed.class, again.call("add", "[2]"));
        node.close();

        start(5, 2);
        assertEquals(List.of(1000L, 2L), node.database().numbersWhenServing("SELECT value FROM item"));
    }
}
