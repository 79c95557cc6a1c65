package io.pinion.node.pgwire;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Messages of PostgreSQL's protocol on one connection: a byte that says which (not in the first), four bytes of length that
 * count themselves, the rest. One thread at a time.
 */
final class PgMessages {
    private static final int LENGTH_BYTES = 4;

    private final DataInputStream in;
    private final DataOutputStream out;
    private final int bytesMax;

    PgMessages(InputStream in, OutputStream out, int bytesMax) {
        this.in = new DataInputStream(new BufferedInputStream(in));
        this.out = new DataOutputStream(new BufferedOutputStream(out));
        this.bytesMax = bytesMax;
    }

    /** A message that came. */
    record Message(char tag, String body) {}

    /** The first message, which has no tag. */
    byte[] readFirst() throws IOException {
        return readBody();
    }

    /** @return its body as UTF-8, without the zero at the end of a text */
    Message read() throws IOException {
        char tag = (char) in.readUnsignedByte();
        byte[] body = readBody();
        int length = body.length > 0 && body[body.length - 1] == 0 ? body.length - 1 : body.length;
        return new Message(tag, new String(body, 0, length, StandardCharsets.UTF_8));
    }

    private byte[] readBody() throws IOException {
        int length = in.readInt();
        if (length < LENGTH_BYTES || length - LENGTH_BYTES > bytesMax) {
            throw new IOException("a message of " + length + " bytes");
        }
        byte[] body = new byte[length - LENGTH_BYTES];
        in.readFully(body);
        return body;
    }

    /** One byte alone: the answer to a wish for encryption. */
    void writeByte(char answer) throws IOException {
        out.writeByte(answer);
        out.flush();
    }

    /** Sent with the next flush. */
    void write(char tag, Body body) throws IOException {
        out.writeByte(tag);
        out.writeInt(body.bytes.size() + LENGTH_BYTES);
        body.bytes.writeTo(out);
    }

    void flush() throws IOException {
        out.flush();
    }

    /** What is in a message. */
    static final class Body {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream data = new DataOutputStream(bytes);

        Body int32(int value) {
            return write(() -> data.writeInt(value));
        }

        Body int16(int value) {
            return write(() -> data.writeShort(value));
        }

        Body int8(int value) {
            return write(() -> data.writeByte(value));
        }

        /** With a zero after it, so one within it is left out. */
        Body text(String text) {
            byte[] encoded = text.replace("\0", "").getBytes(StandardCharsets.UTF_8);
            return write(() -> data.write(encoded)).int8(0);
        }

        /** A value of a row. */
        Body value(String text) {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            return int32(encoded.length).write(() -> data.write(encoded));
        }

        @FunctionalInterface
        private interface Write {
            void run() throws IOException;
        }

        private Body write(Write write) {
            try {
                write.run();
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory", e);
            }
            return this;
        }
    }
}
