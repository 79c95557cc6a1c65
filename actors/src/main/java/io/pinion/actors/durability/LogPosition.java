package io.pinion.actors.durability;

/**
 * How far a log was read.
 *
 * @param sequenceNr of the last event, 0 for none
 * @param epoch the newest, 0 for none
 * @param offset of the last entry, 0 for none
 * @param isSilent whether there is no database: nothing was ever published, or it has ended
 */
public record LogPosition(long sequenceNr, long epoch, long offset, boolean isSilent) {
    public static final LogPosition START = new LogPosition(0, 0, 0, true);
}
