package io.pinion.actors.database;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What one commit meant for those who subscribe: an event of the JVM's flight recorder. */
@Name("pinion.FanOut")
@Label("Fan-out of a commit")
@Category("Pinion")
@StackTrace(false)
final class FanOutEvent extends Event {
    @Label("Database")
    String database = "";

    @Label("Offset")
    long offset;

    @Label("Queries evaluated")
    int evaluations;

    @Label("Connections told")
    int connections;

    @Label("Rows told")
    @DataAmount
    long bytes;
}
