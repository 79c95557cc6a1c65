package io.pinion.modules.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostAbiTest {
    /** Once under its version, once beside the test that covers it. */
    @Test
    void everyImportIsInTheDocumentWithItsVersionAndItsTest() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("..", "docs", "module-abi.md")).stream()
                .filter(line -> line.startsWith("| "))
                .toList();

        List<String> missing = HostAbi.IMPORTS.values().stream()
                .filter(entry -> {
                    String version = "| " + entry.module().substring("spacetime_".length()) + " |";
                    String name = "`" + entry.name() + "`";
                    return rows.stream().noneMatch(row -> row.startsWith(version) && row.contains(name))
                            || rows.stream().noneMatch(row -> row.startsWith("| `") && row.contains(name));
                })
                .map(HostAbi.HostImport::name)
                .toList();

        assertEquals(List.of(), missing);
    }
}
