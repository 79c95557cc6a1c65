package io.pinion.modules;

import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;

/**
 * One instantiation of a module: a WebAssembly instance or a JavaScript context. Owned by one thread at a time; may move
 * between threads between calls. Only {@link #stop} may be called by another thread while a call runs.
 *
 * <p>Whatever a guest does, a call returns a {@link GuestResult}; it neither commits nor rolls back the transaction it is
 * given, that is the caller's. Procedures and HTTP handlers are given none and open their own: see {@link ProcedureHost}.
 */
public interface Instance extends AutoCloseable {
    /**
     * Runs a reducer.
     *
     * @param call its {@code functionId} is the position in the module's reducer list
     * @param transaction open; the guest reads and writes through it
     */
    GuestResult callReducer(FunctionCall call, Transaction transaction);

    /**
     * Runs a view; {@link GuestResult.Returned} holds the header form: tag 0 and the rows as a BSATN array, or tag 1 and
     * a query as a BSATN string.
     *
     * @param call its {@code functionId} is the view's index in its number space
     * @param anonymous which of the two number spaces
     */
    GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction);

    /**
     * Runs a procedure; {@link GuestResult.Returned} holds the BSATN of its result, not checked against the declared type.
     * A procedure has no way to say that an error is its caller's: there is no {@link GuestResult.UserError}.
     *
     * @param call its {@code functionId} is the position in the module's list of procedures
     */
    GuestResult callProcedure(FunctionCall call, ProcedureHost procedureHost);

    /** Runs an HTTP handler, which may do what a procedure may. */
    HttpResult callHttpHandler(HttpCall call, ProcedureHost procedureHost);

    /**
     * Asks a running call to end as soon as it can. Threadsafe, and without effect when nothing runs. The call then
     * returns {@link GuestResult.Stopped}. May block for as long as the engine takes to notice.
     */
    void stop();

    /**
     * Whether another call may be made. False after a trap, a stop of a WebAssembly guest, any failure of a procedure or an
     * HTTP handler, {@link GuestResult.OutOfMemory} or {@link #close}.
     */
    boolean isUsable();

    @Override
    void close();

    /**
     * What a guest function is called with.
     *
     * @param functionName for log lines
     * @param timestampMicros since the Unix epoch
     * @param arguments BSATN of the argument product
     */
    record FunctionCall(
            int functionId,
            String functionName,
            Identity sender,
            ConnectionId connectionId,
            long timestampMicros,
            Bytes arguments) {}

    /**
     * What an HTTP handler is called with. It has no sender and no connection.
     *
     * @param functionId the position in the module's list of handlers
     * @param functionName for log lines
     * @param timestampMicros since the Unix epoch
     * @param request with the full external URI and no time-out
     */
    record HttpCall(int functionId, String functionName, long timestampMicros, HttpRequest request) {}

    /** How a call of an HTTP handler ended. */
    sealed interface HttpResult {
        record Answered(HttpResponse response) implements HttpResult {}

        /** In any way but by returning. */
        record NotAnswered(GuestResult result) implements HttpResult {}
    }

    /** How a guest call ended. */
    sealed interface GuestResult {
        /** It returned. The bytes are its result, empty for reducers. */
        record Returned(Bytes result) implements GuestResult {}

        /** The module's own error, meant for the caller. */
        record UserError(String message) implements GuestResult {}

        /** A trap, an uncaught exception, an answer that makes no sense. Logged already; the reason is for operators. */
        record Failed(String reason) implements GuestResult {}

        /** {@link Instance#stop} ended it. */
        record Stopped() implements GuestResult {}

        /**
         * The host had no memory left for what the guest asked for. Logged already; the detail is for operators. The
         * instance is not usable any more.
         */
        record OutOfMemory(String detail) implements GuestResult {}
    }
}
