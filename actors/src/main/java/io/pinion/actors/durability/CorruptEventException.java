package io.pinion.actors.durability;

/** An event of the journal that cannot be what this host wrote, or was written by a newer one. The message says where. */
public final class CorruptEventException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptEventException(String message) {
        super(message);
    }

    public CorruptEventException(String message, Throwable cause) {
        super(message, cause);
    }
}
