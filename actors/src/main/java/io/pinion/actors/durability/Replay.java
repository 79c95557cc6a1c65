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
     * @throws IncompleteLogException if it is not the one that follows
     */
    void event(LoggedEvent logged, Event event) {
        boolean isCutDown = isFirst && isEnd(event) && logged.sequenceNr() > sequenceNr;
        if (!isCutDown) {
            IncompleteLogException.requireNext(sequenceNr, logged.sequenceNr());
        }
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

    /** The log of an ended database is cut down to its end. */
    private static boolean isEnd(Event event) {
        return event instanceof Event.Batch batch && batch.entries().getFirst() instanceof LogEntry.Deleted;
    }

    private void opened(Event.Opened opened) {
        if (opened.epoch() <= epoch) {
            throw new CorruptEventException("epoch " + opened.epoch() + " follows epoch " + epoch);
        }
        epoch = opened.epoch();
    }

    private void batch(Event.Batch batch) {
        boolean follows = batch.epoch() == epoch && batch.offsetFirst() == offset + 1;
        boolean isCutDown = isFirst && isEnd(batch) && batch.epoch() >= epoch && batch.offsetFirst() > offset;
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
        requireEnd(cut.sequenceNrFirst() - 1);
        if (cut.offset() != offset) {
            throw new CorruptEventException("the log was cut at offset " + cut.offset() + ", but ends at " + offset
                    + " before sequence number " + cut.sequenceNrFirst());
        }
        epoch = Math.max(epoch, cut.epoch());
        sequenceNr = cut.sequenceNrLast();
        meter.skippedTo(sequenceNr);
    }

    /** @throws IncompleteLogException if no event with that number was taken, or passed over */
    void requireEnd(long last) {
        IncompleteLogException.requireEnd(sequenceNr, last);
    }

    LogPosition position() {
        return new LogPosition(sequenceNr, epoch, offset, isSilent);
    }
}
