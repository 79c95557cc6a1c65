package io.pinion.modules.wasm;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.host.Errno;
import io.pinion.modules.host.HostCalls;
import io.pinion.modules.host.HostTrap;
import io.pinion.modules.host.ProcedureCalls;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions that one instance imports: they check the guest's pointers, pass its memory to the host calls as it is,
 * and write the outcome back.
 *
 * <p>A pointer that is null or leads outside the memory is a trap. Input pointers are looked at first; a pointer for a
 * result only when there is one. Hot path: results are shared arrays, so a call allocates nothing of its own.
 */
final class GuestImports {
    private static final int U16_MAX = 0xffff;
    private static final int IDENTITY_BYTES = 32;
    private static final int CONNECTION_ID_BYTES = 16;

    private static final long[] NOTHING = new long[0];
    private static final long[] OK = {Errno.OK};
    private static final long[] EXHAUSTED = {-1};
    /** One result for each error number, by number. */
    private static final long[][] ERRNO = new long[Errno.HTTP_ERROR + 1][];

    static {
        for (int i = 0; i < ERRNO.length; i++) {
            ERRNO[i] = new long[] {i};
        }
    }

    private final HostCalls host;
    private final ProcedureCalls procedures;
    private final BytesSources sources;
    private final BytesSinks sinks;
    private final GuestStack stack;
    private @Nullable FlatMemory boundMemory;

    GuestImports(HostCalls host, BytesSources sources, BytesSinks sinks, GuestStack stack) {
        this.host = host;
        this.procedures = host.procedures();
        this.sources = sources;
        this.sinks = sinks;
        this.stack = stack;
    }

    /** The instance's memory; set before any guest code runs. */
    void bind(FlatMemory instanceMemory) {
        boundMemory = instanceMemory;
    }

    /** What the module imports, of all that there is. */
    ImportValues values(List<HostAbi.HostImport> wanted) {
        Map<String, WasmFunctionHandle> handles = handles();
        ImportValues.Builder values = ImportValues.builder();
        for (HostAbi.HostImport function : wanted) {
            WasmFunctionHandle handle = handles.get(function.name());
            if (handle == null) {
                throw new IllegalStateException("no host function for " + function.name());
            }
            values.addFunction(new HostFunction(function.module(), function.name(), function.type(), handle));
        }
        return values.build();
    }

    private Map<String, WasmFunctionHandle> handles() {
        Map<String, WasmFunctionHandle> handles = new HashMap<>();
        handles.put("table_id_from_name", (i, args) -> tableId(args));
        handles.put("index_id_from_name", (i, args) -> indexId(args));
        handles.put("datastore_table_row_count", (i, args) -> rowCount(args));
        handles.put("datastore_table_scan_bsatn", (i, args) -> scanTable(args));
        handles.put("datastore_index_scan_range_bsatn", (i, args) -> scanRange(args));
        handles.put("datastore_btree_scan_bsatn", (i, args) -> scanRange(args));
        handles.put("datastore_delete_by_index_scan_range_bsatn", (i, args) -> deleteRange(args));
        handles.put("datastore_delete_by_btree_scan_bsatn", (i, args) -> deleteRange(args));
        handles.put("datastore_delete_all_by_eq_bsatn", (i, args) -> deleteAllByEq(args));
        handles.put("row_iter_bsatn_advance", (i, args) -> advance(args));
        handles.put("row_iter_bsatn_close", (i, args) -> ERRNO[host.closeIterator((int) args[0])]);
        handles.put("datastore_insert_bsatn", (i, args) -> insert(args));
        handles.put("datastore_update_bsatn", (i, args) -> update(args));
        handles.put("bytes_source_read", (i, args) -> readSource(args));
        handles.put("bytes_sink_write", (i, args) -> writeSink(args));
        handles.put("console_log", (i, args) -> log(args));
        handles.put("console_timer_start", (i, args) -> startTimer(args));
        handles.put("console_timer_end", (i, args) -> ERRNO[host.endTimer((int) args[0])]);
        handles.put("identity", (i, args) -> identity(args));
        handles.put("volatile_nonatomic_schedule_immediate", (i, args) -> scheduleImmediate(args));
        handles.put("bytes_source_remaining_length", (i, args) -> sourceRemaining(args));
        handles.put("get_jwt", (i, args) -> jwt(args));
        handles.put("procedure_sleep_until", (i, args) -> new long[] {procedures.sleepUntil(args[0])});
        handles.put("procedure_start_mut_tx", (i, args) -> longResult(procedures.start(), (int) args[0]));
        handles.put("procedure_commit_mut_tx", (i, args) -> commit());
        handles.put("procedure_abort_mut_tx", (i, args) -> ERRNO[procedures.abort()]);
        handles.put("procedure_http_request", (i, args) -> httpRequest(args));
        handles.put("datastore_index_scan_point_bsatn", (i, args) -> scanPoint(args));
        handles.put("datastore_delete_by_index_scan_point_bsatn", (i, args) -> deletePoint(args));
        handles.put("datastore_clear", (i, args) -> clear(args));
        return handles;
    }

    // Tables and indexes

    private long[] tableId(long[] args) {
        String name = readName((int) args[0], (int) args[1], "the name of a table");
        return intResult(host.tableId(name), (int) args[2]);
    }

    private long[] indexId(long[] args) {
        String name = readName((int) args[0], (int) args[1], "the name of an index");
        return intResult(host.indexId(name), (int) args[2]);
    }

    private long[] rowCount(long[] args) {
        return longResult(host.rowCount((int) args[0]), (int) args[1]);
    }

    // Scans

    private long[] scanTable(long[] args) {
        return intResult(host.scanTable((int) args[0]), (int) args[1]);
    }

    private long[] scanPoint(long[] args) {
        int point = (int) args[1];
        int length = (int) args[2];
        byte[] memory = input(point, length);
        return intResult(host.scanPoint((int) args[0], memory, point, length), (int) args[3]);
    }

    private long[] scanRange(long[] args) {
        return intResult(host.scanRange((int) args[0], range(args)), (int) args[8]);
    }

    private long[] deleteRange(long[] args) {
        return intResult(host.deleteRange((int) args[0], range(args)), (int) args[8]);
    }

    private IndexRange range(long[] args) {
        int prefixElements = (int) args[3];
        if (prefixElements < 0 || prefixElements > U16_MAX) {
            throw new HostTrap(
                    Integer.toUnsignedString(prefixElements) + " prefix elements are more than an index has");
        }
        int prefix = prefixElements == 0 ? 0 : (int) args[1];
        int prefixLength = prefixElements == 0 ? 0 : (int) args[2];
        if (prefixElements != 0) {
            input(prefix, prefixLength);
        }
        int start = (int) args[4];
        int startLength = (int) args[5];
        int end = (int) args[6];
        int endLength = (int) args[7];
        input(start, startLength);
        byte[] memory = input(end, endLength);
        return host.range()
                .prefix(memory, prefixElements, prefix, prefixLength)
                .start(start, startLength)
                .end(end, endLength);
    }

    private long[] advance(long[] args) {
        int iterator = (int) args[0];
        if (host.nextChunkLength(iterator) < 0) {
            return ERRNO[Errno.NO_SUCH_ITER];
        }
        int buffer = (int) args[1];
        int lengthAt = (int) args[2];
        int capacity = readLength(lengthAt);
        byte[] memory = input(buffer, capacity);
        int code = host.advance(iterator, memory, buffer, capacity);
        memory().writeI32(lengthAt, host.advanceLength());
        return code == HostCalls.ITER_EXHAUSTED ? EXHAUSTED : ERRNO[code];
    }

    // Changes

    private long[] deletePoint(long[] args) {
        int point = (int) args[1];
        int length = (int) args[2];
        byte[] memory = input(point, length);
        return intResult(host.deletePoint((int) args[0], memory, point, length), (int) args[3]);
    }

    private long[] deleteAllByEq(long[] args) {
        int rows = (int) args[1];
        int length = (int) args[2];
        byte[] memory = input(rows, length);
        return intResult(host.deleteAllByEq((int) args[0], memory, rows, length), (int) args[3]);
    }

    private long[] clear(long[] args) {
        return longResult(host.clear((int) args[0]), (int) args[1]);
    }

    private long[] insert(long[] args) {
        int row = (int) args[1];
        int lengthAt = (int) args[2];
        int length = readLength(lengthAt);
        byte[] memory = input(row, length);
        return writeGenerated(host.insert((int) args[0], memory, row, length), row, lengthAt);
    }

    private long[] update(long[] args) {
        int row = (int) args[2];
        int lengthAt = (int) args[3];
        int length = readLength(lengthAt);
        byte[] memory = input(row, length);
        return writeGenerated(host.update((int) args[0], (int) args[1], memory, row, length), row, lengthAt);
    }

    /** The generated values go over the start of the row: they are as wide as the zeros they stand for. */
    private long[] writeGenerated(int code, int row, int lengthAt) {
        if (code != Errno.OK) {
            return ERRNO[code];
        }
        BsatnWriter generated = host.generated();
        FlatMemory memory = memory();
        if (generated.length() > 0) {
            memory.write(row, generated.buffer(), 0, generated.length());
        }
        memory.writeI32(lengthAt, generated.length());
        return OK;
    }

    // Byte sources and sinks

    private long[] readSource(long[] args) {
        int source = (int) args[0];
        if (sources.remaining(source) == 0) {
            return ERRNO[Errno.NO_SUCH_BYTES];
        }
        int buffer = (int) args[1];
        int lengthAt = (int) args[2];
        int capacity = readLength(lengthAt);
        byte[] memory = input(buffer, capacity);
        memory().writeI32(lengthAt, sources.read(source, memory, buffer, capacity));
        return sources.remaining(source) == 0 ? EXHAUSTED : OK;
    }

    private long[] sourceRemaining(long[] args) {
        int remaining = sources.remaining((int) args[0]);
        if (remaining == 0) {
            return ERRNO[Errno.NO_SUCH_BYTES];
        }
        return intResult(remaining, (int) args[1]);
    }

    private long[] writeSink(long[] args) {
        int sink = (int) args[0];
        if (!sinks.isOpen(sink)) {
            return ERRNO[Errno.NO_SUCH_BYTES];
        }
        int buffer = (int) args[1];
        int length = readLength((int) args[2]);
        sinks.write(sink, input(buffer, length), buffer, length);
        return OK;
    }

    // Log and timers

    /** Never traps: a line that cannot be read is dropped. */
    private long[] log(long[] args) {
        String message = readLossy((int) args[6], (int) args[7]);
        if (message == null) {
            return NOTHING;
        }
        String target = readLossy((int) args[1], (int) args[2]);
        String file = readLossy((int) args[3], (int) args[4]);
        if ((target == null && (int) args[1] != 0) || (file == null && (int) args[3] != 0)) {
            return NOTHING;
        }
        int level = (int) args[0];
        List<Frame> trace = Level.ofAbi(level) == Level.PANIC ? stack.frames(new Throwable()) : List.of();
        host.log(level, target, file, (int) args[5], message, trace);
        return NOTHING;
    }

    private long[] startTimer(long[] args) {
        int name = (int) args[0];
        int length = (int) args[1];
        return new long[] {host.startTimer(new String(input(name, length), name, length, StandardCharsets.UTF_8))};
    }

    // Identity, credentials, immediate calls

    private long[] identity(long[] args) {
        int out = (int) args[0];
        input(out, IDENTITY_BYTES);
        Identity identity = host.identity();
        FlatMemory memory = memory();
        memory.writeLong(out, identity.word0());
        memory.writeLong(out + 8, identity.word1());
        memory.writeLong(out + 16, identity.word2());
        memory.writeLong(out + 24, identity.word3());
        return NOTHING;
    }

    private long[] jwt(long[] args) {
        int at = (int) args[0];
        input(at, CONNECTION_ID_BYTES);
        int code = host.checkTransaction();
        if (code != Errno.OK) {
            return ERRNO[code];
        }
        ConnectionId connection = new ConnectionId(memory().readLong(at), memory().readLong(at + 8));
        return intResult(sources.open(host.jwtClaims(connection)), (int) args[1]);
    }

    private long[] scheduleImmediate(long[] args) {
        String name = readName((int) args[0], (int) args[1], "the name of a function");
        int arguments = (int) args[2];
        int length = (int) args[3];
        host.scheduleImmediate(name, Bytes.copyOf(input(arguments, length), arguments, length));
        return NOTHING;
    }

    // What only procedures may do

    private long[] commit() {
        int code = procedures.commit();
        if (code == ProcedureCalls.COMMIT_REFUSED) {
            throw new HostTrap(procedures.commitRefusal());
        }
        return ERRNO[code];
    }

    /** Two handles come of it: of the response and its body, or only one, of what went wrong. */
    private long[] httpRequest(long[] args) {
        if (!procedures.isRunning()) {
            throw ProcedureCalls.onlyProcedures("make an HTTP request");
        }
        int request = (int) args[0];
        int length = (int) args[1];
        int body = (int) args[2];
        int bodyLength = (int) args[3];
        int out = (int) args[4];
        input(request, length);
        byte[] memory = input(body, bodyLength);
        int code = procedures.request(memory, request, length, memory, body, bodyLength);
        if (code == Errno.OK) {
            input(out, 2 * Integer.BYTES);
            memory().writeI32(out, sources.open(procedures.response()));
            memory().writeI32(out + Integer.BYTES, sources.open(procedures.responseBody()));
        } else if (code == Errno.HTTP_ERROR) {
            input(out, Integer.BYTES);
            Bytes text = new BsatnWriter().writeString(procedures.httpFailure()).toBytes();
            memory().writeI32(out, sources.open(text));
        }
        return ERRNO[code];
    }

    // Memory

    private FlatMemory memory() {
        FlatMemory memory = boundMemory;
        if (memory == null) {
            throw new IllegalStateException("the instance has no memory yet");
        }
        return memory;
    }

    /** The memory's array, once the range in it has been checked. */
    private byte[] input(int address, int length) {
        FlatMemory memory = memory();
        if (address == 0 || !memory.isInBounds(address, length)) {
            throw badPointer(address, length);
        }
        return memory.array();
    }

    private int readLength(int address) {
        input(address, Integer.BYTES);
        return memory().readInt(address);
    }

    private HostTrap badPointer(int address, int length) {
        if (address == 0) {
            return new HostTrap("a null pointer was passed to the host");
        }
        return new HostTrap("a pointer to " + Integer.toUnsignedString(length) + " bytes at "
                + Integer.toUnsignedString(address) + " was passed to the host, beyond the memory's "
                + memory().size() + " bytes");
    }

    private String readName(int address, int length, String what) {
        byte[] memory = input(address, length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(memory, address, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HostTrap(what + " is not UTF-8");
        }
    }

    /** Null if the pointer is null or leads outside the memory. */
    private @Nullable String readLossy(int address, int length) {
        FlatMemory memory = memory();
        if (address == 0 || !memory.isInBounds(address, length)) {
            return null;
        }
        return new String(memory.array(), address, length, StandardCharsets.UTF_8);
    }

    /** Writes a value that is not negative, or returns the error number that it is the negation of. */
    private long[] intResult(long outcome, int out) {
        if (outcome < 0) {
            return ERRNO[(int) -outcome];
        }
        input(out, Integer.BYTES);
        memory().writeI32(out, (int) outcome);
        return OK;
    }

    private long[] longResult(long outcome, int out) {
        if (outcome < 0) {
            return ERRNO[(int) -outcome];
        }
        input(out, Long.BYTES);
        memory().writeLong(out, outcome);
        return OK;
    }
}
