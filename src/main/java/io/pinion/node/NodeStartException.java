package io.pinion.node;

/** A node could not start. The message is for the operator: it says why and what to do. Nothing is left running. */
public final class NodeStartException extends Exception {
    private static final long serialVersionUID = 1L;

    public NodeStartException(String message) {
        super(message);
    }

    public NodeStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
