package io.pinion.node.ws;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder.Parameters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** How payloads to a client are compressed. The tag is the first byte of the payload. Threadsafe. */
enum Compression {
    NONE(0),
    BROTLI(1),
    GZIP(2);

    /** What is not longer than this is not compressed. */
    static final int BYTES_MIN = 1024;

    private static final int BROTLI_QUALITY = 1;

    private final int tag;

    Compression(int tag) {
        this.tag = tag;
    }

    /** Whether Brotli's native code runs on this machine. */
    static boolean isBrotliAvailable() {
        return Brotli4jLoader.isAvailable();
    }

    /** Tag and body of a payload. */
    byte[] pack(byte[] body, int length) {
        Compression used = length > BYTES_MIN ? this : NONE;
        ByteArrayOutputStream packed = new ByteArrayOutputStream(used == NONE ? length + 1 : length / 2);
        packed.write(used.tag);
        try (OutputStream out = used.stream(packed)) {
            out.write(body, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return packed.toByteArray();
    }

    private OutputStream stream(OutputStream target) throws IOException {
        return switch (this) {
            case NONE -> target;
            case BROTLI -> new BrotliOutputStream(target, Parameters.create(BROTLI_QUALITY));
            case GZIP -> new FastGzip(target);
        };
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream target) throws IOException {
            super(target);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
