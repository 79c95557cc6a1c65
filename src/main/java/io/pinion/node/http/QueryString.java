package io.pinion.node.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The query of a request. Unknown keys are ignored; a value of the wrong form refuses the request with 400. */
public final class QueryString {
    private static final long U32_MAX = 0xffff_ffffL;

    private final Map<String, String> values;

    private QueryString(Map<String, String> values) {
        this.values = values;
    }

    /** @param raw as it stands in the request, without the question mark */
    public static QueryString parse(String raw) {
        Map<String, String> values = new HashMap<>();
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            values.put(decode(key), equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        return new QueryString(values);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public boolean flag(String key, boolean ifAbsent) {
        return text(key)
                .map(value -> switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw malformed(key + ": provided string was not `true` or `false`");
                })
                .orElse(ifAbsent);
    }

    public Optional<Long> u32(String key) {
        return text(key).map(value -> unsigned(key, value, U32_MAX));
    }

    /** A whole number from 0 on. */
    public Optional<Long> count(String key) {
        return text(key).map(value -> unsigned(key, value, Long.MAX_VALUE));
    }

    /** A whole number within bounds. */
    public Optional<Integer> number(String key, int min, int max) {
        return text(key).map(value -> {
            long number = unsigned(key, value, Long.MAX_VALUE);
            if (number < min || number > max) {
                throw malformed(key + ": " + value + " is not between " + min + " and " + max);
            }
            return (int) number;
        });
    }

    /** The keys that are there, without the empty one of an empty query. */
    public Set<String> keys() {
        return values.keySet().stream().filter(key -> !key.isEmpty()).collect(Collectors.toUnmodifiableSet());
    }

    public Optional<Long> u8(String key) {
        return text(key).map(value -> unsigned(key, value, 0xff));
    }

    /** One of a few words, case sensitive. */
    public Optional<String> word(String key, List<String> words) {
        Optional<String> value = text(key);
        value.filter(given -> !words.contains(given)).ifPresent(given -> {
            throw malformed(key + ": unknown variant `" + given + "`, expected one of " + words);
        });
        return value;
    }

    private static long unsigned(String key, String value, long max) {
        try {
            long number = Long.parseLong(value);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            throw malformed(key + ": `" + value + "` is not a whole number");
        }
        throw malformed(key + ": " + value + " is not between 0 and " + max);
    }

    public static HttpRefusal malformed(String reason) {
        return HttpRefusal.of(400, "Failed to deserialize query string: " + reason);
    }
}
