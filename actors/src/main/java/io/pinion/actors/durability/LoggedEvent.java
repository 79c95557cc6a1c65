package io.pinion.actors.durability;

/** One event as the journal holds it. Its bytes are never changed. */
public final class LoggedEvent {
    private final long sequenceNr;
    private final byte[] bytes;

    /** @param bytes handed over for good */
    public LoggedEvent(long sequenceNr, byte[] bytes) {
        this.sequenceNr = sequenceNr;
        this.bytes = bytes;
    }

    public long sequenceNr() {
        return sequenceNr;
    }

    /** Not a copy. */
    public byte[] unsafeArray() {
        return bytes;
    }
}
