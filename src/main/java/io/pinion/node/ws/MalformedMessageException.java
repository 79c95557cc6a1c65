package io.pinion.node.ws;

/** A client's message is none of its protocol; the text says why. Ends the connection. */
final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String problem;

    MalformedMessageException(String problem) {
        super(problem, null, false, false);
        this.problem = problem;
    }

    String problem() {
        return problem;
    }
}
