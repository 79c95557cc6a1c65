package io.pinion.node.ws;

import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Deque;

/** Makes payloads of the messages that wait for the socket. Used by one thread. */
final class PayloadPacker {
    /** Beyond which the next message goes into another payload; a larger message goes alone. */
    static final int BODY_BYTES_MAX = 512 << 10;

    private final Protocol protocol;
    private final Compression compression;
    private int bytesTaken;

    PayloadPacker(Protocol protocol, Compression compression) {
        this.protocol = protocol;
        this.compression = compression;
    }

    /** Takes at least one message, and as many as go with it. */
    byte[] next(Deque<Bytes> messages) {
        Bytes first = messages.removeFirst();
        bytesTaken = first.length();
        if (protocol.isText()) {
            return first.unsafeArray();
        }
        Bytes following = messages.peekFirst();
        if (!protocol.packs() || following == null || first.length() + following.length() > BODY_BYTES_MAX) {
            return compression.pack(first.unsafeArray(), first.length());
        }
        BsatnWriter body = new BsatnWriter(first.length() + following.length()).writeRaw(first);
        while (following != null && body.length() + following.length() <= BODY_BYTES_MAX) {
            body.writeRaw(messages.removeFirst());
            following = messages.peekFirst();
        }
        bytesTaken = body.length();
        return compression.pack(body.buffer(), body.length());
    }

    /** Of the messages in the last payload. */
    int bytesTaken() {
        return bytesTaken;
    }
}
