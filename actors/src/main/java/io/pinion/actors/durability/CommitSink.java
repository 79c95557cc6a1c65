package io.pinion.actors.durability;

/**
 * Where a database's commits and answers go, in commit order. Called by the database's thread. An outbox with a journal
 * behind it in a node; a simulation hands in its own.
 */
public interface CommitSink {
    /** Takes it over; it is released or lost later, in the order of the calls. Neither blocks nor throws. */
    void append(Pending pending);

    /** Whether so much waits for the journal that no new call should be started. */
    boolean isFull();
}
