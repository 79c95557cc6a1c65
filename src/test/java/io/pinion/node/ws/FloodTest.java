package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import io.pinion.node.NodeConfig;
import io.pinion.node.PinionNode;
import io.pinion.node.ws.RawClient.Message;
import io.pinion.store.value.BsatnWriter;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One client says as much as it can, and others do not notice. */
@Timeout(180)
class FloodTest {
    private static final int REDUCER_RESULT = 6;
    private static final int FLOOD = 16_000;
    private static final int CALLS = 10;

    @TempDir
    private Path directory;

    @Test
    void anotherClientHasItsAnswersWhileTheFloodGoesOn() throws Exception {
        try (PinionNode node = PinionNode.start(NodeConfig.load(
                Map.of(
                        "pinion.data-directory", directory.resolve("data").toString(),
                        "pinion.http.port", 0,
                        "pinion.websocket.requests-in-flight-max", 16),
                Optional.empty()))) {
            Bank bank = Bank.at(node.url(), "bank", "");
            assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode());
            try (RawClient flooder = connect(node);
                    RawClient other = connect(node)) {
                flooder.next();
                other.next();

                flooder.send(flood());
                for (int call = 0; call < CALLS; call++) {
                    other.call(call, "empty", new BsatnWriter());
                    assertResult(other.message(), call);
                }
                int answeredByThen = answers(flooder);

                assertTrue(answeredByThen < FLOOD, "the flood was over first");
                while (answeredByThen < FLOOD) {
                    answeredByThen += results(flooder.next());
                }
                assertEquals(FLOOD, answeredByThen);
            }
        }
    }

    private static RawClient connect(PinionNode node) {
        return RawClient.connect(
                node.url(), "/v1/database/bank/subscribe?compression=None&confirmed=false", "", RawClient.V3);
    }

    private static byte[] flood() {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int call = 0; call < FLOOD; call++) {
            payload.writeBytes(RawClient.callMessage(call, "empty", new BsatnWriter()));
        }
        return payload.toByteArray();
    }

    private static void assertResult(Message message, int requestId) {
        assertEquals(REDUCER_RESULT, message.tag);
        assertEquals(requestId, message.in().readInt());
    }

    private static int answers(RawClient client) throws Exception {
        int count = 0;
        while (client.hasMore()) {
            count += results(client.next());
        }
        return count;
    }

    /** All messages of an empty result have the same length. */
    private static int results(byte[] payload) {
        int bytes = 1 + Integer.BYTES + Long.BYTES + 1 + Integer.BYTES + Integer.BYTES;
        assertEquals(0, (payload.length - 1) % bytes);
        return (payload.length - 1) / bytes;
    }
}
