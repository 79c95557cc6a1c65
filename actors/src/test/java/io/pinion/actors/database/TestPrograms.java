package io.pinion.actors.database;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Programs for the real engines. */
final class TestPrograms {
    private TestPrograms() {}

    /** Reducers that do not end, or end badly. */
    static Bytes runaways(String engine) {
        String name = "/runaways." + (engine.equals("js") ? "js" : "wasm");
        try (InputStream program = TestPrograms.class.getResourceAsStream(name)) {
            if (program == null) {
                throw new AssertionError(name + " is not among the test resources");
            }
            return Bytes.wrap(program.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
