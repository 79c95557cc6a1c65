package io.pinion.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The official clients and what works with them: fetched with npm under {@code target}, once, never committed. */
public final class NpmClients {
    private static final Path SOURCE = Path.of("test", "npm");
    private static final String LOCK = "package-lock.json";
    private static final long SECONDS_MAX = 240;

    /** As strict as projects are. */
    private static final String COMPILER_OPTIONS = """
            {
              "compilerOptions": {
                "target": "ES2022", "module": "ESNext", "moduleResolution": "bundler", "lib": ["ESNext", "DOM"], "types": [],
                "strict": true, "noUnusedLocals": true, "noUnusedParameters": true, "noImplicitOverride": true,
                "noImplicitReturns": true, "noUncheckedIndexedAccess": true, "verbatimModuleSyntax": true,
                "isolatedModules": true, "skipLibCheck": true, "jsx": "react-jsx", "outDir": "out"
              },
              "include": ["*.ts", "*.tsx"]
            }
            """;

    private NpmClients() {}

    /** The folder in which scripts run. */
    public static synchronized Path folder() {
        Path folder = Path.of("target", "npm-clients");
        try {
            Files.createDirectories(folder);
            copySources(folder);
            Path installed = folder.resolve("node_modules").resolve(LOCK);
            if (!Files.exists(installed) || Files.mismatch(installed, folder.resolve(LOCK)) >= 0) {
                run(folder, List.of("npm", "ci", "--ignore-scripts"));
                Files.copy(folder.resolve(LOCK), installed);
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copySources(Path folder) throws IOException {
        List<Path> sources;
        try (Stream<Path> found = Files.walk(SOURCE)) {
            sources = found.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("node_modules"))
                    .toList();
        }
        for (Path source : sources) {
            Path copy = folder.resolve(SOURCE.relativize(source));
            Files.createDirectories(copy.getParent());
            Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** What a script prints; its failure is the exception's text. */
    public static String node(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(List.of(arguments));
        return run(folder(), command);
    }

    /** Compiles the TypeScript in a folder below the one of scripts, into {@code out} there; errors are the exception's text. */
    public static void compile(String subfolder) throws IOException {
        Files.writeString(folder().resolve(subfolder).resolve("tsconfig.json"), COMPILER_OPTIONS);
        node("node_modules/typescript/bin/tsc", "-p", subfolder);
    }

    private static String run(Path folder, List<String> command) throws IOException {
        Path output = Files.createTempFile("npm-client", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " did not end in " + SECONDS_MAX + " seconds:\n"
                        + Files.readString(output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + String.join(" ", command) + " ran", e);
        }
        String printed = Files.readString(output);
        Files.delete(output);
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + printed);
        }
        return printed;
    }
}
