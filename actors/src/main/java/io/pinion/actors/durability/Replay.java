package io.pinion.actors.durability;

import org.jspecify.annotations.Nullable;

/** Reads the events of a log in order, checks that they belong together and hands their entries on. */
final class Replay {
    private final LogReplay target;
    private final TrainAssembler trains = new TrainAssembler();
    private long epoch;
    private long offset;
    private @Nullable LogEntry last;

    Replay(LogReplay target) {
        this.target = target;
    }

    /** @throws CorruptEventException that names the offset, or whatever the target throws */
    void event(byte[] bytes) {
        Event event = EventCodec.read(bytes);
        if (!(event instanceof Event.Chunk)) {
            trains.interrupt();
        }
        switch (event) {
            case Event.Opened opened -> opened(opened);
            case Event.Batch batch -> batch(batch);
            case Event.Chunk chunk -> {
                Event.Batch batch = trains.add(chunk);
                if (batch != null) {
                    batch(batch);
                }
            }
        }
    }

    private void opened(Event.Opened opened) {
        if (opened.epoch() <= epoch) {
            throw new CorruptEventException("epoch " + opened.epoch() + " follows epoch " + epoch);
        }
        epoch = opened.epoch();
    }

    private void batch(Event.Batch batch) {
        boolean isFirst = offset == 0 && epoch == 0;
        // The log of an ended database is cut down to its last event.
        if (!isFirst && (batch.epoch() != epoch || batch.offsetFirst() != offset + 1)) {
            throw new CorruptEventException("a batch of epoch " + batch.epoch() + " at offset " + batch.offsetFirst()
                    + " follows epoch " + epoch + " and offset " + offset);
        }
        epoch = batch.epoch();
        offset = batch.offsetFirst() - 1;
        for (LogEntry entry : batch.entries()) {
            target.apply(offset + 1, entry);
            last = entry;
            offset++;
        }
    }

    /** The newest epoch, 0 for an empty log. */
    long epoch() {
        return epoch;
    }

    /** Of the last entry, 0 for none. */
    long offset() {
        return offset;
    }

    boolean isEmpty() {
        return last == null;
    }

    boolean isDeleted() {
        return last instanceof LogEntry.Deleted;
    }
}
