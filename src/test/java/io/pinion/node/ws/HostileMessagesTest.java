package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Client messages that are none, cut off or changed: each is read or refused by name, and nothing else happens. */
class HostileMessagesTest {
    private static final List<byte[]> WHOLE = WsVectors.section("v2_messages")
            .filter(vector -> vector.path("direction").asText().startsWith("client"))
            .map(WsVectors::bytes)
            .toList();

    @Property(tries = 2000)
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 200) byte[] bytes) {
        for (Protocol protocol : Protocol.values()) {
            readOrRefuse(protocol, bytes, false);
            readOrRefuse(protocol, bytes, true);
        }
    }

    @Property(tries = 2000)
    void changedMessagesAreReadOrRefused(@ForAll @From("changed") byte[] bytes) {
        readOrRefuse(Protocol.V2, bytes, false);
        readOrRefuse(Protocol.V3, bytes, false);
        readOrRefuse(Protocol.V1_BSATN, bytes, false);
    }

    @Provide
    Arbitrary<byte[]> changed() {
        return Combinators.combine(
                        Arbitraries.of(WHOLE),
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.bytes(),
                        Arbitraries.integers().between(0, 100))
                .as((whole, at, value, length) -> {
                    byte[] copy = Arrays.copyOf(whole, Math.min(whole.length, length));
                    if (copy.length > 0) {
                        copy[at % copy.length] = value;
                    }
                    return copy;
                });
    }

    @Property(tries = 50)
    void aMessageThatIsCutOffIsRefused(@ForAll @From("whole") byte[] whole) {
        for (int length = 0; length < whole.length; length++) {
            assertFalse(readOrRefuse(Protocol.V2, Arrays.copyOf(whole, length), false), "cut to " + length);
        }
        assertTrue(readOrRefuse(Protocol.V2, whole, false));
    }

    @Provide
    Arbitrary<byte[]> whole() {
        return Arbitraries.of(WHOLE);
    }

    /** Counts and lengths that promise more than is there must not reserve memory for it. */
    @Property(tries = 1)
    void largeCountsReserveNothing() {
        byte[] manyQueries = {0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1};
        byte[] longName = {3, 0, 0, 0, 0, 0, -1, -1, -1, 127};
        assertFalse(readOrRefuse(Protocol.V3, manyQueries, false));
        assertFalse(readOrRefuse(Protocol.V2, longName, false));
    }

    private static boolean readOrRefuse(Protocol protocol, byte[] bytes, boolean isText) {
        List<ClientMessage> messages = new ArrayList<>();
        try {
            protocol.decode(bytes, isText, messages);
            return true;
        } catch (MalformedMessageException e) {
            assertFalse(e.problem().isBlank());
            return false;
        }
    }
}
