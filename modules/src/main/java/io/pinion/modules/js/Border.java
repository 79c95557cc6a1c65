package io.pinion.modules.js;

import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.host.Errno;
import io.pinion.modules.host.HostCalls;
import io.pinion.modules.host.HostTrap;
import io.pinion.modules.host.ProcedureCalls;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.nio.ByteBuffer;
import java.util.List;
import org.graalvm.polyglot.HostAccess;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of the border, which {@code border.js} alone calls; one per instance, called by the instance's thread.
 *
 * <p>Bytes pass through one array that the guest's side sees as an ArrayBuffer. Numbers below zero are negated error
 * numbers. What the guest must not catch is noted in {@link #endedBy} and thrown as a {@link ThreadDeath}: the one
 * Throwable that GraalJS hands on from a host method without offering it to {@code catch} and {@code finally}.
 */
public final class Border {
    private static final int IO_BYTES = 1 << 16;
    private static final String STACK_EXHAUSTED = "the call stack is exhausted";
    /** {@link #advance}: added to an error number, so that it is told apart from any length. */
    private static final int CHUNK_ERROR = Integer.MIN_VALUE;

    private final HostCalls calls;
    private final ProcedureCalls procedures;
    private final ScriptNames names;
    private byte[] io = new byte[0];
    private @Nullable String endedBy;
    private boolean isInside;
    private boolean isBroken;
    private boolean isOutOfMemory;
    private @Nullable String userError;
    private int answerBodyLength;
    private String webAssemblyRefusal = "";

    Border(HostCalls calls, ScriptNames names) {
        this.calls = calls;
        this.procedures = calls.procedures();
        this.names = names;
    }

    // For the instance

    /** Why the running call was ended against the guest's will, or null. */
    @Nullable
    String endedBy() {
        return endedBy == null && isInside ? STACK_EXHAUSTED : endedBy;
    }

    /** Whether a host call of the running call was torn off: what the instance keeps may then be half-done. */
    boolean isBroken() {
        return isBroken || isInside;
    }

    /** Whether the running call was ended because a host call found no memory left. */
    boolean isOutOfMemory() {
        return isOutOfMemory;
    }

    /**
     * A view that ran while the guest waits for its commit has ended: what ended the view does not end the guest, unless the
     * instance is lost with it or the call is being stopped.
     */
    void endView(boolean isStopping) {
        if (isStopping) {
            endedBy = "the call was asked to stop";
        } else if (!isBroken && !isInside) {
            endedBy = null;
        }
        userError = null;
    }

    /** Forgets how the last call ended. */
    void reset() {
        endedBy = null;
        isInside = false;
        isBroken = false;
        isOutOfMemory = false;
        userError = null;
    }

    /** The error for the caller that the guest threw in this call, or null. */
    @Nullable
    String userError() {
        return userError;
    }

    /** Copies the first bytes that the guest's side left. */
    Bytes take(int length) {
        return take(0, length);
    }

    /** As {@link #take(int)}, from an offset on. */
    Bytes take(int offset, int length) {
        return Bytes.copyOf(io, offset, length);
    }

    /** Length of the second part of what an HTTP handler answered: its body. */
    int answerBodyLength() {
        return answerBodyLength;
    }

    /** Offers bytes to the guest's side; no more than {@link #capacity}. */
    void offer(Bytes bytes) {
        offer(bytes, 0);
    }

    /** As {@link #offer(Bytes)}, from an offset on. */
    void offer(Bytes bytes, int offset) {
        System.arraycopy(bytes.unsafeArray(), 0, io, offset, bytes.length());
    }

    /** Bytes that the shared buffer holds; {@code border.js} alone can replace it by a larger one. */
    int capacity() {
        return io.length;
    }

    /** The first lines call nothing: the stack may have room for nothing more. */
    @SuppressWarnings("removal") // ThreadDeath: see the class comment; nothing newer passes a guest's catch
    private ThreadDeath ended(Throwable cause) {
        if (endedBy == null) {
            if (cause instanceof StackOverflowError) {
                isBroken = true;
                endedBy = STACK_EXHAUSTED;
            } else if (cause instanceof HostTrap || cause instanceof OperationStoppedException) {
                endedBy = String.valueOf(cause.getMessage());
            } else {
                isBroken = true;
                isOutOfMemory = cause instanceof OutOfMemoryError;
                endedBy = "a host call failed: " + cause;
            }
            isInside = false;
        }
        return new ThreadDeath();
    }

    /**
     * Every host call begins with this and ends with {@link #done} or {@link #ended}. One that did neither ran out of
     * stack where it could not say so; the guest may have caught that, but it gets no further.
     */
    private HostCalls calls() {
        if (endedBy != null || isInside) {
            isBroken |= isInside;
            throw new HostTrap(STACK_EXHAUSTED);
        }
        isInside = true;
        return calls;
    }

    private int done(int outcome) {
        isInside = false;
        return outcome;
    }

    private double done(long outcome) {
        isInside = false;
        return outcome;
    }

    // For border.js

    @HostAccess.Export
    public ByteBuffer ioBuffer(int atLeast) {
        try {
            io = new byte[Math.max(IO_BYTES, atLeast)];
            return ByteBuffer.wrap(io);
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public String errorText(int errno) {
        return Errno.text(errno);
    }

    @HostAccess.Export
    public void userError(String message) {
        userError = message;
    }

    @HostAccess.Export
    public int tableId(String name) {
        try {
            return done(calls().tableId(name));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int indexId(String name) {
        try {
            return done(calls().indexId(name));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public double rowCount(double table) {
        try {
            return done(calls().rowCount(id(table)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int scanTable(double table) {
        try {
            return done(calls().scanTable(id(table)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int scanPoint(double index, int length) {
        try {
            return done(calls().scanPoint(id(index), io, 0, length));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int scanRange(double index, int prefixLength, int prefixElements, int startLength, int endLength) {
        try {
            return done(calls().scanRange(id(index), range(prefixLength, prefixElements, startLength, endLength)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int advance(double iterator, int capacity) {
        try {
            int code = calls().advance(id(iterator), io, 0, capacity);
            return done(
                    switch (code) {
                        case HostCalls.ITER_EXHAUSTED -> -1 - calls.advanceLength();
                        case Errno.OK -> calls.advanceLength();
                        default -> CHUNK_ERROR + code;
                    });
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int advanceLength() {
        return calls.advanceLength();
    }

    @HostAccess.Export
    public int nextChunkLength(double iterator) {
        try {
            return done(calls().nextChunkLength(id(iterator)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int closeIterator(double iterator) {
        try {
            return done(calls().closeIterator(id(iterator)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public double deletePoint(double index, int length) {
        try {
            return done(calls().deletePoint(id(index), io, 0, length));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public double deleteRange(double index, int prefixLength, int prefixElements, int startLength, int endLength) {
        try {
            return done(calls().deleteRange(id(index), range(prefixLength, prefixElements, startLength, endLength)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public double deleteAllByEq(double table, int length) {
        try {
            return done(calls().deleteAllByEq(id(table), io, 0, length));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public double clear(double table) {
        try {
            return done(calls().clear(id(table)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** Length of the generated values, which are then at the start of the shared buffer. */
    @HostAccess.Export
    public int insert(double table, int length) {
        try {
            int code = calls().insert(id(table), io, 0, length);
            return done(code == Errno.OK ? generated() : -code);
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** As {@link #insert}. */
    @HostAccess.Export
    public int update(double table, double index, int length) {
        try {
            int code = calls().update(id(table), id(index), io, 0, length);
            return done(code == Errno.OK ? generated() : -code);
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public void scheduleImmediate(String function, int length) {
        try {
            calls().scheduleImmediate(function, take(length));
            isInside = false;
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** @param stack as {@code new Error().stack} gives it, from inside {@code border.js} */
    @HostAccess.Export
    public void log(int level, String message, @Nullable String stack) {
        try {
            List<StackText.Position> positions = StackText.parse(stack, names);
            StackText.Position caller = positions.size() > 1 ? positions.get(1) : null;
            List<Frame> trace = Level.ofAbi(level) == Level.PANIC
                    ? positions.stream()
                            .map(position -> position.toFrame(names))
                            .toList()
                    : List.of();
            calls().log(
                            level,
                            null,
                            caller == null ? null : caller.place().file(),
                            caller == null
                                    ? HostCalls.NO_LINE_NUMBER
                                    : caller.place().line(),
                            message,
                            trace);
            isInside = false;
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int startTimer(String name) {
        try {
            return done(calls().startTimer(name));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public int endTimer(double timer) {
        try {
            return done(calls().endTimer(id(timer)));
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** The database's identity as hex digits. */
    @HostAccess.Export
    public String identity() {
        return calls.identity().toHex();
    }

    /** The claims of a connection, or null outside a transaction. */
    @HostAccess.Export
    public @Nullable ByteBuffer jwtClaims(String connectionHex) {
        try {
            if (done(calls().checkTransaction()) != Errno.OK) {
                return null;
            }
            String digits = "0".repeat(32 - connectionHex.length()) + connectionHex;
            ConnectionId connection = new ConnectionId(
                    Long.parseUnsignedLong(digits, 16, 32, 16), Long.parseUnsignedLong(digits, 0, 16, 16));
            return ByteBuffer.wrap(calls.jwtClaims(connection).toArray());
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public void answered(int bodyLength) {
        answerBodyLength = bodyLength;
    }

    /** The binary that the shared buffer holds, as the engine is to have it; null if it is refused. */
    @HostAccess.Export
    public @Nullable ByteBuffer countedWebAssembly(int length) {
        try {
            return ByteBuffer.wrap(CountedWebAssembly.of(io, length));
        } catch (CountedWebAssembly.RefusedException e) {
            webAssemblyRefusal = String.valueOf(e.getMessage());
            return null;
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** Why {@link #countedWebAssembly} refused the last binary that it did refuse. */
    @HostAccess.Export
    public String webAssemblyRefusal() {
        return webAssemblyRefusal;
    }

    @HostAccess.Export
    public int memoryPagesMax() {
        return CountedWebAssembly.MEMORY_PAGES_MAX;
    }

    // The host may wait in these, and run views of this very instance while it commits: so they do not count as inside.

    /** The time in µs since the Unix epoch. */
    @HostAccess.Export
    public double startTransaction() {
        try {
            outside();
            return procedures.start();
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** OK, an error number, or {@link ProcedureCalls#COMMIT_REFUSED}. */
    @HostAccess.Export
    public int commitTransaction() {
        try {
            outside();
            int outcome = procedures.commit();
            outside();
            return outcome;
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public String commitRefusal() {
        return procedures.commitRefusal();
    }

    @HostAccess.Export
    public int abortTransaction() {
        try {
            outside();
            return procedures.abort();
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    /** The shared buffer holds the request and then the body; OK or an error number. */
    @HostAccess.Export
    public int httpRequest(int length, int bodyLength) {
        try {
            outside();
            return procedures.request(io, 0, length, io, length, bodyLength);
        } catch (Throwable e) {
            throw ended(e);
        }
    }

    @HostAccess.Export
    public ByteBuffer httpResponse() {
        return ByteBuffer.wrap(procedures.response().toArray());
    }

    @HostAccess.Export
    public ByteBuffer httpResponseBody() {
        return ByteBuffer.wrap(procedures.responseBody().toArray());
    }

    @HostAccess.Export
    public String httpFailure() {
        return procedures.httpFailure();
    }

    /** The checks of {@link #calls()} and no more. */
    private void outside() {
        calls();
        isInside = false;
    }

    private int generated() {
        int length = calls.generated().length();
        System.arraycopy(calls.generated().buffer(), 0, io, 0, length);
        return length;
    }

    private IndexRange range(int prefixLength, int prefixElements, int startLength, int endLength) {
        int start = prefixLength;
        int end = endLength == 0 ? start : start + startLength;
        return calls.range()
                .prefix(io, prefixElements, 0, prefixElements == 0 ? 0 : prefixLength)
                .start(start, startLength)
                .end(end, endLength == 0 ? startLength : endLength);
    }

    /** A u32 in the int that has its bits. */
    private static int id(double u32) {
        return (int) (long) u32;
    }
}
