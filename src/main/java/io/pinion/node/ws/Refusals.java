package io.pinion.node.ws;

import io.pinion.actors.database.Database;

/** Why something was not carried out, in words for people; the same over HTTP and WebSocket. */
public final class Refusals {
    private Refusals() {}

    public static String text(Database.Refusal refusal) {
        return switch (refusal) {
            case Database.NoSuchModule _ -> "there is no such database";
            case Database.Overloaded _ -> "the database has too much to do; try again later";
            case Database.NotAdmitted(String reason) -> reason;
            case Database.DeadlineExceeded _ -> "the deadline passed before the database got to it";
            case Database.OutcomeUnknown _ -> "the database was interrupted; whether it was carried out is not known";
            case Database.Moved _ -> "the database is moving to another node; try again";
            case Database.Unavailable(String reason) -> "the database cannot serve now: " + reason;
        };
    }

    public static String text(Database.Limit limit, String function) {
        return switch (limit) {
            case TIME_LIMIT -> function + " was stopped: it ran longer than this database allows";
            case MEMORY_LIMIT -> function + " was stopped: it used more memory than this database allows";
        };
    }
}
