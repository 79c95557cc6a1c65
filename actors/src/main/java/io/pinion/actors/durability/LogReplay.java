package io.pinion.actors.durability;

/** Rebuilds a database from its log. Called by one thread at a time, never on a core, one entry after the other. */
public interface LogReplay {
    /**
     * Applies the next entry.
     *
     * @throws RuntimeException if it does not fit what was replayed before; recovery ends with its message
     */
    void apply(long offset, LogEntry entry);
}
