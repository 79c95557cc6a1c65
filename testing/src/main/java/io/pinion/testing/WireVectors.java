package io.pinion.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Recorded bytes of messages, as some version of a wire format has them: a file with one message on a line, {@code manifest,
 * number among the messages of that manifest from 1, bytes in hex}, a dash for none. What is recorded is never changed: nodes
 * of that version write it and read it.
 */
public final class WireVectors {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] MORE = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

    private final Path file;
    private final Map<String, byte[]> vectors;

    /** A format under test: the manifest of a message, its bytes, and the message that bytes and manifest are read as. */
    public record Format(Function<Object, String> manifest, Function<Object, byte[]> writer, Reader reader) {}

    /** Throws whatever it likes where bytes are not read. */
    @FunctionalInterface
    public interface Reader {
        Object read(byte[] bytes, String manifest) throws Exception;
    }

    private WireVectors(Path file, Map<String, byte[]> vectors) {
        this.file = file;
        this.vectors = vectors;
    }

    /** @param file a missing one holds nothing */
    public static WireVectors read(Path file) throws IOException {
        Map<String, byte[]> vectors = new LinkedHashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split(" ", 3);
                if (!line.startsWith("#")) {
                    vectors.put(parts[0] + " " + parts[1], parts[2].equals("-") ? new byte[0] : HEX.parseHex(parts[2]));
                }
            }
        }
        return new WireVectors(file, vectors);
    }

    /**
     * Fails unless the format reads every vector as the message of the same number, with more bytes behind it, too, and
     * writes that message as the vector has it; unless each message has a vector, and each vector a message.
     */
    public void check(Format format, List<?> messages) {
        List<String> problems = new ArrayList<>();
        TreeSet<String> left = new TreeSet<>(vectors.keySet());
        Map<String, Integer> counts = new HashMap<>();
        for (Object message : messages) {
            String manifest = format.manifest().apply(message);
            String key = manifest + " " + counts.merge(manifest, 1, Integer::sum);
            byte[] vector = vectors.get(key);
            byte[] written = format.writer().apply(message);
            left.remove(key);
            if (vector == null) {
                problems.add("not recorded:\n" + key + " " + text(written));
            } else {
                check(format, key, message, vector, written, problems);
            }
        }
        left.forEach(key -> problems.add("no message any more for " + key));
        if (!problems.isEmpty()) {
            throw new AssertionError(file + ":\n" + String.join("\n", problems));
        }
    }

    private static void check(
            Format format, String key, Object message, byte[] vector, byte[] written, List<String> problems) {
        if (!Arrays.equals(vector, written)) {
            problems.add(key + " is written as " + text(written));
        }
        for (byte[] bytes : List.of(vector, longer(vector))) {
            try {
                Object found = format.reader().read(bytes, key.substring(0, key.indexOf(' ')));
                if (!message.equals(found)) {
                    problems.add(key + " of " + bytes.length + " bytes is read as " + found + ", not " + message);
                }
            } catch (Exception e) {
                problems.add(key + " of " + bytes.length + " bytes is not read: " + e);
            }
        }
    }

    /** As a later version may write it, with fields that this one does not know. */
    private static byte[] longer(byte[] vector) {
        byte[] longer = Arrays.copyOf(vector, vector.length + MORE.length);
        System.arraycopy(MORE, 0, longer, vector.length, MORE.length);
        return longer;
    }

    private static String text(byte[] bytes) {
        return bytes.length == 0 ? "-" : HEX.formatHex(bytes);
    }
}
