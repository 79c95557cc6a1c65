package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.modules.HostType;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.SchemaIds;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventCodecTest {
    private static final int EVENT_BYTES_MAX = 1 << 20;
    private static final Identity ALICE = new Identity(1, 2, 3, 4);

    private static RowList rows(int... lengths) {
        RowList rows = new RowList();
        for (int length : lengths) {
            byte[] row = new byte[length];
            java.util.Arrays.fill(row, (byte) length);
            rows.row(row, 0, length);
        }
        return rows;
    }

    private static LogEntry.Transaction transaction(String call, Delta.TableDelta... tables) {
        return new LogEntry.Transaction(
                5,
                ALICE,
                new ConnectionId(6, 7),
                8,
                9,
                CallKind.SCHEDULED_REDUCER,
                CallResult.COMMITTED,
                call,
                new Delta(
                        List.of(tables),
                        List.of(
                                new Delta.SequencePosition(4096, 0, BigInteger.ONE.shiftLeft(127)),
                                new Delta.SequencePosition(4097, 3, BigInteger.valueOf(-200)))));
    }

    private static LogEntry.Restored restored() {
        IndexEntry.Snapshot state = new IndexEntry.Snapshot(
                13,
                14,
                new LogPosition(0, 0, 0, false),
                new IndexEntry.Chunks(15, 16, 17, 18),
                new IndexEntry.ProgramFacts(
                        ALICE, HostType.JS, Bytes.ofHex("0102"), Bytes.ofHex("0304"), Optional.empty()),
                new SchemaIds(
                        Map.of("item", 4096), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), SchemaIds.Next.FIRST),
                List.of(new Delta.SequencePosition(4096, 0, BigInteger.TEN)));
        return new LogEntry.Restored(12, ALICE, state);
    }

    private static LogEntry.Answered answered(CallResult result, String message) {
        return new LogEntry.Answered(
                12, ALICE, new ConnectionId(6, 7), 8, 9, CallKind.REDUCER, result, "transfer", message);
    }

    private static LogEntry.ProcedureReturned returned(Optional<LogEntry.ReturnValue> value) {
        return new LogEntry.ProcedureReturned(9, ALICE, ConnectionId.NONE, 8, 9, "fetch", 7, value);
    }

    private static LogEntry.Published published() {
        return new LogEntry.Published(
                10,
                ALICE,
                HostType.JS,
                Bytes.ofHex("00ff"),
                Bytes.ofUtf8("a definition"),
                Optional.of(Bytes.ofHex("ab12")),
                false,
                Bytes.ofHex("010203"),
                List.of(new LogEntry.TableId(4096, "item"), new LogEntry.TableId(4097, "timer")),
                Delta.EMPTY);
    }

    private static List<byte[]> encode(long offsetFirst, int eventBytesMax, LogEntry... entries) {
        BsatnWriter out = new BsatnWriter();
        EventCodec.beginBatch(out, 3, offsetFirst);
        for (LogEntry entry : entries) {
            EventCodec.addEntry(out, entry);
        }
        return EventCodec.finishBatch(out, 3, offsetFirst, entries.length, eventBytesMax);
    }

    /** Deltas compare by their rows, which have no equality of their own: compare the bytes they are written to. */
    private static void assertSame(LogEntry expected, LogEntry actual) {
        BsatnWriter first = new BsatnWriter();
        BsatnWriter second = new BsatnWriter();
        EntryCodec.write(first, expected);
        EntryCodec.write(second, actual);
        assertEquals(first.toBytes(), second.toBytes());
    }

    @Test
    void everyKindOfEntryComesBack() {
        LogEntry[] entries = {
            published(),
            transaction("add", new Delta.TableDelta(4096, rows(12, 12, 12), rows())),
            transaction("mix", new Delta.TableDelta(4097, rows(0), rows(1, 300, 2))),
            transaction("none"),
            answered(CallResult.REJECTED, "not enough"),
            answered(CallResult.STOPPED_BY_MEMORY, ""),
            new LogEntry.ProcedureBegun(7, ALICE, ConnectionId.NONE, 8, 9, "fetch"),
            returned(Optional.of(new LogEntry.ReturnValue(Bytes.ofHex("0a"), Bytes.ofHex("0102")))),
            returned(Optional.empty()),
            new LogEntry.Deleted(11, ALICE),
            restored()
        };

        List<byte[]> events = encode(77, EVENT_BYTES_MAX, entries);
        Event.Batch batch = assertInstanceOf(Event.Batch.class, EventCodec.read(events.getFirst()));

        assertEquals(1, events.size());
        assertEquals(3, batch.epoch());
        assertEquals(77, batch.offsetFirst());
        assertEquals(entries.length, batch.entries().size());
        for (int i = 0; i < entries.length; i++) {
            assertSame(entries[i], batch.entries().get(i));
        }
        LogEntry.Transaction mix =
                assertInstanceOf(LogEntry.Transaction.class, batch.entries().get(2));
        assertEquals("mix", mix.call());
        assertEquals(300, mix.delta().tables().getFirst().deletes().get(1).length());
        assertEquals(
                BigInteger.ONE.shiftLeft(127),
                mix.delta().sequences().getFirst().next());
        assertEquals(published(), batch.entries().getFirst());
        assertEquals(
                answered(CallResult.REJECTED, "not enough"), batch.entries().get(4));
        assertEquals(entries[6], batch.entries().get(6));
        assertEquals(entries[7], batch.entries().get(7));
        assertEquals(entries[8], batch.entries().get(8));
        assertEquals(restored(), batch.entries().getLast());
    }

    @Test
    void aBlockOfEntriesComesBackWithItsFirstOffset() {
        EntryBlock block = new EntryBlock();
        block.add(7, published());
        block.add(8, transaction("add"));

        EntryBlock.Entries entries = EntryBlock.read(block.take());

        assertEquals(7, entries.offsetFirst());
        assertEquals(published(), entries.entries().getFirst());
        assertEquals(2, entries.entries().size());
        assertTrue(block.isEmpty());
        block.add(20, transaction("add"));
        assertThrows(IllegalArgumentException.class, () -> block.add(22, transaction("add")));
        byte[] bytes = block.take();
        bytes[12] ^= 1;
        assertThrows(CorruptEventException.class, () -> EntryBlock.read(bytes));
    }

    @Test
    void whoOpenedTheLogComesBack() {
        Event.Opened opened = new Event.Opened(9, 1234, "node-1");

        assertEquals(opened, EventCodec.read(EventCodec.opened(opened)));
    }

    @Test
    void aLargeBatchTravelsAsATrainOfChunks() {
        LogEntry large = transaction("large", new Delta.TableDelta(4096, rows(3000, 3000, 3000, 3000), rows()));

        List<byte[]> events = encode(5, 4096, large);

        assertEquals(3, events.size());
        assertTrue(events.stream().allMatch(event -> event.length <= 4096));
        assertSame(large, assertNotNull(assemble(events)).entries().getFirst());
    }

    private static <T> T assertNotNull(@Nullable T value) {
        org.junit.jupiter.api.Assertions.assertNotNull(value);
        return value;
    }

    private static Event.@Nullable Batch assemble(List<byte[]> events) {
        TrainAssembler assembler = new TrainAssembler();
        Event.Batch last = null;
        for (byte[] event : events) {
            last = assembler.add(assertInstanceOf(Event.Chunk.class, EventCodec.read(event)));
        }
        return last;
    }

    @Test
    void anIncompleteTrainCountsForNothing() {
        List<byte[]> train = encode(5, 4096, transaction("large", new Delta.TableDelta(1, rows(9000), rows())));
        List<byte[]> withoutOne = new ArrayList<>(train);
        withoutOne.remove(1);

        assertNull(assemble(train.subList(0, train.size() - 1)));
        assertNull(assemble(withoutOne));

        List<byte[]> brokenOffThenWhole = new ArrayList<>(train.subList(0, 2));
        brokenOffThenWhole.addAll(train);
        assertNotNull(assemble(brokenOffThenWhole));
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] event = encode(
                        1, EVENT_BYTES_MAX, published(), transaction("add", new Delta.TableDelta(1, rows(4), rows())))
                .getFirst();

        for (int bit = 0; bit < event.length * 8; bit++) {
            byte[] damaged = event.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThrows(CorruptEventException.class, () -> EventCodec.read(damaged));
        }
    }

    @Test
    void everyCutIsNoticed() {
        byte[] event = encode(1, EVENT_BYTES_MAX, published()).getFirst();

        for (int length = 0; length < event.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(event, length);
            assertThrows(CorruptEventException.class, () -> EventCodec.read(cut));
        }
    }

    /** With a right checksum nonsense is still refused by name, and its counts are no reason to reserve memory. */
    @Test
    void hostileBodiesAreRefusedByName() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] event = encode(
                        1,
                        EVENT_BYTES_MAX,
                        published(),
                        transaction("add", new Delta.TableDelta(1, rows(4), rows(1, 2))))
                .getFirst();

        for (int round = 0; round < 20_000; round++) {
            byte[] hostile = event.clone();
            for (int i = 0; i < 3; i++) {
                hostile[2 + random.nextInt(hostile.length - 6)] = (byte) (random.nextBoolean() ? -1 : random.nextInt());
            }
            int checksum = EventCodec.checksum(hostile, 0, hostile.length - 4);
            BsatnWriter tail = new BsatnWriter().writeInt(checksum);
            System.arraycopy(tail.buffer(), 0, hostile, hostile.length - 4, 4);
            try {
                EventCodec.read(hostile);
            } catch (CorruptEventException e) {
                assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), "seed " + seed);
            }
        }
    }
}
