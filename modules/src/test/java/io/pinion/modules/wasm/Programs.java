package io.pinion.modules.wasm;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The WebAssembly programs that tests run. */
final class Programs {
    private Programs() {}

    /** The example as it is committed; Maven runs tests in the folder of their Maven module. */
    static Bytes bank() {
        try {
            return Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Bytes mischief() {
        return resource("mischief.wasm");
    }

    static Bytes runaways() {
        return resource("runaways.wasm");
    }

    private static Bytes resource(String name) {
        try (InputStream program = Programs.class.getResourceAsStream("/" + name)) {
            if (program == null) {
                throw new AssertionError(name + " is not among the test resources");
            }
            return Bytes.wrap(program.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
