package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.NpmClients;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A React page on the hooks of the official package and the bindings that are generated, in real browsers. */
@Timeout(300)
class ReactPageTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the test
    private Path home;

    @Test
    void twoBrowsersShowTheSameLiveRows() throws Exception {
        Path page = Files.createDirectories(NpmClients.folder().resolve("bindings/page"));
        Files.copy(Path.of("test/npm/react-page.tsx"), page.resolve("page.tsx"), StandardCopyOption.REPLACE_EXISTING);
        try (InputStream in = ReactPageTest.class.getResourceAsStream("/io/pinion/node/ws/values.js")) {
            Files.copy(Objects.requireNonNull(in), home.resolve("values.js"));
        }
        try (PinionNode node = TestNode.start(home.resolve("data"))) {
            TestTerminal terminal =
                    new TestTerminal(home).with("PINION_SERVER", node.url().toString());
            done(terminal, "publish", "people", "values.js");
            done(
                    terminal,
                    "generate",
                    "-l",
                    "typescript",
                    "-o",
                    page.toAbsolutePath().toString(),
                    "people");
            NpmClients.compile("bindings/page");

            String printed = NpmClients.node(
                    "react-browsers.mjs",
                    "bindings/page",
                    "http://" + node.url().getAuthority(),
                    "people",
                    chromium());

            assertTrue(printed.contains("DONE two browsers"), printed);
        }
    }

    private static void done(TestTerminal terminal, String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(0, result.exitCode(), result.err());
    }

    private static String chromium() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(program -> Path.of(folder, program)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "no Chromium on the search path; ./pinion test installs it, or: apt-get install chromium"))
                .toString();
    }
}
