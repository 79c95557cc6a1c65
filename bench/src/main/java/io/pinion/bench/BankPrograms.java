package io.pinion.bench;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bank in its three languages, from the examples of a checkout. */
enum BankPrograms {
    JS("bank-js/bank.js", 40),
    TS("bank-ts/dist/bank.js", 40),
    WASM("bank-c/bank.wasm", 10);

    private final String path;
    private final int warmupSeconds;

    BankPrograms(String path, int warmupSeconds) {
        this.path = path;
        this.warmupSeconds = warmupSeconds;
    }

    /** @throws IllegalArgumentException if there is no such engine */
    static BankPrograms ofEngine(String name) {
        return switch (name) {
            case "js" -> JS;
            case "ts" -> TS;
            case "wasm" -> WASM;
            default -> throw new IllegalArgumentException("there is no engine " + name + ": js, ts or wasm");
        };
    }

    /** How long calls get faster on two shared cores: JavaScript is compiled to machine code for a million calls. */
    int warmupSeconds() {
        return warmupSeconds;
    }

    /**
     * Reads the program; the TypeScript one is bundled first if that has not been done.
     *
     * @throws IOException if it is not there and cannot be built
     */
    Bytes read(Path examples) throws IOException, InterruptedException {
        Path program = examples.resolve(path);
        if (this == TS && Files.notExists(program)) {
            bundle(examples.resolve("bank-ts"));
        }
        return Bytes.wrap(Files.readAllBytes(program));
    }

    private static void bundle(Path directory) throws IOException, InterruptedException {
        run(directory, "npm", "ci", "--no-audit", "--no-fund");
        run(directory, "npm", "run", "build");
    }

    private static void run(Path directory, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with code " + code + " in " + directory);
        }
    }
}
