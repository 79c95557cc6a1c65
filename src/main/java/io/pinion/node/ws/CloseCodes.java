package io.pinion.node.ws;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Close codes that the node uses, and what can be said beside one. */
final class CloseCodes {
    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL_ERROR = 1002;
    static final int MALFORMED = 1011;
    static final int TRY_AGAIN = 1013;

    static final String MODULE_EXITED = "module exited";
    static final String TOO_MANY_REQUESTS = "too many requests";

    private static final int REASON_BYTES_MAX = 123;

    private CloseCodes() {}

    /** The payload of a close frame: the code, most significant byte first, and as much of the reason as fits. */
    static byte[] payload(int code, String reason) {
        ByteBuffer payload = ByteBuffer.allocate(2 + REASON_BYTES_MAX);
        payload.putShort((short) code);
        StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(reason), payload, true);
        byte[] bytes = new byte[payload.position()];
        payload.flip().get(bytes);
        return bytes;
    }
}
