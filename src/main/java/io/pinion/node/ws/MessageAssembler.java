package io.pinion.node.ws;

import java.io.ByteArrayOutputStream;
import org.apache.pekko.http.impl.engine.ws.FrameEvent;
import org.apache.pekko.http.impl.engine.ws.FrameHeader;
import org.apache.pekko.http.impl.engine.ws.FrameStart;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages of a client together from frames, of which it gets one part after the other. Used by one thread.
 *
 * <pre>
 *   frame    header, then data in one or more parts, masked
 *   message  a text or binary frame and the continuations after it, up to the one that says so
 * </pre>
 *
 * Control frames may come between the frames of a message.
 */
final class MessageAssembler {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int MASK_BYTES = 4;

    private final int messageBytesMax;
    private final Sink sink;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final ByteArrayOutputStream control = new ByteArrayOutputStream(CONTROL_BYTES_MAX);
    private @Nullable FrameHeader current;
    private int messageType;
    private int maskPosition;

    /** Where whole messages go. */
    interface Sink {
        void message(byte[] payload, boolean isText);

        void ping(byte[] payload);

        void pong();

        void close(byte[] payload);
    }

    /** The client breaks the protocol. */
    static final class ViolationException extends Exception {
        private static final long serialVersionUID = 1L;

        ViolationException(String problem) {
            super(problem, null, false, false);
        }
    }

    /** A message is larger than allowed. */
    static final class TooLargeException extends Exception {
        private static final long serialVersionUID = 1L;

        TooLargeException(int bytesMax) {
            super("a message has more than " + bytesMax + " bytes", null, false, false);
        }
    }

    MessageAssembler(int messageBytesMax, Sink sink) {
        this.messageBytesMax = messageBytesMax;
        this.sink = sink;
    }

    /** Takes the next part of a frame. */
    void part(FrameEvent part) throws ViolationException, TooLargeException {
        FrameHeader header = part instanceof FrameStart start ? begin(start.header()) : current;
        if (header == null) {
            throw new ViolationException("data without a frame");
        }
        boolean isControl = header.opcode().isControl();
        append(part.data().toArrayUnsafe(), (Integer) header.mask().get(), isControl ? control : message);
        if (part.lastPart()) {
            if (isControl) {
                endControl(header.opcode().code());
            } else if (header.fin()) {
                endMessage();
            }
        }
    }

    private FrameHeader begin(FrameHeader next) throws ViolationException, TooLargeException {
        current = next;
        maskPosition = 0;
        int opcode = next.opcode().code();
        require(next.mask().isDefined(), "a frame is not masked");
        require(!next.rsv1() && !next.rsv2() && !next.rsv3(), "a frame has reserved bits set");
        switch (opcode) {
            case CONTINUATION -> require(messageType != 0, "a continuation without a beginning");
            case TEXT, BINARY -> {
                require(messageType == 0, "a message begins before the one before it has ended");
                messageType = opcode;
            }
            case CLOSE, PING, PONG ->
                require(next.fin() && next.length() <= CONTROL_BYTES_MAX, "a control frame is too long or in parts");
            default -> throw new ViolationException("a frame has the unknown kind " + opcode);
        }
        if (!next.opcode().isControl() && message.size() + next.length() > messageBytesMax) {
            throw new TooLargeException(messageBytesMax);
        }
        return next;
    }

    private static void require(boolean holds, String problem) throws ViolationException {
        if (!holds) {
            throw new ViolationException(problem);
        }
    }

    private void append(byte[] masked, int mask, ByteArrayOutputStream target) {
        byte[] data = new byte[masked.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (masked[i] ^ (mask >> ((MASK_BYTES - 1 - maskPosition) * Byte.SIZE)));
            maskPosition = (maskPosition + 1) % MASK_BYTES;
        }
        target.writeBytes(data);
    }

    private void endMessage() {
        byte[] payload = message.toByteArray();
        boolean isText = messageType == TEXT;
        message.reset();
        messageType = 0;
        sink.message(payload, isText);
    }

    private void endControl(int opcode) {
        byte[] payload = control.toByteArray();
        control.reset();
        switch (opcode) {
            case PING -> sink.ping(payload);
            case PONG -> sink.pong();
            default -> sink.close(payload);
        }
    }
}
