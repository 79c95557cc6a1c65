package io.pinion.actors.cluster;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP requests and responses as fields of a message. */
final class HttpFields {
    private static final HttpVersion[] VERSIONS = HttpVersion.values();

    private HttpFields() {}

    static void write(HttpRequest request, BsatnWriter out) {
        out.writeString(request.method()).writeString(request.uri());
        writeVersion(request.version(), out);
        writeHeaders(request.headers(), out);
        Duration timeout = request.timeout();
        out.writeBool(timeout != null);
        if (timeout != null) {
            out.writeLong(timeout.toNanos());
        }
        out.writeByteArray(request.body());
    }

    static HttpRequest readRequest(BsatnReader in) {
        return new HttpRequest(
                in.readString(),
                in.readString(),
                readVersion(in),
                readHeaders(in),
                readTimeout(in),
                in.readByteArray());
    }

    private static @Nullable Duration readTimeout(BsatnReader in) {
        return in.readBool() ? Duration.ofNanos(in.readLong()) : null;
    }

    static void write(HttpResponse response, BsatnWriter out) {
        writeVersion(response.version(), out);
        out.writeShort(response.code());
        writeHeaders(response.headers(), out);
        out.writeByteArray(response.body());
    }

    static HttpResponse readResponse(BsatnReader in) {
        return new HttpResponse(readVersion(in), in.readU16(), readHeaders(in), in.readByteArray());
    }

    @SuppressWarnings("EnumOrdinal") // the ordinal is the version's tag in the module ABI
    private static void writeVersion(HttpVersion version, BsatnWriter out) {
        out.writeByte(version.ordinal());
    }

    private static HttpVersion readVersion(BsatnReader in) {
        return VERSIONS[in.readTag(VERSIONS.length, "versions of HTTP")];
    }

    private static void writeHeaders(List<HttpHeader> headers, BsatnWriter out) {
        out.writeInt(headers.size());
        headers.forEach(header -> out.writeString(header.name()).writeByteArray(header.value()));
    }

    private static List<HttpHeader> readHeaders(BsatnReader in) {
        long count = in.readCount();
        List<HttpHeader> headers = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            headers.add(new HttpHeader(in.readString(), in.readByteArray()));
        }
        return headers;
    }
}
