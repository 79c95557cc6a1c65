package io.pinion.store.value;

/**
 * JSON that is not a value of the expected type, or a value that the wanted spelling cannot express. The message begins
 * with the place in the document, if it is not the document itself: {@code [1].amount: expected U64, got a string}.
 */
public final class SatsJsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SatsJsonException(String message) {
        super(message);
    }
}
