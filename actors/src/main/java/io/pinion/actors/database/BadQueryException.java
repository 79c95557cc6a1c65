package io.pinion.actors.database;

/** A statement that cannot be answered; the message is for the caller. */
final class BadQueryException extends Exception {
    private static final long serialVersionUID = 1L;

    BadQueryException(String message) {
        super(message, null, false, false);
    }
}
