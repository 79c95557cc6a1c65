package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.store.value.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every message vector, byte for byte. */
class CodecVectorsTest {
    /** Shorter forms of others, which clients understand and this node does not send. */
    private static final List<String> NOT_SENT = List.of("v2-044", "v1-020", "v1-024");

    @TestFactory
    Stream<DynamicTest> clientMessagesOfV2AreRead() {
        return clients("v2_messages", Protocol.V2);
    }

    @TestFactory
    Stream<DynamicTest> clientMessagesOfV1AreRead() {
        return clients("v1_messages", Protocol.V1_BSATN);
    }

    private static Stream<DynamicTest> clients(String section, Protocol protocol) {
        return WsVectors.section(section)
                .filter(vector -> vector.path("direction").asText().startsWith("client"))
                .map(vector -> dynamicTest(
                        vector.path("id").asText(),
                        () -> assertEquals(
                                List.of(WsVectors.clientMessage(vector)),
                                protocol.decode(WsVectors.bytes(vector), false))));
    }

    @TestFactory
    Stream<DynamicTest> serverMessagesOfV2AreWritten() {
        return servers("v2_messages")
                .map(vector -> dynamicTest(
                        vector.path("id").asText(),
                        () -> assertHex(vector, Protocol.V2.encoder().encode(WsVectors.v2ServerMessage(vector)))));
    }

    @TestFactory
    Stream<DynamicTest> serverMessagesOfV1AreWritten() {
        return servers("v1_messages")
                .map(vector -> dynamicTest(
                        vector.path("id").asText(),
                        () -> assertHex(
                                vector, Protocol.V1_BSATN.encoder().encode(WsVectors.v1ServerMessage(vector)))));
    }

    private static Stream<JsonNode> servers(String section) {
        return WsVectors.section(section)
                .filter(vector -> vector.path("direction").asText().startsWith("server"))
                .filter(vector -> !NOT_SENT.contains(vector.path("id").asText()));
    }

    /** Energy is not metered here, so that 16 bytes of it are zero. */
    private static void assertHex(JsonNode vector, Bytes encoded) {
        String expected = vector.path("hex").asText();
        if (vector.path("value").path("TransactionUpdate").has("energy_quanta_used")) {
            int energy = expected.length() - 2 * (Long.BYTES + 16);
            expected = expected.substring(0, energy) + "0".repeat(32) + expected.substring(energy + 32);
        }
        assertEquals(expected, encoded.toHex());
    }

    @Test
    void aPayloadOfV3HoldsSeveralMessages() throws Exception {
        for (String id : List.of("frame-004", "frame-005")) {
            JsonNode frame = frame(id);
            List<ClientMessage> expected = frame.path("contains")
                    .valueStream()
                    .map(message -> WsVectors.section("v2_messages")
                            .filter(vector -> vector.path("id").equals(message))
                            .findFirst()
                            .orElseThrow())
                    .map(WsVectors::clientMessage)
                    .toList();

            assertEquals(expected, Protocol.V3.decode(WsVectors.bytes(frame), false));
        }
    }

    @Test
    void payloadsBeginWithTheTagOfTheirCompressionAndHoldTheirMessages() throws IOException {
        assertArrayEquals(WsVectors.bytes(frame("frame-001")), packed(Protocol.V2, Compression.NONE, "frame-001"));
        assertArrayEquals(WsVectors.bytes(frame("frame-006")), packed(Protocol.V3, Compression.NONE, "frame-006"));
        for (String id : List.of("frame-002", "frame-003", "frame-007")) {
            JsonNode frame = frame(id);
            assertArrayEquals(WsVectors.bytesOf(frame.path("contains")), unpacked(WsVectors.bytes(frame)), id);
        }
    }

    private static byte[] packed(Protocol protocol, Compression compression, String id) {
        Deque<Bytes> messages = new ArrayDeque<>();
        frame(id)
                .path("contains")
                .forEach(message -> messages.add(WsVectors.section("v2_messages")
                        .filter(vector -> vector.path("id").equals(message))
                        .map(vector -> Bytes.wrap(WsVectors.bytes(vector)))
                        .findFirst()
                        .orElseThrow()));
        byte[] payload = new PayloadPacker(protocol, compression).next(messages);
        assertTrue(messages.isEmpty());
        return payload;
    }

    @Test
    void whatIsLongIsCompressedAsTheClientAskedAndReadBack() throws IOException {
        byte[] body = "twelve bytes".repeat(1000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (Compression compression : Compression.values()) {
            byte[] payload = compression.pack(body, body.length);

            assertArrayEquals(body, unpacked(payload), compression.name());
            assertEquals(compression == Compression.NONE, payload.length > body.length, compression.name());
            assertEquals(0, compression.pack(body, Compression.BYTES_MIN)[0], "short ones stay as they are");
        }
    }

    private static JsonNode frame(String id) {
        return WsVectors.section("frames")
                .filter(frame -> frame.path("id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] unpacked(byte[] payload) throws IOException {
        Brotli4jLoader.ensureAvailability();
        InputStream body = new ByteArrayInputStream(payload, 1, payload.length - 1);
        return switch (payload[0]) {
            case 0 -> Arrays.copyOfRange(payload, 1, payload.length);
            case 1 -> new BrotliInputStream(body).readAllBytes();
            case 2 -> new GZIPInputStream(body).readAllBytes();
            default -> throw new AssertionError("no compression has the tag " + payload[0]);
        };
    }
}
