package io.pinion.store.tx;

/** A long operation noticed that it was asked to stop. The transaction must be rolled back. */
public final class OperationStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OperationStoppedException() {
        super("the operation was asked to stop", null, false, false);
    }
}
