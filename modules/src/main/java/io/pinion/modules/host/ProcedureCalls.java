package io.pinion.modules.host;

import io.pinion.modules.HttpRequest;
import io.pinion.modules.ProcedureHost;
import io.pinion.modules.ProcedureHost.Begun;
import io.pinion.modules.ProcedureHost.CommitOutcome;
import io.pinion.modules.ProcedureHost.HttpOutcome;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What a guest may ask of its host beyond {@link HostCalls}, of which it is the other half: transactions of its own, HTTP
 * requests, sleep. One per instance, with outcomes as there; called by the thread that runs the guest. What is asked for
 * here may block; {@link OperationStoppedException} ends what waits when the call is asked to stop.
 *
 * <p>IDLE → RUNNING when a procedure or an HTTP handler begins. RUNNING → OPEN when it starts a transaction, and back when
 * it aborts it. OPEN → COMMITTING while the host commits, when it may run views of the same instance, then RUNNING. At the
 * end, from wherever it is, → IDLE: what is OPEN is rolled back. Reducers and views run while this is IDLE, but for the
 * views of a commit.
 */
public final class ProcedureCalls {
    /** {@link #commit}: all was undone, see {@link #commitRefusal}. */
    public static final int COMMIT_REFUSED = -1;

    private final HostCalls calls;
    private State state = State.IDLE;
    private @Nullable ProcedureHost running;
    private String commitRefusal = "";
    private Bytes response = Bytes.EMPTY;
    private Bytes responseBody = Bytes.EMPTY;
    private String httpFailure = "";

    private enum State {
        IDLE,
        RUNNING,
        OPEN,
        COMMITTING
    }

    ProcedureCalls(HostCalls calls) {
        this.calls = calls;
    }

    // For the instance

    /** A procedure or a handler is about to run. Followed by {@link #end}, whatever happens in between. */
    public void begin(String functionName, ProcedureHost host) {
        calls.begin(functionName);
        running = host;
        state = State.RUNNING;
    }

    /**
     * It has ended. A transaction that it left open is undone.
     *
     * @param isStopped whether it was stopped; else the module's log says that it left one open
     */
    public void end(boolean isStopped) {
        ProcedureHost host = running;
        boolean isLeftOpen = state == State.OPEN;
        state = State.IDLE;
        running = null;
        calls.end();
        response = Bytes.EMPTY;
        responseBody = Bytes.EMPTY;
        if (!isLeftOpen || host == null) {
            return;
        }
        host.rollback();
        if (!isStopped) {
            calls.logLeftOpen();
        }
    }

    /** Whether the host is about to commit: the guest waits, and views of its instance may be run in between. */
    public boolean isCommitting() {
        return state == State.COMMITTING;
    }

    /** A view is about to run in between. Followed by {@link #endView}. Log lines keep the name of the procedure. */
    public void beginView(Transaction transaction) {
        calls.use(transaction);
    }

    public void endView() {
        calls.use(null);
    }

    // For the guest

    /**
     * The time of the transaction that has been opened, in µs since the Unix epoch, or a negated error number: 17. Traps
     * where neither a procedure nor a transaction runs.
     */
    public long start() {
        if (calls.checkTransaction() == Errno.OK) {
            return -Errno.WOULD_BLOCK_TRANSACTION;
        }
        ProcedureHost host = require("start a transaction");
        try {
            Begun begun = host.begin();
            state = State.OPEN;
            calls.use(begun.transaction());
            return begun.timestampMicros();
        } catch (InterruptedException e) {
            throw new OperationStoppedException();
        }
    }

    /** OK, 18 without a transaction that the guest started, or {@link #COMMIT_REFUSED}. */
    public int commit() {
        ProcedureHost host = running;
        if (state != State.OPEN || host == null) {
            return Errno.TRANSACTION_NOT_ANONYMOUS;
        }
        calls.use(null);
        state = State.COMMITTING;
        try {
            return switch (host.commit()) {
                case CommitOutcome.Committed _ -> Errno.OK;
                case CommitOutcome.Refused(String reason) -> {
                    commitRefusal = reason;
                    yield COMMIT_REFUSED;
                }
            };
        } catch (InterruptedException e) {
            throw new OperationStoppedException();
        } finally {
            state = State.RUNNING;
        }
    }

    /** Why the last commit was refused, for the guest. */
    public String commitRefusal() {
        return "the transaction was not committed: " + commitRefusal;
    }

    /** OK, or 18 without a transaction that the guest started. */
    public int abort() {
        ProcedureHost host = running;
        if (state != State.OPEN || host == null) {
            return Errno.TRANSACTION_NOT_ANONYMOUS;
        }
        calls.use(null);
        state = State.RUNNING;
        host.rollback();
        return Errno.OK;
    }

    /** Waits for a time; the time then. Both in µs since the Unix epoch. Traps outside procedures and while a transaction
     * is open: all others would have to wait too. */
    public long sleepUntil(long micros) {
        ProcedureHost host = require("sleep");
        if (calls.checkTransaction() == Errno.OK) {
            throw new HostTrap("a procedure cannot sleep while a transaction is open");
        }
        try {
            return host.sleepUntil(micros);
        } catch (InterruptedException e) {
            throw new OperationStoppedException();
        }
    }

    /**
     * Makes an HTTP request; {@link #response}, {@link #responseBody} or {@link #httpFailure} then say what came of it.
     * Arguments are a BSATN request and the body.
     *
     * @return OK, 3, 17 inside a transaction or 21. Traps where neither a procedure nor a transaction runs.
     */
    public int request(byte[] bytes, int offset, int length, byte[] bodyBytes, int bodyOffset, int bodyLength) {
        ProcedureHost host = running;
        if (host == null && calls.checkTransaction() == Errno.OK) {
            return Errno.WOULD_BLOCK_TRANSACTION;
        }
        host = require("make an HTTP request");
        HttpRequest request;
        try {
            request = HttpCodec.readRequest(bytes, offset, length, Bytes.copyOf(bodyBytes, bodyOffset, bodyLength));
        } catch (BsatnException e) {
            return StoreCode.BSATN_DECODE_ERROR;
        }
        String refusal = host.httpRefusal();
        if (refusal != null) {
            return failed(refusal);
        }
        if (calls.checkTransaction() == Errno.OK) {
            return Errno.WOULD_BLOCK_TRANSACTION;
        }
        return isToken(request.method()) ? request(host, request) : failed("the method is not one of HTTP");
    }

    private int request(ProcedureHost host, HttpRequest request) {
        try {
            return switch (host.request(request)) {
                case HttpOutcome.Received(var received) -> {
                    response = HttpCodec.toBsatn(received);
                    responseBody = received.body();
                    yield Errno.OK;
                }
                case HttpOutcome.NotReceived(String text) -> failed(text);
            };
        } catch (InterruptedException e) {
            throw new OperationStoppedException();
        }
    }

    private int failed(String text) {
        httpFailure = text;
        return Errno.HTTP_ERROR;
    }

    /** As RFC 9110, section 5.6.2, has it. */
    private static boolean isToken(String text) {
        return text.matches("[0-9A-Za-z!#$%&'*+.^_`|~-]+");
    }

    /** What the last successful request was answered with: BSATN, never empty. */
    public Bytes response() {
        return response;
    }

    public Bytes responseBody() {
        return responseBody;
    }

    /** Why the last request that failed did. */
    public String httpFailure() {
        return httpFailure;
    }

    private ProcedureHost require(String what) {
        ProcedureHost host = running;
        if (host == null) {
            throw onlyProcedures(what);
        }
        return host;
    }

    /** The trap for what only a procedure may do. */
    public static HostTrap onlyProcedures(String what) {
        return new HostTrap("only a procedure may " + what);
    }

    /** Whether a procedure or an HTTP handler runs. */
    public boolean isRunning() {
        return running != null;
    }
}
