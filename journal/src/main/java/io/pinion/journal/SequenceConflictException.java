package io.pinion.journal;

/**
 * An atomic write did not carry the next sequence number of its persistence id, or came from a writer that once did not.
 * Nothing of the write was stored. The usual reason is a second live copy of the same persistent actor.
 */
public final class SequenceConflictException extends JournalException {
    private static final long serialVersionUID = 1L;

    SequenceConflictException(String message) {
        super(message);
    }
}
