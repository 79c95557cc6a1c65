package io.pinion.journal;

/** A stored record is damaged or missing; the message names the persistence id and the sequence number. */
public final class CorruptRecordException extends JournalException {
    private static final long serialVersionUID = 1L;

    CorruptRecordException(String message) {
        super(message);
    }

    CorruptRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
