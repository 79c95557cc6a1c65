package io.pinion.modules;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The bundles of an example on the npm SDK: made with npm under {@code target}, once for each state of its inputs, never
 * committed.
 */
public final class NpmExample {
    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final List<String> SETTINGS = List.of("package.json", "package-lock.json", ".npmrc");
    private static final long BUILD_SECONDS_MAX = 180;

    private final String name;
    private final List<String> inputs;

    /** @param sources what its build reads beside the settings of npm, as paths in the example */
    public NpmExample(String name, String... sources) {
        this.name = name;
        this.inputs = Stream.concat(SETTINGS.stream(), Stream.of(sources)).toList();
    }

    /** One of the bundles under {@code dist}. */
    public Bytes bundle(String file) {
        synchronized (NpmExample.class) {
            try {
                Path folder = Path.of("target", name, hash());
                Path bundle = folder.resolve("dist").resolve(file);
                if (!Files.exists(bundle)) {
                    build(folder);
                }
                return Bytes.wrap(Files.readAllBytes(bundle));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private String hash() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String input : inputs) {
                digest.update(input.getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(EXAMPLES.resolve(name).resolve(input)));
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void build(Path folder) throws IOException {
        for (String input : inputs) {
            Path copy = folder.resolve(input);
            Files.createDirectories(copy.getParent());
            Files.copy(EXAMPLES.resolve(name).resolve(input), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        run(folder, "npm", "ci", "--ignore-scripts");
        run(folder, "npm", "run", "build");
    }

    private static void run(Path folder, String... command) throws IOException {
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(BUILD_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " did not end in " + BUILD_SECONDS_MAX + " seconds");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + String.join(" ", command) + " ran", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + Files.readString(output));
        }
    }
}
