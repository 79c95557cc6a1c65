package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import io.pinion.node.NodeConfig;
import io.pinion.node.NpmClients;
import io.pinion.node.PinionNode;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The official npm clients, unmodified, against a whole node: each change once and in order, errors, tokens. */
@Timeout(300)
class NpmClientTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @BeforeAll
    static void publish() throws Exception {
        node = PinionNode.start(NodeConfig.load(
                Map.of("pinion.data-directory", directory.resolve("data").toString(), "pinion.http.port", 0),
                Optional.empty()));
        publish("chat");
        publish("values");
    }

    private static void publish(String module) throws Exception {
        Path program = directory.resolve(module + ".js");
        try (InputStream in = NpmClientTest.class.getResourceAsStream(module + ".js")) {
            Files.write(program, Objects.requireNonNull(in).readAllBytes());
        }
        HttpResponse<String> answer = Bank.at(node.url(), module, "").publish(program);
        assertEquals(200, answer.statusCode(), answer.body());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @CsvSource({
        "v2, any, v3.bsatn.spacetimedb",
        "v2, v2.bsatn.spacetimedb, v2.bsatn.spacetimedb",
        "v1, any, v1.bsatn.spacetimedb"
    })
    void aClientSeesEachChangeOnceAndInOrder(String version, String offered, String spoken) throws Exception {
        String printed = NpmClients.node(
                "scenario.mjs", version, offered, "http://" + node.url().getAuthority(), "chat");

        assertTrue(printed.contains("{\"spoken\":[\"" + spoken + "\"],\"seen\":50}"), printed);
    }

    /** What the client of major version 2 does with the same module is tested with what is generated for it. */
    @Test
    void everyTypeComesBackAsItWasSentInVersionOne() throws Exception {
        String printed = NpmClients.node("values-v1.mjs", "http://" + node.url().getAuthority(), "values");

        assertTrue(printed.contains("DONE v1.bsatn.spacetimedb"), printed);
    }
}
