package io.pinion.node.cli;

/** A command failed in a way its user can do something about. The message is all that is shown. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CliException(String message) {
        super(message);
    }

    CliException(String message, Throwable cause) {
        super(message, cause);
    }
}
