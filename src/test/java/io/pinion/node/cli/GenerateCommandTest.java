package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.Bank;
import io.pinion.node.NpmClients;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code pinion generate} and what other generators read, against a whole node and with the official client. */
@Timeout(300)
class GenerateCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path home;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static TestTerminal terminal;

    @BeforeAll
    static void publish() throws Exception {
        node = TestNode.start(home.resolve("data"));
        terminal = new TestTerminal(home).with("PINION_SERVER", node.url().toString());
        try (InputStream in = GenerateCommandTest.class.getResourceAsStream("/io/pinion/node/ws/values.js")) {
            Files.copy(Objects.requireNonNull(in), home.resolve("values.js"));
        }
        done("publish", "values", "values.js");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void theOfficialClientWorksWithWhatIsWrittenForEachKindOfModule() throws Exception {
        Path values = generate("values");
        Files.copy(
                Path.of("test/npm/bindings-values.ts"),
                values.resolve("client.ts"),
                StandardCopyOption.REPLACE_EXISTING);
        NpmClients.compile("bindings/values");

        for (String protocol : List.of("any", "v2.bsatn.spacetimedb")) {
            String database = protocol.startsWith("any") ? "values" : "values-again";
            done("publish", database, "values.js");

            String printed = NpmClients.node(
                    "bindings/values/out/client.js", "http://" + node.url().getAuthority(), database, protocol);

            String spoken = protocol.startsWith("any") ? "v3.bsatn.spacetimedb" : protocol;
            assertTrue(printed.contains("DONE 2 2 " + spoken), printed);
        }
    }

    @Test
    void theSampleModulesHaveBindingsThatCompile() throws Exception {
        Path all = Files.createDirectories(NpmClients.folder().resolve("bindings/samples"));
        Map<String, Path> samples = Map.of(
                "bank",
                Bank.PROGRAM,
                "bank-wasm",
                Bank.WASM_PROGRAM,
                "contract",
                Path.of("../examples/contract-js/contract.js"),
                "contract-wasm",
                Path.of("../examples/contract-c/contract.wasm"));
        for (Map.Entry<String, Path> sample : samples.entrySet()) {
            done("publish", sample.getKey(), sample.getValue().toAbsolutePath().toString());
            Files.move(
                    generate(sample.getKey()).resolve("index.ts"),
                    all.resolve(sample.getKey() + ".ts"),
                    StandardCopyOption.REPLACE_EXISTING);
        }

        NpmClients.compile("bindings/samples");
    }

    @Test
    void theSameModuleAlwaysGivesTheSameText() throws IOException {
        done("generate", "--lang", "typescript", "--out", "one/deep", "values");
        done("generate", "--lang", "typescript", "--out", "two", "values");

        assertEquals(-1, Files.mismatch(home.resolve("one/deep/index.ts"), home.resolve("two/index.ts")));
    }

    @Test
    void whatCannotBeWrittenIsSaidAndLeavesNothing() throws IOException {
        TestTerminal.Result unknown = terminal.run("generate", "--lang", "typescript", "--out", "nothing", "nobody");
        TestTerminal.Result language = terminal.run("generate", "--lang", "cobol", "--out", "nothing", "values");
        Files.writeString(home.resolve("file"), "in the way");
        TestTerminal.Result place = terminal.run("generate", "--lang", "typescript", "--out", "file/below", "values");

        assertEquals("1 pinion: `nobody` not found\n", unknown.exitCode() + " " + unknown.err());
        assertEquals(1, language.exitCode());
        assertTrue(language.err().startsWith("pinion: --lang: there is no code for cobol"), language.err());
        assertEquals(1, place.exitCode());
        assertTrue(place.err().startsWith("pinion: cannot write to " + home.resolve("file/below")), place.err());
        assertFalse(Files.exists(home.resolve("nothing")));
    }

    @Test
    void whatIsThereIsReplacedWholeOrNotAtAll() throws IOException {
        Path folder = Files.createDirectories(home.resolve("kept"));
        Files.writeString(folder.resolve("mine.ts"), "mine");
        Files.writeString(folder.resolve("index.ts"), "old");
        done("generate", "--lang", "typescript", "--out", "kept", "values");
        String written = Files.readString(folder.resolve("index.ts"));
        Files.delete(folder.resolve("index.ts"));
        Files.createDirectories(folder.resolve("index.ts/in-the-way"));

        TestTerminal.Result refused = terminal.run("generate", "--lang", "typescript", "--out", "kept", "values");

        assertTrue(written.contains("class DbConnection"), written);
        assertEquals(1, refused.exitCode());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of("index.ts", "mine.ts"),
                    left.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void theDefinitionForOtherGeneratorsTellsItsVersion() throws Exception {
        JsonNode definition = new ObjectMapper()
                .readTree(done("describe", "--module-def", "values").out());

        assertEquals(1, definition.size());
        assertTrue(definition.path("V10").path("sections").isArray(), definition.toString());
        String schema = Bank.at(node.url(), "values", "")
                .send("GET", "/v1/database/values/schema?version=10", "")
                .body();
        assertEquals(new ObjectMapper().readTree(schema), definition.path("V10"));
    }

    private static Path generate(String database) {
        Path folder = NpmClients.folder().resolve("bindings").resolve(database).toAbsolutePath();
        done("generate", "--lang", "typescript", "--out", folder.toString(), database);
        return folder;
    }

    private static TestTerminal.Result done(String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(0, result.exitCode(), result.err());
        return result;
    }
}
