package io.pinion.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket of a driver, to a node on this machine: whole payloads come in, client payloads go out masked, pings are
 * answered. It costs the driver as little as a client can. Used by one thread.
 */
@SuppressWarnings("ByteBufferBackingArray") // all of its buffers are arrays of its own
final class WsLink {
    private static final byte[] NOTHING = {};
    private static final byte[] MASK = {0x35, 0x1d, 0x7a, 0x42};
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int HEAD_BYTES_MAX = 16 << 10;
    private static final int FRAME_HEAD_MAX = 14;
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int OPCODE = 0x0f;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LENGTH_SHORT = 126;
    private static final int LENGTH_LONG = 127;

    private final SocketChannel channel;
    private Receiver receiver = (_, _, _) -> {};
    private @Nullable SelectionKey key;
    private byte[] partial = NOTHING;
    private ByteBuffer out = ByteBuffer.allocate(0);
    private long bytesReceived;

    /** Is given the place of a payload; what is there is gone afterwards. */
    interface Receiver {
        void payload(byte[] buffer, int offset, int length) throws IOException;
    }

    private WsLink(SocketChannel channel) {
        this.channel = channel;
    }

    /** Asks for a connection of v3, uncompressed. It is of use after {@link #awaitOpen}. */
    static WsLink request(InetSocketAddress node, String database, String token) throws IOException {
        SocketChannel channel = SocketChannel.open(node);
        String request = "GET /v1/database/" + database + "/subscribe?compression=None HTTP/1.1\r\n"
                + "Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: v3.bsatn.spacetimedb\r\nAuthorization: Bearer " + token + "\r\n\r\n";
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
        return new WsLink(channel);
    }

    /** Blocks until the node has accepted the connection. */
    void awaitOpen() throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES_MAX);
        int end = -1;
        while (end < 0) {
            if (channel.read(head) < 0 || !head.hasRemaining()) {
                throw new EOFException("the node did not answer the handshake");
            }
            end = headEnd(head);
        }
        String status = new String(head.array(), 0, end, StandardCharsets.ISO_8859_1);
        if (!status.startsWith("HTTP/1.1 101")) {
            throw new IOException("the node refused the handshake: " + status);
        }
        channel.configureBlocking(false);
        partial = Arrays.copyOfRange(head.array(), end, head.position());
    }

    private static int headEnd(ByteBuffer head) {
        for (int at = 0; at + HEAD_END.length <= head.position(); at++) {
            if (Arrays.equals(head.array(), at, at + HEAD_END.length, HEAD_END, 0, HEAD_END.length)) {
                return at + HEAD_END.length;
            }
        }
        return -1;
    }

    /** Payloads go there from now on. */
    void receive(Receiver target) {
        receiver = target;
    }

    void register(Selector selector) throws IOException {
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    long bytesReceived() {
        return bytesReceived;
    }

    /**
     * Takes what has come.
     *
     * @param scratch room to read into; a larger one comes back if it was too small
     * @throws IOException if the node has ended the connection
     */
    ByteBuffer read(ByteBuffer scratch) throws IOException {
        ByteBuffer in = scratch.capacity() > partial.length ? scratch : larger(scratch, partial.length);
        in.clear().put(partial);
        partial = NOTHING;
        int count;
        do {
            count = channel.read(in);
            bytesReceived += Math.max(count, 0);
            takeFrames(in);
            if (!in.hasRemaining()) {
                in = larger(in, in.capacity()).put(in.flip());
            }
        } while (count > 0);
        if (count < 0) {
            throw new EOFException("the node has ended a connection");
        }
        partial = in.position() == 0 ? NOTHING : Arrays.copyOf(in.array(), in.position());
        return in;
    }

    private static ByteBuffer larger(ByteBuffer buffer, int least) {
        return ByteBuffer.allocate(Math.max(buffer.capacity(), least) * 2);
    }

    /** Hands whole frames on and moves what is left of the next one to the beginning. */
    private void takeFrames(ByteBuffer in) throws IOException {
        int end = in.position();
        int at = 0;
        int next = frameEnd(in, at, end);
        while (next > 0) {
            takeFrame(in.array(), at, next);
            at = next;
            next = frameEnd(in, at, end);
        }
        in.position(at).limit(end);
        in.compact();
    }

    /** Behind the frame that begins there; 0 if it is not whole yet. */
    private static int frameEnd(ByteBuffer in, int at, int end) {
        if (end - at < 2) {
            return 0;
        }
        int headBytes = headBytes(in.get(at + 1));
        if (end - at < headBytes) {
            return 0;
        }
        long length =
                headBytes == 2 ? in.get(at + 1) : headBytes == 4 ? in.getShort(at + 2) & 0xffff : in.getLong(at + 2);
        return end - at - headBytes < length ? 0 : at + headBytes + (int) length;
    }

    private static int headBytes(byte length) {
        return length < LENGTH_SHORT ? 2 : length == LENGTH_SHORT ? 4 : 10;
    }

    private void takeFrame(byte[] bytes, int at, int end) throws IOException {
        int payload = at + headBytes(bytes[at + 1]);
        int opcode = bytes[at] & OPCODE;
        if ((bytes[at] & FIN) == 0) {
            throw new IOException("the node has cut a message into frames");
        }
        switch (opcode) {
            case BINARY -> receiver.payload(bytes, payload, end - payload);
            case PING -> frame(PONG, bytes, payload, end - payload);
            case CLOSE ->
                throw new EOFException("the node has closed a connection: "
                        + new String(bytes, payload + 2, end - payload - 2, StandardCharsets.UTF_8));
            default -> throw new IOException("a frame of opcode " + opcode);
        }
    }

    /** Has a payload sent with the next {@link #flush}. */
    void send(byte[] payload, int length) {
        frame(BINARY, payload, 0, length);
    }

    private void frame(int opcode, byte[] payload, int offset, int length) {
        if (out.remaining() < length + FRAME_HEAD_MAX) {
            out = ByteBuffer.allocate((out.position() + length + FRAME_HEAD_MAX) * 2)
                    .put(out.flip());
        }
        out.put((byte) (FIN | opcode));
        if (length < LENGTH_SHORT) {
            out.put((byte) (MASKED | length));
        } else if (length <= 0xffff) {
            out.put((byte) (MASKED | LENGTH_SHORT)).putShort((short) length);
        } else {
            out.put((byte) (MASKED | LENGTH_LONG)).putLong(length);
        }
        out.put(MASK);
        int begin = out.position();
        out.put(payload, offset, length);
        byte[] bytes = out.array();
        for (int i = 0; i < length; i++) {
            bytes[begin + i] ^= MASK[i & 3];
        }
    }

    /** Sends what waits, as far as the node takes it; the rest follows when it does. */
    void flush() throws IOException {
        if (out.position() > 0) {
            out.flip();
            channel.write(out);
            out.compact();
            boolean isLeft = out.position() > 0;
            if (key != null) {
                key.interestOps(isLeft ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
            if (!isLeft && out.capacity() > HEAD_BYTES_MAX) {
                out = ByteBuffer.allocate(0);
            }
        }
    }

    void close() throws IOException {
        channel.close();
    }
}
