package io.pinion.modules;

/** A program that cannot be a module. The message is for its author: it says what is wrong and where. */
public final class InvalidModuleException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidModuleException(String message) {
        super(message);
    }

    public InvalidModuleException(String message, Throwable cause) {
        super(message, cause);
    }
}
