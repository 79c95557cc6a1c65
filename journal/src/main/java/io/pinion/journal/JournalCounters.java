package io.pinion.journal;

import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link JournalMetrics}; any thread may add and read. */
final class JournalCounters {
    final LongAdder atomicWrites = new LongAdder();
    final LongAdder events = new LongAdder();
    final LongAdder eventBytes = new LongAdder();
    final LongAdder rejectedWrites = new LongAdder();
    final LongAdder batches = new LongAdder();
    final LongAdder syncNanos = new LongAdder();
    final LongAdder replayedEvents = new LongAdder();

    JournalMetrics read(long queuedBytes) {
        return new JournalMetrics(
                atomicWrites.sum(),
                events.sum(),
                eventBytes.sum(),
                rejectedWrites.sum(),
                batches.sum(),
                syncNanos.sum(),
                replayedEvents.sum(),
                queuedBytes);
    }
}
