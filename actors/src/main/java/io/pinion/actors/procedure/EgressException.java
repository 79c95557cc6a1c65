package io.pinion.actors.procedure;

import org.jspecify.annotations.Nullable;

/** A request was not made, or brought no response; the messages of it and its causes are for the guest. */
final class EgressException extends Exception {
    private static final long serialVersionUID = 1L;

    EgressException(String message) {
        super(message, null, false, false);
    }

    EgressException(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }
}
