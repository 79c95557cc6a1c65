package io.pinion.actors.core;

import org.jspecify.annotations.Nullable;

/**
 * The right to one turn of a binding, good for as long as the binding waits under this number. It stands in one queue at
 * a time and belongs to who took it from there; a binding has several tickets of one number when it was rebound while it
 * waited. What a stale one says about its account means nothing, and only places a ticket that will not be used.
 */
final class Ticket {
    private final Binding binding;
    private long number;
    private long queuedNanos;

    /** The binding's account on the core that the ticket is queued at; see {@link RunQueue}. */
    long balanceNanos;
    /** The round of that core up to which the account has its allotments. */
    long round;

    /** The next in whatever list the ticket stands in. */
    @Nullable
    Ticket next;
    /** How many stand in the inbox up to here. */
    int depth;

    Ticket(Binding binding, long number, long queuedNanos) {
        this.binding = binding;
        this.number = number;
        this.queuedNanos = queuedNanos;
    }

    Binding binding() {
        return binding;
    }

    long number() {
        return number;
    }

    /** When the binding began to wait at this core. */
    long queuedNanos() {
        return queuedNanos;
    }

    /** The same object for the binding's next turn; saves an allocation per turn of a busy binding. */
    void renew(long newNumber, long nowNanos) {
        number = newNumber;
        queuedNanos = nowNanos;
    }

    boolean isStale() {
        return !binding.isWaiting(number);
    }
}
