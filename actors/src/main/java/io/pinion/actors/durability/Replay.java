package io.pinion.actors.durability;

/** Takes the events of a log in order, checks that they belong together and hands their entries on. */
final class Replay {
    private final LogReplay target;
    private final RecoveryMeter meter;
    private final TrainAssembler trains = new TrainAssembler();
    private long sequenceNr;
    private long epoch;
    private long offset;
    /** Entries up to this one are in the state already. */
    private long offsetApplied;

    private boolean isSilent = true;
    /** Whether no event of the log was read yet. */
    private boolean isFirst = true;

    Replay(LogReplay target, RecoveryMeter meter) {
        this.target = target;
        this.meter = meter;
    }

    /**
     * Takes the next event.
     *
     * @param event what {@code logged} holds
     * @throws CorruptEventException that names the offset, or whatever the target throws
     */
    void event(LoggedEvent logged, Event event) {
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
        isFirst = false;
        sequenceNr = logged.sequenceNr();
        meter.event(logged);
    }

    private void opened(Event.Opened opened) {
        if (opened.epoch() <= epoch) {
            throw new CorruptEventException("epoch " + opened.epoch() + " follows epoch " + epoch);
        }
        epoch = opened.epoch();
    }

    private void batch(Event.Batch batch) {
        boolean isEnd = batch.entries().getFirst() instanceof LogEntry.Deleted;
        boolean follows = batch.epoch() == epoch && batch.offsetFirst() == offset + 1;
        // The log of an ended database is cut down to its end.
        boolean isCutDown = isEnd && isFirst && batch.epoch() >= epoch && batch.offsetFirst() > offset;
        if (!follows && !isCutDown) {
            throw new CorruptEventException("a batch of epoch " + batch.epoch() + " at offset " + batch.offsetFirst()
                    + " follows epoch " + epoch + " and offset " + offset);
        }
        epoch = batch.epoch();
        offset = batch.offsetFirst() - 1;
        for (LogEntry entry : batch.entries()) {
            if (offset >= offsetApplied) {
                target.apply(offset + 1, entry);
                isSilent = entry instanceof LogEntry.Deleted;
                meter.entry(entry);
            }
            offset++;
        }
    }

    /** Goes on behind a snapshot. */
    void resume(LogPosition from, long offsetOfState) {
        sequenceNr = from.sequenceNr();
        epoch = from.epoch();
        offset = from.offset();
        offsetApplied = offsetOfState;
        isSilent = false;
    }

    /** Events that do not count. */
    void cut(IndexEntry.Cut cut) {
        trains.interrupt();
        if (cut.offset() != offset) {
            throw new CorruptEventException("the log was cut at offset " + cut.offset() + ", but ends at " + offset
                    + " before sequence number " + cut.sequenceNrFirst());
        }
        epoch = Math.max(epoch, cut.epoch());
        passTo(cut.sequenceNrLast());
    }

    /** There are no events up to that number. */
    void passTo(long last) {
        sequenceNr = Math.max(sequenceNr, last);
        meter.skippedTo(sequenceNr);
    }

    LogPosition position() {
        return new LogPosition(sequenceNr, epoch, offset, isSilent);
    }
}
