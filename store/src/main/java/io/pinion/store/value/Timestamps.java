package io.pinion.store.value;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Timestamps are microseconds since 1970-01-01T00:00:00Z, signed. */
public final class Timestamps {
    private static final Pattern RFC_3339 =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2})[Tt ](\\d{2}:\\d{2}:\\d{2})(?:\\.(\\d+))?([Zz]|[+-]\\d{2}:\\d{2})");
    private static final int MICROS_DIGITS = 6;
    private static final DateTimeFormatter TO_MICROS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    private Timestamps() {}

    /**
     * Reads RFC 3339 text: {@code T} or a blank between date and time, the zone required, digits beyond microseconds cut
     * off.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static long parseMicros(String text) {
        Matcher matcher = RFC_3339.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not an RFC 3339 time with a zone: " + text);
        }
        String zone = matcher.group(4);
        try {
            OffsetDateTime time =
                    OffsetDateTime.parse(matcher.group(1) + 'T' + matcher.group(2) + (zone.equals("z") ? "Z" : zone));
            return Math.addExact(Math.multiplyExact(time.toEpochSecond(), 1_000_000L), micros(matcher.group(3)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("not a time: " + text, e);
        }
    }

    private static int micros(@Nullable String fraction) {
        if (fraction == null) {
            return 0;
        }
        return Integer.parseInt((fraction + "000000").substring(0, MICROS_DIGITS));
    }

    /** RFC 3339 in UTC with microseconds: {@code 2023-11-14T22:13:20.123456Z}. */
    public static String toText(long micros) {
        return TO_MICROS.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
    }
}
