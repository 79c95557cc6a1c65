package io.pinion.actors.durability;

/**
 * Why a log cannot be read to its end.
 *
 * @param offset everything up to it is intact
 * @param sequenceNr of the event that cannot be read, or that does not fit what came before
 */
public record LogDamage(long offset, long sequenceNr, String cause) {
    @Override
    public String toString() {
        return "the log cannot be read after offset " + offset + ", journal sequence number " + sequenceNr + ": "
                + cause;
    }
}
