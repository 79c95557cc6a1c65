package io.pinion.node.bindings;

/** There is no client code for a definition. The message is for whoever asked for it: it names what stands in the way. */
public final class BindingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BindingsException(String message) {
        super(message);
    }
}
