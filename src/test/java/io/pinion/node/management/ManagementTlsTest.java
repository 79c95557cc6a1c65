package io.pinion.node.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.management.ManagedNode.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The management with TLS: who comes with a certificate is an operator, others need a token, or do not get in. */
@Timeout(240)
class ManagementTlsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private Map<String, Object> settings(TestKeys server, TestKeys operators, String clientCertificate) {
        Map<String, Object> settings = new HashMap<>();
        String section = "pinion.management.tls.";
        settings.put(section + "enabled", true);
        settings.put(section + "key-store", server.keyStore().toString());
        settings.put(section + "key-store-password", TestKeys.PASSWORD);
        settings.put(section + "trust-store", operators.trustStore().toString());
        settings.put(section + "trust-store-password", TestKeys.PASSWORD);
        settings.put(section + "client-certificate", clientCertificate);
        return settings;
    }

    private static HttpClient client(TestKeys own, TestKeys server, boolean isKnown) {
        return HttpClient.newBuilder().sslContext(own.client(server, isKnown)).build();
    }

    @Test
    void acceptedCertificatesMakeOperatorsAndAreNamedInTheAuditLog() throws Exception {
        TestKeys server = TestKeys.make(directory, "server");
        TestKeys alice = TestKeys.make(directory, "alice");
        Map<String, Object> settings = settings(server, alice, "accepted");
        try (ManagedNode node = ManagedNode.start(directory.resolve("data"), settings, client(alice, server, true))) {
            assertEquals("https", node.node().managementUrl().getScheme());
            node.publish("bank");

            assertEquals(
                    200,
                    node.send("POST", "/pinion/databases/bank/weight?weight=7", "")
                            .status());
            String line = node.send("GET", "/pinion/audit?limit=1", "").body();
            assertTrue(line.contains("\"caller\":\"CN=alice\""), line);
        }
        try (ManagedNode node = ManagedNode.start(directory.resolve("data"), settings, client(alice, server, false))) {
            Answer refused = node.send("POST", "/pinion/databases/bank/weight?weight=7", "");
            assertEquals(401, refused.status(), refused.body());
            assertEquals(200, node.send("GET", "/alive", "").status());
            assertEquals(200, node.post("/pinion/databases/bank/resume").status());
        }
        TestKeys mallory = TestKeys.make(directory, "mallory");
        try (ManagedNode node = ManagedNode.start(directory.resolve("data"), settings, client(mallory, server, true))) {
            // Where nobody would take it, a client keeps its certificate to itself, or the server ends the connection.
            assertTrue(isKeptOut(node));
        }
    }

    private static boolean isKeptOut(ManagedNode node) {
        try {
            return node.send("POST", "/pinion/databases/bank/weight?weight=7", "")
                            .status()
                    == 401;
        } catch (IllegalStateException e) {
            return e.getCause() instanceof IOException;
        }
    }

    @Test
    void whereCertificatesAreRequiredNobodyElseGetsIn() {
        TestKeys server = TestKeys.make(directory, "server");
        TestKeys alice = TestKeys.make(directory, "alice");
        try (ManagedNode node = ManagedNode.start(
                directory.resolve("data"), settings(server, alice, "required"), client(alice, server, false))) {
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> node.send("GET", "/alive", ""));

            assertInstanceOf(IOException.class, refused.getCause());
        }
    }

    @Test
    void whatIsMissingForTlsStopsTheStartByName() {
        assertRefused(Map.of("pinion.management.tls.enabled", true), "pinion.management.tls.key-store");
        assertRefused(
                Map.of("pinion.management.tls.client-certificate", "maybe"),
                "pinion.management.tls.client-certificate");
        assertRefused(
                Map.of(
                        "pinion.management.tls.enabled",
                        true,
                        "pinion.management.tls.key-store",
                        directory.resolve("none.p12").toString()),
                "none.p12 cannot be used");
        assertRefused(Map.of("pekko.actor.allow-java-serialization", true), "pekko.actor.allow-java-serialization");
        assertRefused(Map.of("pinion.management.port", "high"), "pinion.management.port");
    }

    private void assertRefused(Map<String, ?> settings, String part) {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> ManagedNode.start(directory.resolve("data"), settings).close());
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains(part), message);
    }
}
