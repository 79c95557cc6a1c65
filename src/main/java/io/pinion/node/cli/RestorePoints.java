package io.pinion.node.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;

/** What follows {@code --at}: an offset or a time. */
final class RestorePoints {
    private RestorePoints() {}

    /** The key of a query that it belongs to. */
    static String key(String at) {
        return isOffset(at) ? "at_offset" : "at_time";
    }

    /** As the server reads it; empty for the newest state. */
    static String value(String at) {
        return at.isEmpty() || isOffset(at) ? at : time(at).toString();
    }

    private static boolean isOffset(String at) {
        return at.matches("[0-9]{1,18}");
    }

    private static Instant time(String at) {
        try {
            return OffsetDateTime.parse(at).toInstant();
        } catch (DateTimeParseException _) {
            return localTime(at);
        }
    }

    private static Instant localTime(String at) {
        try {
            return LocalDateTime.parse(at.replace(' ', 'T'))
                    .atZone(ZoneId.systemDefault())
                    .toInstant();
        } catch (DateTimeException e) {
            throw new CliException("--at: " + at + " is neither an offset nor a time such as 2026-11-28T14:00:00Z", e);
        }
    }
}
