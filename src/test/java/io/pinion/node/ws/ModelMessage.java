package io.pinion.node.ws;

import java.util.List;

/** What a server message means to {@link ModelClient}, whichever protocol it came in. */
sealed interface ModelMessage {
    record Greeting() implements ModelMessage {}

    record Applied(int request, List<Change> changes) implements ModelMessage {}

    record Dropped(int request, List<Change> changes) implements ModelMessage {}

    record Update(List<Change> changes) implements ModelMessage {}

    /** Of a call of this client. */
    record Result(int request, List<Change> changes) implements ModelMessage {}

    /** Of a query that was asked once. */
    record Answer(int request, List<Change> found) implements ModelMessage {}

    /**
     * A row of a set comes or goes.
     *
     * @param set 0 where the protocol names none
     * @param count 1 or -1
     */
    record Change(int set, Row row, int count, boolean isEvent) {
        /** @param text its bytes in hex, or its JSON */
        record Row(String table, String text) {}

        static Change of(int set, String table, String text, int count) {
            return new Change(set, new Row(table, text), count, false);
        }
    }
}
