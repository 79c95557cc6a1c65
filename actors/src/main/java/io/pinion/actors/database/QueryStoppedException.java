package io.pinion.actors.database;

/** The store was stopped in the midst of a query; the message says by which limit. */
final class QueryStoppedException extends Exception {
    private static final long serialVersionUID = 1L;

    QueryStoppedException(String reason) {
        super(reason, null, false, false);
    }
}
