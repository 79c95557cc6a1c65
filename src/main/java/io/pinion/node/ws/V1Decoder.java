package io.pinion.node.ws;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import java.util.List;

/** Client messages of v1 in BSATN (websocket.md 5.1). */
final class V1Decoder {
    private static final int CALL_REDUCER = 0;
    private static final int SUBSCRIBE = 1;
    private static final int ONE_OFF_QUERY = 2;
    private static final int SUBSCRIBE_SINGLE = 3;
    private static final int SUBSCRIBE_MULTI = 4;
    private static final int UNSUBSCRIBE = 5;
    private static final int UNSUBSCRIBE_MULTI = 6;
    private static final int VARIANTS = 8;
    /** Of a reducer call: the caller wants no result. */
    static final int NO_SUCCESS_NOTIFY = 1;

    private V1Decoder() {}

    static ClientMessage read(BsatnReader in) throws MalformedMessageException {
        try {
            return readMessage(in);
        } catch (BsatnException e) {
            throw new MalformedMessageException("the message cannot be decoded: " + e.getMessage());
        }
    }

    private static ClientMessage readMessage(BsatnReader in) throws MalformedMessageException {
        return switch (in.readTag(VARIANTS, "client messages")) {
            case CALL_REDUCER -> callReducer(in);
            case SUBSCRIBE -> {
                List<String> queries = V2Decoder.strings(in);
                yield new ClientMessage.Subscribe(in.readInt(), 0, SetKind.LEGACY, queries);
            }
            case ONE_OFF_QUERY -> new ClientMessage.OneOffQuery(0, in.readByteArray(), in.readString());
            case SUBSCRIBE_SINGLE -> {
                List<String> query = List.of(in.readString());
                yield new ClientMessage.Subscribe(in.readInt(), in.readInt(), SetKind.SINGLE, query);
            }
            case SUBSCRIBE_MULTI -> {
                List<String> queries = V2Decoder.strings(in);
                yield new ClientMessage.Subscribe(in.readInt(), in.readInt(), SetKind.MULTI, queries);
            }
            case UNSUBSCRIBE -> new ClientMessage.Unsubscribe(in.readInt(), in.readInt(), SetKind.SINGLE, true);
            case UNSUBSCRIBE_MULTI -> new ClientMessage.Unsubscribe(in.readInt(), in.readInt(), SetKind.MULTI, true);
            default -> callProcedure(in);
        };
    }

    private static ClientMessage callReducer(BsatnReader in) throws MalformedMessageException {
        String reducer = in.readString();
        Bytes arguments = in.readByteArray();
        int requestId = in.readInt();
        return new ClientMessage.CallReducer(requestId, reducer, new Arguments.Bsatn(arguments), isQuiet(in.readU8()));
    }

    static boolean isQuiet(long flags) throws MalformedMessageException {
        if (flags < 0 || flags > NO_SUCCESS_NOTIFY) {
            throw new MalformedMessageException("a call has the flags " + flags + ", and only 0 and 1 are known");
        }
        return flags == NO_SUCCESS_NOTIFY;
    }

    private static ClientMessage callProcedure(BsatnReader in) throws MalformedMessageException {
        String procedure = in.readString();
        Bytes arguments = in.readByteArray();
        int requestId = in.readInt();
        if (in.readU8() != 0) {
            throw new MalformedMessageException("a call of a procedure has flags, and none are known");
        }
        return new ClientMessage.CallProcedure(requestId, procedure, new Arguments.Bsatn(arguments));
    }
}
