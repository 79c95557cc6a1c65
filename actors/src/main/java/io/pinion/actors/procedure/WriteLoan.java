package io.pinion.actors.procedure;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The right to write one database, on loan from its actor to the thread of a procedure, once. Exactly one of the two may
 * touch the tables and what hangs on them: the actor before it grants and after the loan is over, the borrower in between.
 * What one has written the other sees, as each change of state is a volatile write that the other reads.
 *
 * <p>Asked → granted: the actor has its turn. Asked → refused: it cannot grant now. Asked → withdrawn: the borrower does
 * not wait any longer. Granted → committing → over: the borrower keeps what it has done. Granted → over: it has undone it.
 * Granted → revoked: the actor gives the database up; the borrower may undo what it has done, for nobody, and can keep
 * nothing. Committing takes no longer than the store does, and is waited for.
 */
public final class WriteLoan {
    private static final long WAIT_NANOS = 50_000;

    private enum State {
        ASKED,
        GRANTED,
        REFUSED,
        WITHDRAWN,
        COMMITTING,
        OVER,
        REVOKED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.ASKED);
    private final CountDownLatch isDecided = new CountDownLatch(1);

    // The actor's side

    /** False if it is not wanted any more. */
    public boolean grant() {
        return decide(State.GRANTED);
    }

    /** It cannot be had now. */
    public void refuse() {
        decide(State.REFUSED);
    }

    private boolean decide(State decision) {
        boolean isWanted = state.compareAndSet(State.ASKED, decision);
        isDecided.countDown();
        return isWanted;
    }

    /** Takes it back, whatever the borrower is doing: from now on it keeps nothing more. Waits for a commit that has begun. */
    public void revoke() {
        while (!state.compareAndSet(State.GRANTED, State.REVOKED) && state.get() == State.COMMITTING) {
            LockSupport.parkNanos(this, WAIT_NANOS);
        }
    }

    // The borrower's side

    /**
     * Waits for the decision of the actor.
     *
     * @return whether it is granted
     */
    public boolean await() throws InterruptedException {
        try {
            isDecided.await();
        } catch (InterruptedException e) {
            if (state.compareAndSet(State.ASKED, State.WITHDRAWN) || state.get() == State.REFUSED) {
                throw e;
            }
            // Granted just now: who asked has to give it back, and finds itself interrupted at the next wait.
            Thread.currentThread().interrupt();
        }
        return state.get() != State.REFUSED;
    }

    /** Whether what was done may be kept; then it has to be, and {@link #end} said right after. */
    public boolean beginCommit() {
        return state.compareAndSet(State.GRANTED, State.COMMITTING);
    }

    /** Everything is kept or undone. */
    public void end() {
        if (!state.compareAndSet(State.COMMITTING, State.OVER)) {
            state.compareAndSet(State.GRANTED, State.OVER);
        }
    }
}
