package io.pinion.node.ws;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Client messages of v2 and v3: a tag, then the fields in order (websocket.md 4.2). */
final class V2Decoder {
    private static final int SUBSCRIBE = 0;
    private static final int UNSUBSCRIBE = 1;
    private static final int ONE_OFF_QUERY = 2;
    private static final int CALL_REDUCER = 3;
    private static final int VARIANTS = 5;
    private static final int UNSUBSCRIBE_FLAGS = 2;

    private V2Decoder() {}

    /** Reads one message and leaves the reader after it. */
    static ClientMessage read(BsatnReader in) throws MalformedMessageException {
        try {
            return readMessage(in);
        } catch (BsatnException e) {
            throw new MalformedMessageException("the message cannot be decoded: " + e.getMessage());
        }
    }

    private static ClientMessage readMessage(BsatnReader in) throws MalformedMessageException {
        int tag = in.readTag(VARIANTS, "client messages");
        int requestId = in.readInt();
        return switch (tag) {
            case SUBSCRIBE -> new ClientMessage.Subscribe(requestId, in.readInt(), SetKind.SET, strings(in));
            case UNSUBSCRIBE ->
                new ClientMessage.Unsubscribe(
                        requestId, in.readInt(), SetKind.SET, in.readTag(UNSUBSCRIBE_FLAGS, "unsubscribe flags") == 1);
            case ONE_OFF_QUERY -> new ClientMessage.OneOffQuery(requestId, Bytes.EMPTY, in.readString());
            case CALL_REDUCER -> {
                noFlags(in);
                yield new ClientMessage.CallReducer(requestId, in.readString(), arguments(in), false);
            }
            default -> {
                noFlags(in);
                yield new ClientMessage.CallProcedure(requestId, in.readString(), arguments(in));
            }
        };
    }

    private static void noFlags(BsatnReader in) throws MalformedMessageException {
        int flags = in.readU8();
        if (flags != 0) {
            throw new MalformedMessageException("a call has the flags " + flags + ", and only 0 is known");
        }
    }

    static List<String> strings(BsatnReader in) {
        long count = in.readCount();
        List<String> strings = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            strings.add(in.readString());
        }
        return strings;
    }

    static Arguments arguments(BsatnReader in) {
        return new Arguments.Bsatn(in.readByteArray());
    }
}
