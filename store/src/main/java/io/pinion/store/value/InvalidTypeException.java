package io.pinion.store.value;

/** A type that cannot be used: a reference out of range or recursive where it may not be. */
public final class InvalidTypeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidTypeException(String message) {
        super(message);
    }
}
