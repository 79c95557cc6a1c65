package io.pinion.node.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A WebSocket frame by frame, for what no client does. */
final class RawSocket implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int LAST = 0x80;
    private static final int MASKED = 0x80;
    private static final int READ_MILLIS_MAX = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /** A frame of the server. */
    static final class Frame {
        final int opcode;
        final byte[] payload;

        Frame(int opcode, byte[] payload) {
            this.opcode = opcode;
            this.payload = payload;
        }

        int closeCode() {
            return ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
        }

        String closeReason() {
            return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    RawSocket(URI node, String path, String subprotocol) throws IOException {
        socket = new Socket(node.getHost(), node.getPort());
        socket.setSoTimeout(READ_MILLIS_MAX);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        out.write(("GET " + path + " HTTP/1.1\r\nHost: " + node.getAuthority()
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + subprotocol
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        String head = head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException(head);
        }
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    void send(int opcode, byte[] payload) throws IOException {
        frame(opcode | LAST, true, payload);
    }

    /** A frame that is not the last of its message. */
    void sendPart(int opcode, byte[] payload) throws IOException {
        frame(opcode, true, payload);
    }

    void sendUnmasked(int opcode, byte[] payload) throws IOException {
        frame(opcode | LAST, false, payload);
    }

    private void frame(int first, boolean isMasked, byte[] payload) throws IOException {
        byte[] mask = {1, 2, 3, 4};
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int maskBit = isMasked ? MASKED : 0;
        if (payload.length < 126) {
            frame.write(payload.length | maskBit);
        } else if (payload.length <= 0xffff) {
            frame.write(126 | maskBit);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(127 | maskBit);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        byte[] data = Arrays.copyOf(payload, payload.length);
        if (isMasked) {
            frame.writeBytes(mask);
            for (int i = 0; i < data.length; i++) {
                data[i] ^= mask[i % mask.length];
            }
        }
        frame.writeBytes(data);
        out.write(frame.toByteArray());
    }

    /** The next frame; fails with {@link EOFException} when the connection has ended. */
    Frame next() throws IOException {
        try {
            int opcode = in.readUnsignedByte() & 0xf;
            long length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] payload = new byte[Math.toIntExact(length)];
            in.readFully(payload);
            return new Frame(opcode, payload);
        } catch (SocketException reset) {
            throw (EOFException) new EOFException("reset").initCause(reset);
        }
    }

    /** The next frame that is no ping. */
    Frame nextButPings() throws IOException {
        Frame frame = next();
        while (frame.opcode == PING) {
            frame = next();
        }
        return frame;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
