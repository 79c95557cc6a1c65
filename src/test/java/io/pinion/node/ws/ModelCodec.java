package io.pinion.node.ws;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** One protocol as a client speaks it, written down apart from the server's. */
abstract class ModelCodec {
    private static final int BROTLI = 1;
    private static final int GZIP = 2;

    static ModelCodec of(Protocol protocol) {
        return switch (protocol) {
            case V2, V3 -> new ModelCodecV2();
            case V1_BSATN -> new ModelCodecV1();
            case V1_JSON -> new ModelCodecJson();
        };
    }

    abstract byte[] subscribe(int request, int set, List<String> queries);

    abstract byte[] unsubscribe(int request, int set, List<String> queries);

    abstract byte[] ask(int request, String query);

    /** A call of the reducer {@code change}. */
    abstract byte[] change(int request, List<Integer> numbers);

    abstract List<ModelMessage> decode(byte[] payload) throws IOException;

    void send(RawClient socket, byte[] message) {
        socket.send(message);
    }

    static BsatnWriter arguments(List<Integer> numbers) {
        BsatnWriter arguments = new BsatnWriter().writeInt(numbers.size());
        numbers.forEach(arguments::writeInt);
        return arguments;
    }

    static void writeTexts(List<String> texts, BsatnWriter out) {
        out.writeInt(texts.size());
        texts.forEach(out::writeString);
    }

    /** The body of a payload that begins with the tag of its compression. */
    static BsatnReader body(byte[] payload) throws IOException {
        ByteArrayInputStream packed = new ByteArrayInputStream(payload, 1, payload.length - 1);
        return new BsatnReader(
                switch (payload[0]) {
                    case BROTLI -> new BrotliInputStream(packed).readAllBytes();
                    case GZIP -> new GZIPInputStream(packed).readAllBytes();
                    default -> packed.readAllBytes();
                });
    }

    /** Rows of a list, in hex. */
    static List<String> rowList(BsatnReader in) {
        List<String> rows = new ArrayList<>();
        if (in.readU8() == 0) {
            int size = in.readU16();
            byte[] data = in.readByteArray().toArray();
            for (int at = 0; at < data.length; at += size) {
                rows.add(hex(data, at, at + size));
            }
            return rows;
        }
        long[] starts = new long[(int) in.readCount()];
        Arrays.setAll(starts, _ -> in.readLong());
        byte[] data = in.readByteArray().toArray();
        for (int row = 0; row < starts.length; row++) {
            rows.add(hex(data, (int) starts[row], row + 1 < starts.length ? (int) starts[row + 1] : data.length));
        }
        return rows;
    }

    private static String hex(byte[] data, int from, int to) {
        return HexFormat.of().formatHex(data, from, to);
    }

    static Bytes id(int request) {
        return new BsatnWriter().writeInt(request).toBytes();
    }
}
