package io.pinion.actors.database;

/** The calls of databases that have left a node, so that its sums never fall. Threadsafe. */
public final class RetiredCalls {
    private CallCounts reducers = CallCounts.NONE;
    private CallCounts procedures = CallCounts.NONE;
    private long stops;

    public RetiredCalls() {}

    synchronized void add(Vitals vitals) {
        DatabaseStatus last = vitals.status();
        reducers = reducers.plus(last.reducers());
        procedures = procedures.plus(last.procedures());
        stops += last.stops();
    }

    public synchronized CallCounts reducers() {
        return reducers;
    }

    public synchronized CallCounts procedures() {
        return procedures;
    }

    public synchronized long stops() {
        return stops;
    }
}
