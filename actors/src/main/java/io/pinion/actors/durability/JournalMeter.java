package io.pinion.actors.durability;

import java.util.concurrent.atomic.LongAdder;

/** What the databases of one node have written to their logs. Threadsafe; counting takes some nanoseconds per write. */
public final class JournalMeter {
    private final LongAdder writes = new LongAdder();
    private final LongAdder events = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /**
     * As of one moment, but a write apart.
     *
     * @param events of all writes that are durable, as are the bytes
     * @param nanos from sending a write to hearing that it is durable, all together
     * @param failures writes that failed or were rejected
     */
    public record Counts(long writes, long events, long bytes, long nanos, long failures) {}

    void written(int eventCount, long byteCount, long elapsedNanos) {
        writes.increment();
        events.add(eventCount);
        bytes.add(byteCount);
        nanos.add(elapsedNanos);
    }

    void failed() {
        failures.increment();
    }

    public Counts counts() {
        return new Counts(writes.sum(), events.sum(), bytes.sum(), nanos.sum(), failures.sum());
    }
}
