package io.pinion.store.tx;

import java.util.Map;

/**
 * The ids that a database has handed out for the objects of its definition; each is given once. The same definitions in
 * the same order give the same ids. Immutable.
 *
 * @param tables by canonical name, backing tables of views included
 * @param indexes of those tables
 * @param schedules by the name of their table
 * @param views by canonical name
 */
public record SchemaIds(
        Map<String, Integer> tables,
        Map<ObjectName, Integer> indexes,
        Map<ObjectName, Integer> constraints,
        Map<ObjectName, Integer> sequences,
        Map<String, Integer> schedules,
        Map<String, Integer> views,
        Next next) {
    public SchemaIds {
        tables = Map.copyOf(tables);
        indexes = Map.copyOf(indexes);
        constraints = Map.copyOf(constraints);
        sequences = Map.copyOf(sequences);
        schedules = Map.copyOf(schedules);
        views = Map.copyOf(views);
    }

    /** The name of an index, constraint or sequence, which only means something together with its table's. */
    public record ObjectName(String table, String object) {}

    /** What each kind of object gets next. */
    public record Next(int table, int index, int constraint, int sequence, int schedule, int view) {
        public static final Next FIRST = new Next(
                Datastore.FIRST_ID,
                Datastore.FIRST_ID,
                Datastore.FIRST_ID,
                Datastore.FIRST_ID,
                Datastore.FIRST_ID,
                Datastore.FIRST_ID);
    }
}
