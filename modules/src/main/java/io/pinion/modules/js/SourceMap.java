package io.pinion.modules.js;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the parts of a bundle come from: a source map of version 3, as ECMA-426 has it, given as a {@code data:} URL in the
 * last lines of the bundle. Maps that are split into sections are not read. Immutable.
 */
final class SourceMap {
    private static final Logger log = LoggerFactory.getLogger(SourceMap.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final String COMMENT = "//# sourceMappingURL=data:";
    private static final int SEGMENT_INTS = 4;
    private static final int NO_SOURCE = -1;

    private final List<String> sources;
    /** Of each line of the bundle its segments, by column: column, source, line and column there, all from 0. */
    private final int[][] lines;

    private SourceMap(List<String> sources, int[][] lines) {
        this.sources = List.copyOf(sources);
        this.lines = lines;
    }

    /** Empty if the bundle carries none, or one that cannot be read. */
    static Optional<SourceMap> of(String bundle) {
        int at = bundle.lastIndexOf(COMMENT);
        if (at < 0) {
            return Optional.empty();
        }
        int end = bundle.indexOf('\n', at);
        String url = bundle.substring(at + COMMENT.length(), end < 0 ? bundle.length() : end)
                .strip();
        try {
            return Optional.of(parse(content(url)));
        } catch (IOException | IllegalArgumentException e) {
            log.debug("a module carries a source map that cannot be read", e);
            return Optional.empty();
        }
    }

    private static byte[] content(String url) {
        int comma = url.indexOf(',');
        if (comma < 0) {
            throw new IllegalArgumentException("the data: URL has no content");
        }
        String content = url.substring(comma + 1);
        return url.substring(0, comma).toLowerCase(Locale.ROOT).endsWith(";base64")
                ? Base64.getDecoder().decode(content)
                : URLDecoder.decode(content.replace("+", "%2B"), StandardCharsets.UTF_8)
                        .getBytes(StandardCharsets.UTF_8);
    }

    private static SourceMap parse(byte[] json) throws IOException {
        List<String> sources = new ArrayList<>();
        String root = "";
        String mappings = "";
        try (JsonParser parser = JSON.createParser(json)) {
            require(parser.nextToken() == JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("sources") && value == JsonToken.START_ARRAY) {
                    readStrings(parser, sources);
                } else if (name.equals("sourceRoot") && value == JsonToken.VALUE_STRING) {
                    root = parser.getText();
                } else if (name.equals("mappings") && value == JsonToken.VALUE_STRING) {
                    mappings = parser.getText();
                } else {
                    parser.skipChildren();
                }
            }
        }
        String prefix = root.isEmpty() || root.endsWith("/") ? root : root + "/";
        sources.replaceAll(source -> shortened(prefix + source));
        return new SourceMap(sources, new Decoder(mappings, sources.size()).lines());
    }

    private static void readStrings(JsonParser parser, List<String> strings) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(parser.currentToken() != null);
            parser.skipChildren();
            strings.add(parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "unknown");
        }
    }

    private static void require(boolean isMet) {
        if (!isMet) {
            throw new IllegalArgumentException("the source map is malformed");
        }
    }

    /** Without the way up from the folder of the bundle. */
    private static String shortened(String source) {
        return source.replaceFirst("^(\\.{1,2}/)+", "");
    }

    /** Of a position in the bundle, both numbers from 1, or null where no source is known. */
    ScriptNames.@Nullable Place original(int line, int column) {
        if (line < 1 || line > lines.length) {
            return null;
        }
        int[] segments = lines[line - 1];
        int at = lastBefore(segments, column - 1);
        if (at < 0 || segments[at + 1] == NO_SOURCE) {
            return null;
        }
        return new ScriptNames.Place(sources.get(segments[at + 1]), segments[at + 2] + 1, segments[at + 3] + 1);
    }

    /** Start of the last segment that begins at this column or before; below zero if there is none. */
    private static int lastBefore(int[] segments, int column) {
        int low = 0;
        int high = segments.length / SEGMENT_INTS;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments[middle * SEGMENT_INTS] <= column) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return (low - 1) * SEGMENT_INTS;
    }

    /**
     * Decodes mappings: lines are separated by semicolons, segments by commas. A segment has 1, 4 or 5 numbers, each the
     * difference to its last value; the column begins anew on each line. A number is base 64 digits of 5 bits, the lowest
     * first, each but the last with bit 5 set; the lowest bit of all is the sign.
     */
    private static final class Decoder {
        private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        private static final int MORE = 32;

        private final String mappings;
        private final int sourceCount;
        private final int[] last = new int[SEGMENT_INTS];
        private int position;
        private int[] segments = new int[64];
        private int length;

        Decoder(String mappings, int sourceCount) {
            this.mappings = mappings;
            this.sourceCount = sourceCount;
        }

        int[][] lines() {
            List<int[]> lines = new ArrayList<>();
            while (position < mappings.length()) {
                lines.add(line());
            }
            return lines.toArray(new int[0][]);
        }

        private int[] line() {
            length = 0;
            last[0] = 0;
            while (position < mappings.length() && mappings.charAt(position) != ';') {
                if (mappings.charAt(position) == ',') {
                    position++;
                } else {
                    segment();
                }
            }
            position++;
            return Arrays.copyOf(segments, length);
        }

        private void segment() {
            last[0] += number();
            boolean hasSource = !isAtEnd();
            for (int i = 1; hasSource && i < SEGMENT_INTS; i++) {
                last[i] += number();
            }
            while (!isAtEnd()) {
                number();
            }
            require(!hasSource || (last[1] >= 0 && last[1] < sourceCount));
            if (length + SEGMENT_INTS > segments.length) {
                segments = Arrays.copyOf(segments, segments.length << 1);
            }
            segments[length] = last[0];
            segments[length + 1] = hasSource ? last[1] : NO_SOURCE;
            segments[length + 2] = last[2];
            segments[length + 3] = last[3];
            length += SEGMENT_INTS;
        }

        private boolean isAtEnd() {
            return position == mappings.length()
                    || mappings.charAt(position) == ','
                    || mappings.charAt(position) == ';';
        }

        private int number() {
            int value = 0;
            for (int shift = 0; ; shift += 5) {
                require(!isAtEnd() && shift < 32);
                int digit = DIGITS.indexOf(mappings.charAt(position++));
                require(digit >= 0);
                value |= (digit & (MORE - 1)) << shift;
                if ((digit & MORE) == 0) {
                    return (value & 1) == 0 ? value >>> 1 : -(value >>> 1);
                }
            }
        }
    }
}
