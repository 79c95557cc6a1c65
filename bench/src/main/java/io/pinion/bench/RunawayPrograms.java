package io.pinion.bench;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The module whose calls never end, in two languages, and the reducers that do not. */
enum RunawayPrograms {
    JS("runaway.js", List.of("loop", "catch_all", "regex", "microtasks", "host_calls", "writes", "recursion")),
    WASM("runaway.wasm", List.of("loop", "host_calls", "writes", "grow", "recursion"));

    private final String resource;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> kinds;

    RunawayPrograms(String resource, List<String> kinds) {
        this.resource = resource;
        this.kinds = kinds;
    }

    /** @throws IllegalArgumentException if there is no such engine */
    static RunawayPrograms ofEngine(String name) {
        return switch (name) {
            case "js" -> JS;
            case "wasm" -> WASM;
            default -> throw new IllegalArgumentException("there is no engine " + name + ": js or wasm");
        };
    }

    /** Reducers that have to be stopped; that of recursion may end by itself, in a failure. */
    List<String> kinds() {
        return kinds;
    }

    Bytes read() throws IOException {
        try (InputStream program = RunawayPrograms.class.getResourceAsStream(resource)) {
            if (program == null) {
                throw new IOException("the benchmark's own module " + resource + " is not on the class path");
            }
            return Bytes.wrap(program.readAllBytes());
        }
    }
}
