package io.pinion.actors.durability;

import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.store.tx.RowSink;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of a {@link RequestWindow} as rows of a snapshot, among those of tables.
 *
 * <pre>
 *   u8 kind, then
 *   kind 1 forgotten   i64 milliseconds
 *   kind 2 forgotten   identity caller, i64 milliseconds
 *   kind 3 answered    identity caller, u64 × 2 request, u64 offset, u8 result, string message
 *   kind 4 begun       identity caller, u64 × 2 request, u64 offset
 *   kind 5 failed      as answered, of a procedure
 *   kind 6 returned    as begun, then as in EntryCodec
 * </pre>
 */
public final class RequestCodec {
    /** Stands for the window among the ids of tables, which are positive. */
    public static final int TABLE_ID = 0;

    private static final int FORGOTTEN = 1;
    private static final int FORGOTTEN_OF_CALLER = 2;
    private static final int ANSWERED = 3;
    private static final int BEGUN = 4;
    private static final int FAILED = 5;
    private static final int RETURNED = 6;
    private static final CallResult[] RESULTS = CallResult.values();

    private long forgottenMillis = RequestWindow.Content.EMPTY.forgottenMillis();
    private final Map<Identity, Long> forgottenByCaller = new HashMap<>();
    private final List<AnsweredCall> calls = new ArrayList<>();

    /** Nothing for a window that has never held anything. */
    public static void write(RequestWindow.Content content, RowSink out) {
        BsatnWriter row = new BsatnWriter(128);
        if (content.forgottenMillis() >= 0) {
            row.writeByte(FORGOTTEN).writeLong(content.forgottenMillis());
            flush(row, out);
        }
        content.forgottenByCaller().forEach((caller, millis) -> {
            row.writeByte(FORGOTTEN_OF_CALLER).writeIdentity(caller).writeLong(millis);
            flush(row, out);
        });
        for (AnsweredCall call : content.calls()) {
            write(row, call);
            flush(row, out);
        }
    }

    private static void write(BsatnWriter row, AnsweredCall call) {
        row.writeByte(kind(call.fate()))
                .writeIdentity(call.caller())
                .writeLong(call.requestHigh())
                .writeLong(call.requestLow())
                .writeLong(call.offset());
        switch (call.fate()) {
            case CallFate.Reducer(CallResult result, String message) -> write(row, result, message);
            case CallFate.ProcedureFailed(CallResult result, String message) -> write(row, result, message);
            case CallFate.Begun _ -> {}
            case CallFate.ProcedureReturned(long startMicros, var value) ->
                EntryCodec.writeReturn(row, startMicros, value);
        }
    }

    private static int kind(CallFate fate) {
        return switch (fate) {
            case CallFate.Reducer _ -> ANSWERED;
            case CallFate.Begun _ -> BEGUN;
            case CallFate.ProcedureFailed _ -> FAILED;
            case CallFate.ProcedureReturned _ -> RETURNED;
        };
    }

    @SuppressWarnings("EnumOrdinal") // the ordinal is the number in the log, as in EntryCodec
    private static void write(BsatnWriter row, CallResult result, String message) {
        row.writeByte(result.ordinal()).writeString(message);
    }

    private static void flush(BsatnWriter row, RowSink out) {
        out.row(row.buffer(), 0, row.length());
        row.reset();
    }

    /**
     * Takes the next row.
     *
     * @throws CorruptEventException if it is none that {@link #write} makes
     */
    public void read(byte[] bytes, int start, int length) {
        BsatnReader in = new BsatnReader(bytes, start, length);
        try {
            int kind = in.readU8();
            switch (kind) {
                case FORGOTTEN -> forgottenMillis = in.readLong();
                case FORGOTTEN_OF_CALLER -> forgottenByCaller.put(in.readIdentity(), in.readLong());
                case ANSWERED, BEGUN, FAILED, RETURNED -> calls.add(readCall(kind, in));
                default -> throw new CorruptEventException("unknown kind of request record: " + kind);
            }
            EventCodec.requireEnd(in);
        } catch (BsatnException e) {
            throw new CorruptEventException("a request record breaks off: " + e.getMessage(), e);
        }
    }

    private static AnsweredCall readCall(int kind, BsatnReader in) {
        return new AnsweredCall(in.readIdentity(), in.readLong(), in.readLong(), in.readLong(), readFate(kind, in));
    }

    private static CallFate readFate(int kind, BsatnReader in) {
        return switch (kind) {
            case BEGUN -> CallFate.Begun.INSTANCE;
            case RETURNED -> new CallFate.ProcedureReturned(in.readLong(), EntryCodec.readReturnValue(in));
            case FAILED -> new CallFate.ProcedureFailed(readResult(in), in.readString());
            default -> new CallFate.Reducer(readResult(in), in.readString());
        };
    }

    private static CallResult readResult(BsatnReader in) {
        return RESULTS[in.readTag(RESULTS.length, "call results")];
    }

    /** What was read. */
    public RequestWindow.Content content() {
        return new RequestWindow.Content(forgottenMillis, forgottenByCaller, calls);
    }
}
