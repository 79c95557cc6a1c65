package io.pinion.modules.host;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.store.schema.HttpMethods;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests and responses as the module ABI encodes them; bodies travel apart. All BSATN:
 *
 * <pre>
 * request   method, headers, option of i64 time-out in µs, string uri, version
 * response  headers, version, u16 code
 * method    tag of a known method, or the tag after the last of them and a string
 * headers   u32 count, then string name and u32 length with that many bytes of value for each
 * version   tag
 * </pre>
 *
 * Reading throws {@link io.pinion.store.value.BsatnException} for what is not that; bytes that follow are ignored.
 */
public final class HttpCodec {
    /** In the order of their tags. */
    private static final List<HttpVersion> VERSIONS = List.of(
            HttpVersion.HTTP_0_9, HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1, HttpVersion.HTTP_2, HttpVersion.HTTP_3);

    private static final int SOME = 0;
    private static final int NONE = 1;

    private HttpCodec() {}

    /** The first part of what a handler is given. */
    public static Bytes toBsatn(HttpRequest request) {
        BsatnWriter out = new BsatnWriter();
        int tag = HttpMethods.KNOWN.indexOf(request.method());
        out.writeByte(tag < 0 ? HttpMethods.EXTENSION_TAG : tag);
        if (tag < 0) {
            out.writeString(request.method());
        }
        writeHeaders(out, request.headers());
        writeTimeout(out, request.timeout());
        out.writeString(request.uri());
        out.writeByte(VERSIONS.indexOf(request.version()));
        return out.toBytes();
    }

    private static void writeTimeout(BsatnWriter out, @Nullable Duration timeout) {
        if (timeout == null) {
            out.writeByte(NONE);
        } else {
            out.writeByte(SOME).writeLong(TimeUnit.MICROSECONDS.convert(timeout));
        }
    }

    private static void writeHeaders(BsatnWriter out, List<HttpHeader> headers) {
        out.writeInt(headers.size());
        for (HttpHeader header : headers) {
            out.writeString(header.name()).writeByteArray(header.value());
        }
    }

    static HttpRequest readRequest(byte[] bytes, int offset, int length, Bytes body) {
        BsatnReader in = new BsatnReader(bytes, offset, length);
        int tag = in.readTag(HttpMethods.EXTENSION_TAG + 1, "an HTTP method");
        String method = tag == HttpMethods.EXTENSION_TAG ? in.readString() : HttpMethods.KNOWN.get(tag);
        List<HttpHeader> headers = readHeaders(in);
        Duration timeout = in.readTag(2, "an option") == SOME ? timeout(in.readLong()) : null;
        String uri = in.readString();
        return new HttpRequest(method, uri, readVersion(in), headers, timeout, body);
    }

    private static Duration timeout(long micros) {
        return Duration.of(Math.max(micros, 0), ChronoUnit.MICROS);
    }

    private static List<HttpHeader> readHeaders(BsatnReader in) {
        List<HttpHeader> headers = new ArrayList<>();
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            headers.add(new HttpHeader(in.readString(), in.readByteArray()));
        }
        return headers;
    }

    private static HttpVersion readVersion(BsatnReader in) {
        return VERSIONS.get(in.readTag(VERSIONS.size(), "an HTTP version"));
    }

    /** What a procedure is given for its request. */
    static Bytes toBsatn(HttpResponse response) {
        BsatnWriter out = new BsatnWriter();
        writeHeaders(out, response.headers());
        out.writeByte(VERSIONS.indexOf(response.version()));
        out.writeShort(response.code());
        return out.toBytes();
    }

    /** What a handler answered, from its two parts. */
    public static HttpResponse readResponse(Bytes response, Bytes body) {
        BsatnReader in = new BsatnReader(response);
        List<HttpHeader> headers = readHeaders(in);
        HttpVersion version = readVersion(in);
        return new HttpResponse(version, in.readU16(), headers, body);
    }
}
