package io.pinion.modules.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.modules.RecordingHost;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The host calls against a real store: one table {@code notes} of a generated u64 and a string. */
class HostCallsTest {
    private static final int ROW_BYTES = 1000;
    private static final byte[] NO_BYTES = new byte[0];

    private final RecordingHost host = new RecordingHost();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final HostCalls calls = new HostCalls(host, stopped::get);
    private Transaction transaction;
    private int notes;
    private int notesById;

    @BeforeEach
    void beginACall() throws InvalidModuleDefException {
        transaction = Datastore.create(ModuleDef.of(description())).begin();
        calls.begin(new FunctionCall(0, "noting", Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY), transaction);
        notes = calls.tableId("notes");
        notesById = calls.indexId("notes_id_idx_btree");
    }

    private static Bytes description() {
        BsatnWriter out = new BsatnWriter();
        out.writeByte(2).writeInt(4);
        out.writeByte(0).writeInt(1).writeByte(2).writeInt(2);
        out.writeByte(0)
                .writeString("id")
                .writeByte(13)
                .writeByte(0)
                .writeString("text")
                .writeByte(4);
        out.writeByte(1).writeInt(1).writeInt(0).writeString("Note").writeInt(0).writeByte(1);
        out.writeByte(2)
                .writeInt(1)
                .writeString("notes")
                .writeInt(0)
                .writeInt(1)
                .writeShort(0);
        out.writeInt(1)
                .writeByte(0)
                .writeString("notes_id_idx_btree")
                .writeByte(0)
                .writeString("id")
                .writeByte(0);
        out.writeInt(1).writeShort(0);
        out.writeInt(1).writeByte(1).writeByte(0).writeInt(1).writeShort(0);
        out.writeInt(1)
                .writeByte(1)
                .writeShort(0)
                .writeByte(1)
                .writeByte(1)
                .writeByte(1)
                .writeLong(1)
                .writeLong(0);
        out.writeByte(1).writeByte(0).writeInt(0).writeByte(0);
        out.writeByte(9).writeByte(0);
        return out.toBytes();
    }

    // Outside a transaction

    @Test
    void everythingThatNeedsATransactionSaysSoWithoutOne() {
        calls.end();

        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.tableId("notes"));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.indexId("x"));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.rowCount(notes));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.scanTable(notes));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.scanPoint(notesById, NO_BYTES, 0, 0));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.scanRange(notesById, calls.range()));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.deletePoint(notesById, NO_BYTES, 0, 0));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.deleteRange(notesById, calls.range()));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.deleteAllByEq(notes, NO_BYTES, 0, 0));
        assertEquals(-StoreCode.NOT_IN_TRANSACTION, calls.clear(notes));
        assertEquals(StoreCode.NOT_IN_TRANSACTION, calls.insert(notes, NO_BYTES, 0, 0));
        assertEquals(StoreCode.NOT_IN_TRANSACTION, calls.update(notes, notesById, NO_BYTES, 0, 0));
        assertEquals(StoreCode.NOT_IN_TRANSACTION, calls.checkTransaction());
    }

    @Test
    void whatOnlyProceduresMayDoIsRefusedByNumberInACallAndTrapsOutside() {
        ProcedureCalls procedures = calls.procedures();
        assertEquals(-Errno.WOULD_BLOCK_TRANSACTION, procedures.start());
        assertEquals(Errno.WOULD_BLOCK_TRANSACTION, request(procedures));
        assertEquals(Errno.TRANSACTION_NOT_ANONYMOUS, procedures.commit());
        assertEquals(Errno.TRANSACTION_NOT_ANONYMOUS, procedures.abort());
        assertThrows(HostTrap.class, () -> procedures.sleepUntil(0));
        assertTrue(transaction.isOpen());

        calls.end();

        assertThrows(HostTrap.class, procedures::start);
        assertThrows(HostTrap.class, () -> request(procedures));
        assertThrows(HostTrap.class, () -> procedures.sleepUntil(0));
    }

    private static int request(ProcedureCalls procedures) {
        return procedures.request(NO_BYTES, 0, 0, NO_BYTES, 0, 0);
    }

    // Iterators

    @Test
    void aHundredRowsOfAThousandBytesComeInChunksOfThirtyThree() {
        insertRows(100);
        int iterator = calls.scanTable(notes);
        byte[] buffer = new byte[65_536];

        assertEquals(Errno.BUFFER_TOO_SMALL, calls.advance(iterator, buffer, 0, 1_000));
        assertEquals(33_000, calls.advanceLength());
        assertEquals(33_000, calls.nextChunkLength(iterator));
        assertEquals(Errno.OK, calls.advance(iterator, buffer, 0, buffer.length));
        assertEquals(33_000, calls.advanceLength());
        assertEquals(Errno.OK, calls.advance(iterator, buffer, 0, buffer.length));
        assertEquals(33_000, calls.advanceLength());
        assertEquals(HostCalls.ITER_EXHAUSTED, calls.advance(iterator, buffer, 0, buffer.length));
        assertEquals(34_000, calls.advanceLength());
        assertEquals(Errno.NO_SUCH_ITER, calls.advance(iterator, buffer, 0, buffer.length));
        assertEquals(Errno.NO_SUCH_ITER, calls.closeIterator(iterator));
    }

    @Test
    void aRowLargerThanAChunkIsAChunkOfItsOwn() {
        insert(1, 10);
        insert(2, 100_000);
        insert(3, 10);
        int iterator = calls.scanRange(notesById, unbounded());
        byte[] buffer = new byte[200_000];

        assertEquals(Errno.OK, calls.advance(iterator, buffer, 0, 100_040));
        assertEquals(22 + 100_012, calls.advanceLength());
        assertEquals(HostCalls.ITER_EXHAUSTED, calls.advance(iterator, buffer, 0, 100_040));
        assertEquals(22, calls.advanceLength());
    }

    @Test
    void anEmptyResultIsExhaustedAtOnceWithoutBytes() {
        int iterator = calls.scanTable(notes);

        assertEquals(0, calls.nextChunkLength(iterator));
        assertEquals(HostCalls.ITER_EXHAUSTED, calls.advance(iterator, NO_BYTES, 0, 0));
        assertEquals(0, calls.advanceLength());
    }

    @Test
    void handlesCountFromOneAndAreGivenOutAgain() {
        assertEquals(1, calls.scanTable(notes));
        assertEquals(2, calls.scanTable(notes));
        assertEquals(3, calls.scanTable(notes));
        assertEquals(Errno.OK, calls.closeIterator(2));
        assertEquals(Errno.NO_SUCH_ITER, calls.closeIterator(2));
        assertEquals(2, calls.scanTable(notes));
        assertEquals(4, calls.scanTable(notes));
        for (int handle : new int[] {0, -1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertEquals(Errno.NO_SUCH_ITER, calls.closeIterator(handle));
            assertEquals(Errno.NO_SUCH_ITER, calls.advance(handle, NO_BYTES, 0, 0));
        }
        assertEquals(4, calls.closeHandles());
        assertEquals(0, calls.closeHandles());
    }

    @Test
    void aFailedScanOpensNothing() {
        assertEquals(-StoreCode.NO_SUCH_TABLE, calls.scanTable(77));
        assertEquals(-StoreCode.NO_SUCH_INDEX, calls.scanPoint(77, NO_BYTES, 0, 0));
        assertEquals(-StoreCode.BSATN_DECODE_ERROR, calls.scanPoint(notesById, new byte[3], 0, 3));
        assertEquals(0, calls.closeHandles());
    }

    @Test
    void anOpenIteratorDoesNotSeeLaterChangesAndOutlivesItsTransaction() {
        insertRows(3);
        int iterator = calls.scanTable(notes);
        assertEquals(3, calls.clear(notes));
        calls.end();
        transaction.rollback();

        assertEquals(HostCalls.ITER_EXHAUSTED, calls.advance(iterator, new byte[10_000], 0, 10_000));
        assertEquals(3 * ROW_BYTES, calls.advanceLength());
    }

    @Test
    void aBufferThatWasUsedBeforeHoldsNoRowsOfThatTime() {
        insertRows(100);
        assertEquals(Errno.OK, calls.closeIterator(calls.scanTable(notes)));
        assertEquals(97, calls.deleteAllByEq(notes, rows(97), 0, rows(97).length));

        int iterator = calls.scanTable(notes);

        byte[] buffer = new byte[10_000];
        assertEquals(HostCalls.ITER_EXHAUSTED, calls.advance(iterator, buffer, 0, buffer.length));
        assertEquals(3 * ROW_BYTES, calls.advanceLength());
    }

    @Test
    void tooManyOpenIteratorsTrap() {
        HostTrap trap = assertThrows(HostTrap.class, () -> {
            for (int i = 0; i <= 1 << 16; i++) {
                calls.scanTable(notes);
            }
        });
        assertTrue(String.valueOf(trap.getMessage()).contains("65536"));
    }

    @Test
    void aLongScanIsStopped() {
        for (int i = 1; i <= 2_000; i++) {
            insert(i, 1);
        }
        stopped.set(true);
        assertThrows(OperationStoppedException.class, () -> calls.scanTable(notes));
    }

    // Changes

    @Test
    void generatedValuesAreThoseThatWereZero() {
        assertEquals(Errno.OK, insert(0, 5));
        assertArrayEquals(new BsatnWriter().writeLong(1).toBytes().unsafeArray(), generated());
        assertEquals(Errno.OK, insert(50, 5));
        assertArrayEquals(NO_BYTES, generated());
    }

    @Test
    void uniqueViolationsAndMissingRowsAreNumbers() {
        insert(1, 5);
        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, insert(1, 6));
        byte[] row = row(2, 5);
        assertEquals(StoreCode.NO_SUCH_ROW, calls.update(notes, notesById, row, 0, row.length));
        assertEquals(StoreCode.NO_SUCH_INDEX, calls.update(notes, 77, row, 0, row.length));
        assertEquals(1, calls.rowCount(notes));
    }

    @Test
    void whatHasNoNumberTraps() {
        byte[] row = row(1, 5);
        assertTraps("no table 77", () -> calls.insert(77, row, 0, row.length));
        assertTraps("not a row of table " + notes, () -> calls.insert(notes, row, 0, 7));
        assertTraps("no table 77", () -> calls.clear(77));
        insert(1, 4);
        assertTraps("not a row of table " + notes, () -> calls.update(notes, notesById, row, 0, 7));
    }

    private static void assertTraps(String words, Executable call) {
        String message = String.valueOf(assertThrows(HostTrap.class, call).getMessage());
        assertTrue(message.contains(words), message);
    }

    @Test
    void deletesCountWhatTheyDeleted() {
        insertRows(10);
        byte[] key = new BsatnWriter().writeLong(3).toBytes().unsafeArray();
        assertEquals(1, calls.deletePoint(notesById, key, 0, 8));
        assertEquals(0, calls.deletePoint(notesById, key, 0, 8));
        assertEquals(9, calls.deleteRange(notesById, unbounded()));
        assertEquals(0, calls.rowCount(notes));
    }

    // Log, timers, credentials

    @Test
    void aLineSaysWhereItComesFrom() {
        calls.log(1, "target", "file.c", 12, "careful", List.of(new Frame(null, "ignored")));
        calls.log(101, null, null, HostCalls.NO_LINE_NUMBER, "help", List.of(new Frame(null, "main")));

        LogRecord careful = host.lines.get(0);
        assertEquals(
                List.of(Level.WARN, 12, "noting"), List.of(careful.level(), careful.lineNumber(), careful.function()));
        assertEquals(List.of(), careful.trace());
        LogRecord help = host.lines.get(1);
        assertEquals(Level.PANIC, help.level());
        assertEquals(null, help.lineNumber());
        assertEquals(List.of(new Frame(null, "main")), help.trace());
    }

    @Test
    void timersLogWhatTheyMeasured() {
        assertEquals(1, calls.startTimer("a \"quoted\"\n"));
        assertEquals(2, calls.startTimer("other"));
        assertEquals(Errno.OK, calls.endTimer(1));
        assertEquals(Errno.NO_SUCH_CONSOLE_TIMER, calls.endTimer(1));
        assertEquals(1, calls.startTimer("again"));
        assertEquals(Errno.NO_SUCH_CONSOLE_TIMER, calls.endTimer(0));
        assertEquals(Errno.NO_SUCH_CONSOLE_TIMER, calls.endTimer(99));

        LogRecord line = host.lines.get(0);
        assertTrue(
                line.message().matches("Timing span \"a \\\\\"quoted\\\\\"\\\\n\": [0-9.]+(ns|µs|ms|s)"),
                line::message);
        assertEquals(Level.INFO, line.level());
        assertEquals("noting", line.function());
    }

    @Test
    void durationsAreWrittenInTheLargestWholeUnit() {
        assertEquals("0ns", ConsoleTimers.duration(0));
        assertEquals("999ns", ConsoleTimers.duration(999));
        assertEquals("1µs", ConsoleTimers.duration(1_000));
        assertEquals("1.5µs", ConsoleTimers.duration(1_500));
        assertEquals("1.234567ms", ConsoleTimers.duration(1_234_567));
        assertEquals("10.00001s", ConsoleTimers.duration(10_000_010_000L));
    }

    @Test
    void claimsOfAnUnknownConnectionAreEmpty() {
        ConnectionId known = new ConnectionId(1, 2);
        host.claims.put(known, "{}");
        assertEquals(Bytes.ofUtf8("{}"), calls.jwtClaims(known));
        assertEquals(Bytes.EMPTY, calls.jwtClaims(ConnectionId.NONE));
    }

    @Test
    void everyErrorNumberHasWords() {
        for (int errno = 0; errno <= Errno.HTTP_ERROR; errno++) {
            assertTrue(Errno.text(errno).length() > 5, Errno.text(errno));
        }
        assertEquals("error 99", Errno.text(99));
    }

    // Helpers

    private byte[] generated() {
        return Arrays.copyOf(calls.generated().buffer(), calls.generated().length());
    }

    private IndexRange unbounded() {
        byte[] bound = {2};
        return calls.range().prefix(bound, 0, 0, 0).start(0, 1).end(0, 1);
    }

    private void insertRows(int count) {
        for (int id = 1; id <= count; id++) {
            assertEquals(Errno.OK, insert(id, ROW_BYTES - 12));
        }
    }

    private static byte[] rows(int count) {
        BsatnWriter rows = new BsatnWriter().writeInt(count);
        for (int id = 1; id <= count; id++) {
            byte[] row = row(id, ROW_BYTES - 12);
            rows.writeRaw(row, 0, row.length);
        }
        return rows.toBytes().unsafeArray();
    }

    private int insert(long id, int textBytes) {
        byte[] row = row(id, textBytes);
        return calls.insert(notes, row, 0, row.length);
    }

    private static byte[] row(long id, int textBytes) {
        return new BsatnWriter()
                .writeLong(id)
                .writeString("x".repeat(textBytes))
                .toBytes()
                .unsafeArray();
    }
}
