package io.pinion.actors.procedure;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.store.value.Bytes;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request that is well formed and may be written as it is. Immutable.
 *
 * <p>Redirects: 301 and 302 turn a POST into a GET, 303 turns everything but a HEAD into one, 307 and 308 repeat the
 * request. Credentials go to the origin that they were meant for and to no other.
 *
 * @param uri absolute, http or https, with a host
 * @param method as it is written; case matters
 * @param headers without those that say how the body is sent
 */
record OutgoingRequest(URI uri, String method, List<HttpHeader> headers, Bytes body) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    /** What the connection or the body decides. */
    private static final Set<String> NOT_TO_BE_SET =
            Set.of("host", "connection", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "expect");

    private static final Set<String> OF_BODY = Set.of("content-length", "content-type", "content-encoding");
    private static final Set<String> SECRET = Set.of("authorization", "cookie", "proxy-authorization");
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    OutgoingRequest {
        headers = List.copyOf(headers);
    }

    static OutgoingRequest of(HttpRequest request, int bodyBytesMax) throws EgressException {
        if (request.body().length() > bodyBytesMax) {
            throw new EgressException("the body of " + request.body().length() + " bytes is larger than the "
                    + bodyBytesMax + " that are allowed (pinion.procedure.http.request-bytes-max)");
        }
        if (request.version() != HttpVersion.HTTP_1_1 && request.version() != HttpVersion.HTTP_1_0) {
            throw new EgressException("requests are made with HTTP/1.1 and not with " + request.version());
        }
        if (!request.method().matches(TOKEN) || request.method().equals("CONNECT")) {
            throw new EgressException("the method is none that a request can have");
        }
        List<HttpHeader> headers = new ArrayList<>();
        for (HttpHeader header : request.headers()) {
            check(header);
            if (!name(header).equals("content-length")) {
                headers.add(header);
            }
        }
        return new OutgoingRequest(uri(request.uri(), null), request.method(), headers, request.body());
    }

    private static void check(HttpHeader header) throws EgressException {
        if (!header.name().matches(TOKEN)) {
            throw new EgressException("one of the headers has a name that no header can have");
        }
        if (NOT_TO_BE_SET.contains(name(header))) {
            throw new EgressException("the header " + name(header) + " cannot be set");
        }
        for (int i = 0; i < header.value().length(); i++) {
            byte character = header.value().at(i);
            if (character == '\r' || character == '\n' || character == 0) {
                throw new EgressException("the header " + name(header) + " has a value that no header can have");
            }
        }
    }

    private static String name(HttpHeader header) {
        return header.name().toLowerCase(Locale.ROOT);
    }

    /** @param base what it is relative to, null if it has to be absolute */
    private static URI uri(String text, @Nullable URI base) throws EgressException {
        URI uri;
        try {
            URI parsed = new URI(text);
            uri = base == null ? parsed : base.resolve(parsed);
        } catch (URISyntaxException e) {
            throw new EgressException(
                    "the address of the request is no URI: " + e.getReason() + " at position " + e.getIndex());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new EgressException("requests are made to http and https, not to "
                    + (scheme.isEmpty() ? "an address without a scheme" : scheme));
        }
        if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 0xFFFF) {
            throw new EgressException("the address of the request names no host");
        }
        return uri;
    }

    static boolean isSecure(URI uri) {
        return uri.getScheme().equalsIgnoreCase("https");
    }

    static int port(URI uri) {
        if (uri.getPort() > 0) {
            return uri.getPort();
        }
        return isSecure(uri) ? HTTPS_PORT : HTTP_PORT;
    }

    /** The request that the response leads to, if it leads on. */
    Optional<OutgoingRequest> redirected(HttpResponse response) throws EgressException {
        Optional<String> location = response.headers().stream()
                .filter(header -> name(header).equals("location"))
                .map(header -> new String(header.value().unsafeArray(), StandardCharsets.ISO_8859_1))
                .findFirst();
        boolean isRepeated = response.code() == 307 || response.code() == 308;
        boolean leadsOn = isRepeated || response.code() == 301 || response.code() == 302 || response.code() == 303;
        if (!leadsOn || location.isEmpty()) {
            return Optional.empty();
        }
        URI next = uri(location.get(), uri);
        boolean becomesGet = !isRepeated && !method.equals("HEAD") && (response.code() == 303 || method.equals("POST"));
        boolean isSameOrigin = next.getScheme().equalsIgnoreCase(uri.getScheme())
                && next.getHost().equalsIgnoreCase(uri.getHost())
                && port(next) == port(uri);
        List<HttpHeader> kept = headers.stream()
                .filter(header -> isSameOrigin || !SECRET.contains(name(header)))
                .filter(header -> !becomesGet || !OF_BODY.contains(name(header)))
                .toList();
        return Optional.of(
                new OutgoingRequest(next, becomesGet ? "GET" : method, kept, becomesGet ? Bytes.EMPTY : body));
    }
}
