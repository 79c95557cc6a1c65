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
 * given, that is the caller's.
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
     * Asks a running call to end as soon as it can. Threadsafe, and without effect when nothing runs. The call then
     * returns {@link GuestResult.Stopped}. May block for as long as the engine takes to notice.
     */
    void stop();

    /** Whether another call may be made. False after a trap, a stop of a WebAssembly guest,
     * {@link GuestResult.OutOfMemory} or {@link #close}. */
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
