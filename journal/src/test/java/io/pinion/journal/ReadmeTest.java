package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What README.md says of settings and format is what the code has. */
class ReadmeTest {
    private static final Path README = Path.of("README.md");
    private static final Pattern SETTING = Pattern.compile("^\\| `([a-z-]+)` \\| `([^`]+)` \\|.*", Pattern.MULTILINE);

    @Test
    void everySettingStandsThereWithItsDefault() throws IOException {
        Config defaults = ConfigFactory.load().getConfig("pinion.journal.rocksdb");
        Map<String, String> written = new TreeMap<>();
        Matcher row = SETTING.matcher(Files.readString(README));
        while (row.find()) {
            written.put(row.group(1), row.group(2));
        }

        Map<String, String> expected = defaults.root().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        setting -> String.valueOf(setting.getValue().unwrapped()),
                        (first, _) -> first,
                        TreeMap::new));
        // HOCON's on and off are booleans.
        expected.replaceAll((_, value) -> value.equals("false") ? "off" : value);
        assertEquals(expected, written);
    }

    @Test
    void theFormatIsTheOneThatIsWritten() throws IOException {
        String line = "FORMAT   one line: pinion-journal " + FormatFile.VERSION + "\n";

        assertTrue(Files.readString(README).contains(line), line);
    }
}
