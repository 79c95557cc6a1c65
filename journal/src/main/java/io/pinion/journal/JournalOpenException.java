package io.pinion.journal;

/**
 * The store in a directory was not opened: it is locked, not writable, of a newer format, damaged, or has lost the end
 * of its log. What could still be read then, still can be.
 */
public final class JournalOpenException extends JournalException {
    private static final long serialVersionUID = 1L;

    JournalOpenException(String message) {
        super(message);
    }

    JournalOpenException(String message, Throwable cause) {
        super(message, cause);
    }
}
