package io.pinion.actors.database;

/** What is called, as far as its time limit depends on it. */
enum CallType {
    /** By a caller who waits for it. */
    REDUCER("reducer-time"),
    /** By a row of a schedule table, or by a guest outside its own transaction. */
    SCHEDULED_REDUCER("scheduled-reducer-time"),
    VIEW("view-time"),
    /** What the host does for an SQL statement, views excepted. */
    QUERY("query-time"),
    /** Once, when a program starts afresh. */
    INIT("init-time"),
    /** A procedure or an HTTP handler, with all that it waits for. */
    PROCEDURE("procedure-time"),
    /** One transaction of a procedure, as long as nobody else may write. */
    PROCEDURE_TRANSACTION("procedure-transaction-time");

    private final String key;

    CallType(String key) {
        this.key = key;
    }

    /** Of its limit, within {@code pinion.limits}. */
    String key() {
        return key;
    }
}
