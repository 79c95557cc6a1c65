package io.pinion.actors.durability;

/** Rebuilds a database from its log. Called on the durability child's thread, one entry after the other, from offset 1. */
public interface LogReplay {
    /**
     * Applies the next entry.
     *
     * @throws RuntimeException if it does not fit what was replayed before; recovery ends with its message
     */
    void apply(long offset, LogEntry entry);
}
