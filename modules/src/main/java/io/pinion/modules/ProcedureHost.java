package io.pinion.modules;

import io.pinion.store.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * What one call of a procedure or an HTTP handler may ask for beyond what reducers may. Called by the thread that runs the
 * guest, while it runs; every method may block.
 *
 * <p>A call that is asked to stop ({@link Instance#stop}) while a method here waits has its thread interrupted: the method
 * ends with {@link InterruptedException} as soon as it can and leaves no transaction open that it was about to open. A
 * {@link io.pinion.modules.host.HostTrap} ends the guest call, uncatchably, for a reason in words.
 *
 * <p>Between {@link #begin} and {@link #commit} or {@link #rollback} there is one open transaction. The engine sees to it
 * that there is at most one, that neither {@link #sleepUntil} nor {@link #request} is called while there is, and that one
 * left open when the guest has ended, in whatever way, is rolled back before the call returns.
 */
public interface ProcedureHost {
    /** An open write transaction, and the time that the guest is told it began at, in µs since the Unix epoch. */
    record Begun(Transaction transaction, long timestampMicros) {}

    /** How an attempt to commit ended. In each case the transaction is closed. */
    sealed interface CommitOutcome {
        record Committed() implements CommitOutcome {}

        /** All of it was undone: a view failed over it, or there is nothing that could keep it any more. */
        record Refused(String reason) implements CommitOutcome {}
    }

    /** What became of a request. */
    sealed interface HttpOutcome {
        /** Whatever its code. */
        record Received(HttpResponse response) implements HttpOutcome {}

        /** There is no response. The text is for the guest: the chain of causes, without what may be secret. */
        record NotReceived(String text) implements HttpOutcome {}
    }

    /** Waits until no other transaction is open and opens one. */
    Begun begin() throws InterruptedException;

    /**
     * Commits the open transaction. While this runs, the host may call {@link Instance#callView} of the very instance whose
     * guest waits for this, on this thread and in this transaction, and nothing else of it.
     */
    CommitOutcome commit() throws InterruptedException;

    /** Undoes the open transaction. Does not wait. */
    void rollback();

    /** Why no request at all can be made from this database, for the guest, or null. Does not wait. */
    @Nullable
    String httpRefusal();

    /** Makes a request and reads the whole response. */
    HttpOutcome request(HttpRequest request) throws InterruptedException;

    /** Waits for a time in µs since the Unix epoch; the time then. A time that has passed is not waited for. */
    long sleepUntil(long micros) throws InterruptedException;
}
