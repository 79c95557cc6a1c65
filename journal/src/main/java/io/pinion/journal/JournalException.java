package io.pinion.journal;

/** What the journal reports when it cannot do what was asked; the message names the directory or the persistence id. */
public class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JournalException(String message) {
        super(message);
    }

    JournalException(String message, Throwable cause) {
        super(message, cause);
    }
}
