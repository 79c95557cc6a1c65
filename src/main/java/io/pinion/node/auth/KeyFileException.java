package io.pinion.node.auth;

/** The key files cannot be used. The message is for the operator: it names the file and what is wrong with it. */
public final class KeyFileException extends Exception {
    private static final long serialVersionUID = 1L;

    public KeyFileException(String message) {
        super(message);
    }

    public KeyFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
