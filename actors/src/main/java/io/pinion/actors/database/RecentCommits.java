package io.pinion.actors.database;

import io.pinion.actors.durability.LogEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The newest commits of a log, as many as have room, without a gap between them: for connections that have missed some. Used
 * by one thread at a time.
 */
final class RecentCommits {
    private static final int FIXED_BYTES = 256;

    private final int bytesMax;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private long bytes;
    private long offsetBefore;

    record Kept(long offset, LogEntry.Transaction entry) {
        private long bytes() {
            return FIXED_BYTES + (long) DatabaseLogic.bytes(entry.delta());
        }
    }

    RecentCommits(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** The state as of an offset is not what commits before have led to. */
    void beginAnew(long offset) {
        kept.clear();
        bytes = 0;
        offsetBefore = offset;
    }

    /** The next commit; entries of the log between the last one and this have changed no rows. */
    void add(long offset, LogEntry.Transaction entry) {
        Kept newest = new Kept(offset, entry);
        kept.addLast(newest);
        bytes += newest.bytes();
        while (bytes > bytesMax) {
            Kept oldest = kept.removeFirst();
            bytes -= oldest.bytes();
            offsetBefore = oldest.offset();
        }
    }

    /** Whether every commit after an offset is here. */
    boolean reachBackTo(long offset) {
        return offset >= offsetBefore;
    }

    /** Oldest first. */
    List<Kept> after(long offset) {
        return kept.stream().filter(commit -> commit.offset() > offset).toList();
    }
}
