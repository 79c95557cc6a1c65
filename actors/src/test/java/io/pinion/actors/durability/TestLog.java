package io.pinion.actors.durability;

import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;

/** Events of logs as a database writes them, and as it never would. */
public final class TestLog {
    private static final int EVENT_BYTES_MAX = 1 << 20;

    private TestLog() {}

    public static byte[] opened(long epoch) {
        return EventCodec.opened(new Event.Opened(epoch, 0, "node"));
    }

    public static byte[] batch(long epoch, long offsetFirst, LogEntry... entries) {
        BsatnWriter out = new BsatnWriter();
        EventCodec.beginBatch(out, epoch, offsetFirst);
        for (LogEntry entry : entries) {
            EventCodec.addEntry(out, entry);
        }
        List<byte[]> events = EventCodec.finishBatch(out, epoch, offsetFirst, entries.length, EVENT_BYTES_MAX);
        if (events.size() != 1) {
            throw new IllegalArgumentException("too much for one event");
        }
        return events.getFirst();
    }

    public static LogEntry transaction(int tableId, RowList inserts, RowList deletes) {
        return new LogEntry.Transaction(
                0,
                Identity.ZERO,
                ConnectionId.NONE,
                0,
                0,
                LogEntry.CallKind.REDUCER,
                LogEntry.CallResult.COMMITTED,
                "add",
                new Delta(List.of(new Delta.TableDelta(tableId, inserts, deletes))));
    }

    /** Rows of two 64-bit numbers, the first and the second the same. */
    public static RowList pairs(long first, int count) {
        RowList rows = new RowList(16 * count, count);
        for (long i = first; i < first + count; i++) {
            BsatnWriter row = new BsatnWriter(16);
            row.writeLong(i).writeLong(i);
            rows.row(row.buffer(), 0, 16);
        }
        return rows;
    }

    /** Appends to a log that nobody writes to now. */
    public static long append(ActorSystem<?> system, String persistenceId, String journalPluginId, byte[]... events) {
        long last = 0;
        try (SideLogs.Writer writer = new SideLogs(system, journalPluginId).open(persistenceId)) {
            for (byte[] event : events) {
                last = writer.append(event).orTimeout(1, TimeUnit.MINUTES).join();
            }
        }
        return last;
    }
}
