package io.pinion.actors.pool;

import io.pinion.modules.Instance;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An instance that was lent, once: the next loan of it is another object. Whoever holds it owns it until it is returned or
 * discarded, and moves it between threads only by message.
 *
 * <p>A borrower that calls the instance in its own turns need do nothing more, for its loan is taken from it only when it
 * has ended, and no actor ends within a turn. One that has calls run elsewhere brackets them with {@link #enter} and {@link #leave}: then
 * the pool does not close the instance under a call whose borrower has died, but right after it. Threadsafe.
 */
public final class Loan {
    private final long generation;
    private final Instance instance;
    private boolean isInCall;
    private boolean isOver;
    private @Nullable Consumer<Instance> closer;

    /** @param generation of the program it runs; counts up with every update */
    public Loan(long generation, Instance instance) {
        this.generation = generation;
        this.instance = instance;
    }

    public long generation() {
        return generation;
    }

    public Instance instance() {
        return instance;
    }

    /**
     * Before a call outside the borrower's turns.
     *
     * @return false if the loan is over: the instance may not be called
     * @throws IllegalStateException if a call runs already
     */
    public synchronized boolean enter() {
        if (isInCall) {
            throw new IllegalStateException("an instance runs one call at a time");
        }
        isInCall = !isOver;
        return isInCall;
    }

    /** After that call, on the thread it ran on. */
    public void leave() {
        Consumer<Instance> waiting;
        synchronized (this) {
            isInCall = false;
            waiting = closer;
            closer = null;
        }
        if (waiting != null) {
            waiting.accept(instance);
        }
    }

    /** Ends the loan so that the instance can be lent again. False if a call still runs, or it has ended before. */
    synchronized boolean end() {
        if (isInCall || isOver) {
            return false;
        }
        isOver = true;
        return true;
    }

    /**
     * Ends the loan so that the instance can be closed.
     *
     * @param whenLeft takes the instance if a call still runs on it, on that call's thread when it has ended
     * @return whether the instance is the caller's now; false if a call runs, or the loan was over
     */
    synchronized boolean recall(Consumer<Instance> whenLeft) {
        if (!isOver && isInCall) {
            closer = whenLeft;
        }
        boolean isFree = end();
        isOver = true;
        return isFree;
    }
}
