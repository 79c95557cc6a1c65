package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SysVersionTest {
    private static final Pattern EXPORT = Pattern.compile("export const (\\w+)");

    @Test
    void everyFunctionIsInTheDocumentBesideItsTest() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("..", "docs", "module-abi.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        Set<String> names = Stream.of(SysVersion.values())
                .flatMap(version -> EXPORT.matcher(version.moduleText()).results())
                .map(result -> result.group(1))
                .collect(Collectors.toSet());

        assertFalse(names.isEmpty());
        assertEquals(
                List.of(),
                names.stream()
                        .filter(name -> rows.stream().noneMatch(row -> row.contains("`" + name + "`")))
                        .toList());
    }

    @Test
    void everyTestThatTheDocumentNamesIsThere() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "module-abi.md"));
        Matcher named =
                Pattern.compile("`(\\w+(?:Contract|Test))(?:\\.(\\w+))?`").matcher(document);
        int count = 0;
        while (named.find()) {
            count++;
            String text = source(named.group(1));
            String method = named.group(2);
            assertFalse(
                    method != null && !text.contains("void " + method + "("),
                    () -> "there is no test " + named.group());
        }
        assertFalse(count < 20, "the table of tests is gone");
    }

    private static String source(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            Path file = files.filter(path -> path.endsWith(name + ".java"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("there is no test class " + name));
            return Files.readString(file);
        }
    }
}
