package io.pinion.node.ws;

import io.pinion.store.value.BsatnReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What is spoken on a WebSocket, the preferred one first. */
enum Protocol {
    V3("v3.bsatn.spacetimedb"),
    V2("v2.bsatn.spacetimedb"),
    V1_BSATN("v1.bsatn.spacetimedb"),
    V1_JSON("v1.json.spacetimedb");

    private final String subprotocol;

    Protocol(String subprotocol) {
        this.subprotocol = subprotocol;
    }

    /** The first of ours that the client offers, in whatever order. */
    static Optional<Protocol> choose(Collection<String> offered) {
        return Stream.of(values())
                .filter(protocol -> offered.contains(protocol.subprotocol))
                .findFirst();
    }

    String subprotocol() {
        return subprotocol;
    }

    Encoder encoder() {
        return switch (this) {
            case V3, V2 -> V2Encoder.INSTANCE;
            case V1_BSATN -> V1Encoder.INSTANCE;
            case V1_JSON -> V1JsonEncoder.INSTANCE;
        };
    }

    boolean isV1() {
        return this == V1_BSATN || this == V1_JSON;
    }

    /** Whether server messages are WebSocket texts, without tag and compression. */
    boolean isText() {
        return this == V1_JSON;
    }

    /** Whether messages may share a payload. */
    boolean packs() {
        return this == V3;
    }

    /**
     * The messages of one WebSocket message.
     *
     * @param earlier gets those before one that is malformed
     */
    void decode(byte[] payload, boolean isText, List<ClientMessage> earlier) throws MalformedMessageException {
        switch (this) {
            case V3 -> decodeAll(payload, isText, earlier);
            case V2 -> {
                requireBinary(isText);
                earlier.add(V2Decoder.read(new BsatnReader(payload)));
            }
            case V1_BSATN, V1_JSON ->
                earlier.add(isText ? V1JsonDecoder.read(payload) : V1Decoder.read(new BsatnReader(payload)));
        }
    }

    private static void decodeAll(byte[] payload, boolean isText, List<ClientMessage> messages)
            throws MalformedMessageException {
        requireBinary(isText);
        if (payload.length == 0) {
            throw new MalformedMessageException("the payload is empty");
        }
        BsatnReader in = new BsatnReader(payload);
        while (in.remaining() > 0) {
            messages.add(V2Decoder.read(in));
        }
    }

    private static void requireBinary(boolean isText) throws MalformedMessageException {
        if (isText) {
            throw new MalformedMessageException("text messages are not part of this protocol");
        }
    }

    /** All messages of a payload, or none. */
    List<ClientMessage> decode(byte[] payload, boolean isText) throws MalformedMessageException {
        List<ClientMessage> messages = new ArrayList<>();
        decode(payload, isText, messages);
        return messages;
    }
}
