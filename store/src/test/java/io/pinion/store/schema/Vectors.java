package io.pinion.store.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** The recorded modules and names among the test resources. */
final class Vectors {
    static final List<String> MODULES = List.of("inventory", "timers", "lenses", "weblet", "nested");

    private static final ObjectMapper JSON = new ObjectMapper();

    private Vectors() {}

    static Bytes module(String name) {
        try (InputStream in = open("moduledef/" + name + ".bin")) {
            return Bytes.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(String path) {
        try (InputStream in = open(path)) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String path) {
        return Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + path), path);
    }
}
