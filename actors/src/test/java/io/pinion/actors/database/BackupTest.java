package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.backup.BackupException;
import io.pinion.actors.backup.BackupFile;
import io.pinion.actors.backup.BackupManifest;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.NotRestored;
import io.pinion.actors.database.Database.Requester;
import io.pinion.actors.database.Database.RestoreOutcome;
import io.pinion.actors.database.Database.RestorePoint;
import io.pinion.actors.database.Database.Restored;
import io.pinion.actors.database.Database.SnapshotTaken;
import io.pinion.actors.database.Database.Wanted;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamRefs;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of databases that serve, in the embedded journal, and what is restored from them. */
@Timeout(300)
class BackupTest {
    private static final String ITEMS = "SELECT value FROM item";
    private static final AtomicInteger IDENTITIES = new AtomicInteger();

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init") // every test starts it in its own way
    private TestDatabases node;

    @AfterEach
    void stop() {
        node.close();
    }

    /** A node with a database of small events, so that everything has several parts. */
    private TestDatabase start(String settings) {
        node = TestDatabases.start(directory, "pinion.durability.event-bytes-max = 4 KiB\n" + settings);
        TestDatabase database = node.database();
        assertInstanceOf(Database.Published.class, database.publish());
        return database;
    }

    private TestDatabase fresh() {
        return node.database(Identity.derive("localhost", "restored " + IDENTITIES.incrementAndGet()));
    }

    private Database.DownloadOutcome download(TestDatabase database, Wanted wanted, Requester requester) {
        return await(
                database.<Database.DownloadOutcome>ask(replyTo -> new Command.Download(wanted, requester, replyTo)));
    }

    private byte[] bytes(TestDatabase database, Wanted wanted, Requester requester) {
        Database.Downloading begun =
                assertInstanceOf(Database.Downloading.class, download(database, wanted, requester));
        return await(begun.bytes()
                        .getSource()
                        .runWith(
                                Sink.fold(ByteString.emptyByteString(), ByteString::concat),
                                node.kit().system()))
                .toArray();
    }

    private byte[] backup(TestDatabase database, boolean withLog) {
        return bytes(database, new Wanted.Backup(withLog, List.of("items"), "1.2.3"), new Requester(OWNER, false));
    }

    private CompletionStage<RestoreOutcome> restoring(
            TestDatabase target, Source<ByteString, ?> archive, RestorePoint point, boolean replace) {
        var stream = archive.runWith(StreamRefs.sourceRef(), node.kit().system());
        return target.ask(
                replyTo -> new Command.Restore(stream, point, replace, OWNER, new Requester(OWNER, false), replyTo));
    }

    private static Source<ByteString, ?> source(byte[] archive) {
        List<ByteString> pieces = new ArrayList<>();
        for (int at = 0; at < archive.length; at += 8192) {
            pieces.add(ByteString.fromArray(Arrays.copyOfRange(archive, at, Math.min(archive.length, at + 8192))));
        }
        return Source.from(pieces);
    }

    private RestoreOutcome restore(TestDatabase target, byte[] archive, RestorePoint point, boolean replace) {
        return await(restoring(target, source(archive), point, replace));
    }

    private RestoreOutcome restore(TestDatabase target, byte[] archive) {
        return restore(target, archive, RestorePoint.Latest.INSTANCE, false);
    }

    private BackupManifest manifest(byte[] archive) throws IOException {
        Path file = Files.write(directory.resolve("archive" + IDENTITIES.incrementAndGet()), archive);
        BackupManifest manifest = BackupFile.manifest(file);
        assertEquals(manifest, BackupFile.verify(file));
        return manifest;
    }

    private static long add(TestDatabase database, long value) {
        return assertInstanceOf(Committed.class, database.call("add", "[" + value + "]"))
                .offset();
    }

    private static List<Long> sorted(List<Long> numbers) {
        return numbers.stream().sorted().toList();
    }

    @Test
    void aBackupUnderLoadIsExactlyTheStateOfItsOffset() throws IOException {
        TestDatabase database = start("");
        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            answers.add(database.callLater(OWNER, "add", new Arguments.Json("[" + i + "]")));
        }

        byte[] archive = backup(database, false);
        answers.forEach(TestDatabases::await);

        BackupManifest manifest = manifest(archive);
        TestDatabase copy = fresh();
        Restored restored = assertInstanceOf(Restored.class, restore(copy, archive));
        // Publishing is offset 1 and makes one row; every call makes one more.
        assertEquals(manifest.last().offset(), restored.offsetOfBackup());
        assertEquals(manifest.first(), manifest.last());
        assertEquals(restored.offsetOfBackup(), copy.numbersWhenServing(ITEMS).size());
        assertEquals(manifest.rows(), restored.rows());
        assertEquals(List.of("items"), manifest.head().names());
        assertEquals(OWNER, manifest.head().owner());
    }

    @Test
    void aRestoredDatabaseGoesOnAndSurvivesARestart() {
        TestDatabase database = start("");
        for (int i = 0; i < 500; i++) {
            add(database, i);
        }
        byte[] archive = backup(database, false);
        Identity identity = Identity.derive("localhost", "the copy");
        TestDatabase copy = node.database(identity);
        Restored restored = assertInstanceOf(Restored.class, restore(copy, archive));
        assertEquals(1, restored.offset());

        List<Long> ids = sorted(copy.numbersWhenServing("SELECT id FROM item"));
        long highest = ids.getLast();
        assertEquals(2, add(copy, 77));
        assertEquals(highest + 1, sorted(copy.numbers("SELECT id FROM item")).getLast(), "the sequence goes on");
        node.close();

        node = TestDatabases.start(directory, "");
        TestDatabase again = node.database(identity);
        List<Long> values = again.numbersWhenServing(ITEMS);
        assertEquals(502, values.size());
        assertTrue(values.contains(77L));
        assertEquals(501, node.database().numbersWhenServing(ITEMS).size(), "the original");
    }

    @Test
    void schedulesGoOn() {
        TestDatabase database = start("");
        long tomorrowMicros = Clock.SYSTEM.epochMicros() + TimeUnit.DAYS.toMicros(1);
        later(database, tomorrowMicros);
        later(database, Clock.SYSTEM.epochMicros() + TimeUnit.SECONDS.toMicros(3));
        byte[] archive = backup(database, false);
        assertEquals(2, database.numbers("SELECT id FROM timer").size());

        TestDatabase copy = fresh();
        assertInstanceOf(Restored.class, restore(copy, archive));

        List<Long> timers = sorted(copy.numbersWhenServing("SELECT id FROM timer"));
        copy.awaitNumbers("SELECT id FROM timer", timers.subList(0, 1));
        // What fires inserts the negated id of its row.
        copy.awaitNumbers("SELECT COUNT(*) AS n FROM item WHERE value = -2", List.of(1L));
    }

    private static void later(TestDatabase database, long micros) {
        assertInstanceOf(Committed.class, database.call("later", "[{\"Time\":[" + micros + "]}]"));
    }

    @Test
    void everyStateSinceTheOldestSnapshotCanBeRestored() throws IOException {
        TestDatabase database = start("pinion.snapshot { keep = 2, log-entries = 1000000 }");
        Random random = new Random(7);
        Map<Long, List<Long>> states = new HashMap<>();
        Map<Long, Long> timesMicros = new HashMap<>();
        long snapshotOffset = 0;
        for (int i = 0; i < 60; i++) {
            switch (i) {
                case 10, 20 ->
                    snapshotOffset = assertInstanceOf(
                                    SnapshotTaken.class,
                                    await(database.<Database.SnapshotOutcome>ask(Command.TakeSnapshot::new)))
                            .offset();
                case 30 -> database.publishAndBreak("wider");
                case 40 -> database.publish(ScriptedModule.script("plain"), OWNER, true);
                default -> {}
            }
            long offset = add(database, random.nextInt(1000));
            states.put(offset, sorted(database.numbers(ITEMS)));
            timesMicros.put(offset, ScriptedModule.timestampMicrosOfLastCall);
            while (Clock.SYSTEM.epochMicros() <= ScriptedModule.timestampMicrosOfLastCall) {
                Thread.onSpinWait(); // so that times differ
            }
        }
        byte[] archive = backup(database, true);
        BackupManifest manifest = manifest(archive);
        assertTrue(manifest.first().offset() < snapshotOffset, "from the older of two snapshots");

        for (long offset : states.keySet()) {
            if (offset < manifest.first().offset() || offset % 5 != 0) {
                continue;
            }
            TestDatabase byOffset = fresh();
            Restored restored = assertInstanceOf(
                    Restored.class, restore(byOffset, archive, new RestorePoint.AtOffset(offset), false));
            assertEquals(offset, restored.offsetOfBackup());
            assertEquals(states.get(offset), sorted(byOffset.numbersWhenServing(ITEMS)), "offset " + offset);

            TestDatabase byTime = fresh();
            long micros = java.util.Objects.requireNonNull(timesMicros.get(offset));
            if (micros >= manifest.first().timeMicros()) {
                restored = assertInstanceOf(
                        Restored.class, restore(byTime, archive, new RestorePoint.AtTime(micros), false));
                assertEquals(offset, restored.offsetOfBackup());
                assertEquals(states.get(offset), sorted(byTime.numbersWhenServing(ITEMS)), "time of " + offset);
            }
        }
        long last = manifest.last().offset();
        for (RestorePoint outside : List.of(
                new RestorePoint.AtOffset(manifest.first().offset() - 1),
                new RestorePoint.AtOffset(last + 1),
                new RestorePoint.AtTime(manifest.first().timeMicros() - 1),
                new RestorePoint.AtTime(manifest.last().timeMicros() + 1))) {
            NotRestored refused = assertInstanceOf(NotRestored.class, restore(fresh(), archive, outside, false));
            assertTrue(refused.reason().contains("offset " + manifest.first().offset()), refused.reason());
            assertTrue(refused.reason().contains("to offset " + last), refused.reason());
        }
    }

    @Test
    void theWholeLogIsInABackupWhereThereIsNoSnapshot() throws IOException {
        TestDatabase database = start("");
        long offset = add(database, 5);
        add(database, 6);

        byte[] archive = backup(database, true);

        assertEquals(1, manifest(archive).first().offset());
        TestDatabase copy = fresh();
        assertInstanceOf(Restored.class, restore(copy, archive, new RestorePoint.AtOffset(offset), false));
        assertEquals(List.of(5L, 1000L), sorted(copy.numbersWhenServing(ITEMS)));
    }

    @Test
    void aReplacedDatabaseKeepsItsLogAndCanBeRestoredToEitherSideOfThat() throws IOException {
        TestDatabase database = start("");
        add(database, 1);
        byte[] one = backup(database, false);
        long before = add(database, 2);

        assertInstanceOf(Database.AlreadyExists.class, restore(database, one));
        Restored restored =
                assertInstanceOf(Restored.class, restore(database, one, RestorePoint.Latest.INSTANCE, true));
        assertEquals(before + 1, restored.offset());
        assertEquals(List.of(1L, 1000L), sorted(database.numbersWhenServing(ITEMS)));
        long after = add(database, 3);

        byte[] log = backup(database, true);
        assertEquals(1, manifest(log).first().offset());
        TestDatabase earlier = fresh();
        restore(earlier, log, new RestorePoint.AtOffset(before), false);
        assertEquals(List.of(1L, 2L, 1000L), sorted(earlier.numbersWhenServing(ITEMS)));
        TestDatabase later = fresh();
        assertInstanceOf(Restored.class, restore(later, log, new RestorePoint.AtOffset(after), false));
        assertEquals(List.of(1L, 3L, 1000L), sorted(later.numbersWhenServing(ITEMS)));
        node.close();

        node = TestDatabases.start(directory, "");
        assertEquals(List.of(1L, 3L, 1000L), sorted(node.database().numbersWhenServing(ITEMS)));
    }

    @Test
    void aDeletedDatabaseIsRestoredUnderItsIdentityAtOnce() {
        TestDatabase database = start("");
        add(database, 1);
        await(database.<Database.SnapshotOutcome>ask(Command.TakeSnapshot::new));
        byte[] archive = backup(database, false);
        for (int round = 0; round < 5; round++) {
            assertInstanceOf(
                    Database.Deleted.class,
                    await(database.<Database.DeleteOutcome>ask(replyTo -> new Command.Delete(OWNER, replyTo))));

            assertInstanceOf(Restored.class, restore(database, archive));

            assertEquals(List.of(1L, 1000L), sorted(database.numbersWhenServing(ITEMS)));
        }
        node.close();
        node = TestDatabases.start(directory, "");
        assertEquals(List.of(1L, 1000L), sorted(node.database().numbersWhenServing(ITEMS)));
    }

    @Test
    void snapshotsAfterARestoreLetItsRowsGoWithTheLog() {
        TestDatabase database = start("pinion.snapshot { keep = 1 }");
        add(database, 1);
        byte[] archive = backup(database, false);
        add(database, 2);
        restore(database, archive, RestorePoint.Latest.INSTANCE, true);
        database.numbersWhenServing(ITEMS);
        for (int i = 0; i < 3; i++) {
            add(database, 10 + i);
            assertInstanceOf(
                    SnapshotTaken.class, await(database.<Database.SnapshotOutcome>ask(Command.TakeSnapshot::new)));
        }
        add(database, 20);
        node.close();

        node = TestDatabases.start(directory, "");
        assertEquals(
                List.of(1L, 10L, 11L, 12L, 20L, 1000L), sorted(node.database().numbersWhenServing(ITEMS)));
    }

    @Test
    void onlyItsOwnerAndOperatorsTakeABackupOrReplace() {
        TestDatabase database = start("");
        Wanted wanted = new Wanted.Backup(false, List.of(), "");

        assertInstanceOf(Database.NotOwner.class, download(database, wanted, new Requester(GUEST, false)));
        byte[] archive = bytes(database, wanted, new Requester(GUEST, true));
        var stream = source(archive).runWith(StreamRefs.sourceRef(), node.kit().system());
        assertInstanceOf(
                Database.NotOwner.class,
                await(database.<RestoreOutcome>ask(replyTo -> new Command.Restore(
                        stream, RestorePoint.Latest.INSTANCE, true, GUEST, new Requester(GUEST, false), replyTo))));
        assertEquals(List.of(1000L), database.numbers(ITEMS));
    }

    @Test
    void aFlippedBitInAnyPartIsRefusedWithItsName() throws IOException {
        TestDatabase database = start("");
        for (int i = 0; i < 300; i++) {
            add(database, i);
        }
        await(database.<Database.SnapshotOutcome>ask(Command.TakeSnapshot::new));
        add(database, 1);
        byte[] archive = backup(database, true);
        List<Long> items = sorted(database.numbers(ITEMS));
        List<String> kinds = new ArrayList<>();

        for (Map.Entry<String, long[]> part : places(archive).entrySet()) {
            kinds.add(part.getKey().replaceAll(".*\\.", ""));
            long from = part.getValue()[0];
            long to = part.getValue()[1];
            int refusedCount = 0;
            for (long at : new long[] {from, (from + to) / 2, to - 1}) {
                byte[] flipped = archive.clone();
                flipped[(int) at] ^= 0x10;
                TestDatabase target = fresh();

                RestoreOutcome outcome = restore(target, flipped);

                if (outcome instanceof Restored) {
                    // Some bits of what is compressed mean nothing: its bytes are the same without them.
                    assertEquals(items, sorted(target.numbersWhenServing(ITEMS)));
                    continue;
                }
                NotRestored refused = assertInstanceOf(NotRestored.class, outcome, part.getKey() + " at " + at);
                boolean isNamed = refused.reason().contains(part.getKey());
                assertTrue(isNamed || part.getKey().equals("manifest.json"), part.getKey() + ": " + refused.reason());
                assertInstanceOf(NoSuchModule.class, target.call("add", "[1]"));
                refusedCount++;
            }
            assertTrue(refusedCount > 0, part.getKey());
        }
        assertTrue(kinds.containsAll(List.of("program", "state", "rows", "log", "json")), kinds.toString());
    }

    /** Where the compressed bytes of each entry stand, by the names in the central directory. */
    private Map<String, long[]> places(byte[] archive) throws IOException {
        Path file = Files.write(directory.resolve("intact"), archive);
        Map<String, long[]> places = new HashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            long at = 0;
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                long from = at + 30 + entry.getName().length();
                places.put(entry.getName(), new long[] {from, from + entry.getCompressedSize()});
                at = from + entry.getCompressedSize() + 16;
            }
        }
        return places;
    }

    @Test
    void anArchiveThatBreaksOffAnywhereIsRefusedAndTheNextRestoreWorks() {
        TestDatabase database = start("");
        for (int i = 0; i < 50; i++) {
            add(database, i);
        }
        byte[] archive = backup(database, false);
        TestDatabase target = fresh();
        int directoryAt = lastIndexOf(archive, new byte[] {
            'P', 'K', 1, 2,
        });

        for (int length = 0; length < directoryAt - 100; length += Math.max(1, archive.length / 40)) {
            NotRestored refused = assertInstanceOf(
                    NotRestored.class, restore(target, Arrays.copyOf(archive, length)), "length " + length);
            assertTrue(
                    refused.reason().contains("incomplete")
                            || refused.reason().contains("no backup")
                            || refused.reason().contains("damaged"),
                    refused.reason());
            assertInstanceOf(NoSuchModule.class, target.call("add", "[1]"));
        }

        assertInstanceOf(Restored.class, restore(target, archive));
        assertEquals(51, target.numbersWhenServing(ITEMS).size());
    }

    private static int lastIndexOf(byte[] bytes, byte[] wanted) {
        int first = bytes.length;
        for (int at = bytes.length - wanted.length; at >= 0; at--) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                first = at;
            }
        }
        return first;
    }

    @Test
    void anUploadThatFailsOrStallsLeavesNothing() {
        TestDatabase database = start("pinion.transfer.idle-timeout = 300 ms");
        byte[] archive = backup(database, false);
        TestDatabase target = fresh();
        Source<ByteString, ?> broken = Source.single(ByteString.fromArray(Arrays.copyOf(archive, 100)))
                .concat(Source.failed(new IllegalStateException("the client is gone")));
        Source<ByteString, ?> stalled =
                Source.single(ByteString.fromArray(Arrays.copyOf(archive, 100))).concat(Source.<ByteString>maybe());

        assertInstanceOf(NotRestored.class, await(restoring(target, broken, RestorePoint.Latest.INSTANCE, false)));
        assertInstanceOf(NotRestored.class, await(restoring(target, stalled, RestorePoint.Latest.INSTANCE, false)));

        assertInstanceOf(NoSuchModule.class, target.call("add", "[1]"));
        assertInstanceOf(Restored.class, restore(target, archive));
    }

    @Test
    void aReaderThatStallsGivesUpItsBackupAndOnlySoManyRunAtOnce() {
        TestDatabase database = start("pinion.transfer { at-once = 1, idle-timeout = 500 ms }");
        for (int i = 0; i < 30; i++) {
            database.call("huge", "[2000]");
        }
        Requester owner = new Requester(OWNER, false);
        Wanted wanted = new Wanted.Table("item", Database.TextFormat.JSON_LINES);
        Database.Downloading unread = assertInstanceOf(Database.Downloading.class, download(database, wanted, owner));

        assertInstanceOf(Database.Overloaded.class, download(database, wanted, owner));
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertInstanceOf(Database.Downloading.class, download(database, wanted, owner));
            return null;
        });
        assertThrows(
                CompletionException.class,
                () -> await(unread.bytes()
                        .getSource()
                        .runWith(Sink.ignore(), node.kit().system())));
    }

    @Test
    void aFileThatIsNoBackupIsSaidSo() throws IOException {
        node = TestDatabases.start(directory, "");
        Path text = Files.writeString(directory.resolve("text"), "no archive");

        NotRestored refused = assertInstanceOf(NotRestored.class, restore(fresh(), Files.readAllBytes(text)));

        assertTrue(refused.reason().contains("this is no backup"), refused.reason());
        assertThrows(BackupException.class, () -> BackupFile.manifest(text));
        assertThrows(BackupException.class, () -> BackupFile.verify(text));
    }

    @Test
    void tablesAreExportedAsTheirReadersMaySeeThem() {
        TestDatabase database = start("");
        database.call("secret", "[5]");
        Requester owner = new Requester(OWNER, false);
        Requester guest = new Requester(GUEST, false);
        Wanted.Table items = new Wanted.Table("item", Database.TextFormat.JSON_LINES);
        Wanted.Table secrets = new Wanted.Table("secret", Database.TextFormat.CSV);
        Wanted.Table module = new Wanted.Table("st_module", Database.TextFormat.JSON_LINES);

        assertEquals(
                "{\"id\":1,\"value\":1000}\n",
                Bytes.wrap(bytes(database, items, guest)).toUtf8());
        assertEquals(
                "id,value\r\n1,5\r\n",
                Bytes.wrap(bytes(database, secrets, owner)).toUtf8());
        assertInstanceOf(Database.NotDownloaded.class, download(database, secrets, guest));
        String program = Bytes.ofUtf8("script ").toHex();
        assertTrue(Bytes.wrap(bytes(database, module, owner)).toUtf8().contains(program));
        assertTrue(!Bytes.wrap(bytes(database, module, guest)).toUtf8().contains(program));
        for (String none : List.of("nothing", "st_connection_credentials", "large")) {
            Wanted.Table table = new Wanted.Table(none, Database.TextFormat.CSV);
            assertInstanceOf(Database.NotDownloaded.class, download(database, table, owner), none);
        }
    }
}
