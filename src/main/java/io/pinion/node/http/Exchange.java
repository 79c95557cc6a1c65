package io.pinion.node.http;

import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.StreamLimitReachedException;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** One request while it is handled, on one virtual thread: its parts, and who makes it. */
public final class Exchange {
    private final HttpRequest request;
    private final Map<String, String> pathParameters;
    private final Materializer materializer;
    private @Nullable QueryString query;
    private @Nullable Credentials credentials;
    private @Nullable Bytes body;
    private boolean isNewcomer;

    public Exchange(HttpRequest request, Map<String, String> pathParameters, Materializer materializer) {
        this.request = request;
        this.pathParameters = Map.copyOf(pathParameters);
        this.materializer = materializer;
    }

    public HttpRequest request() {
        return request;
    }

    /** 400 if it is malformed. */
    public QueryString query() {
        QueryString parsed = query;
        if (parsed == null) {
            parsed = QueryString.parse(request.getUri().rawQueryString().orElse(""));
            query = parsed;
        }
        return parsed;
    }

    /** The query, or nothing if it is malformed. */
    public Optional<QueryString> queryIfWellFormed() {
        return Optional.ofNullable(query);
    }

    /** The request with its body as far as it was read; for whoever handles requests otherwise. */
    public HttpRequest requestAsRead() {
        Bytes read = body;
        return read == null
                ? request
                : request.withEntity(request.entity().getContentType(), ByteString.fromArray(read.toArray()));
    }

    /** 400 if the query is malformed, whether anybody asks for it or not. */
    void requireWellFormed() {
        query();
    }

    /** The parts of the path that the route leaves open, decoded. */
    public Map<String, String> pathParameters() {
        return pathParameters;
    }

    /** A part of the path, decoded. */
    public String pathParameter(String name) {
        String value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no parameter " + name);
        }
        return value;
    }

    public Optional<String> header(String name) {
        return request.getHeader(name).map(header -> header.value());
    }

    /** The content type, where the request names one; the server takes "none" for {@code application/octet-stream}. */
    public Optional<String> contentType() {
        ContentType type = request.entity().getContentType();
        boolean isNone =
                type.equals(ContentTypes.NO_CONTENT_TYPE) || type.equals(ContentTypes.APPLICATION_OCTET_STREAM);
        return isNone ? Optional.empty() : Optional.of(type.toString());
    }

    public void authenticate(Credentials authenticated) {
        credentials = authenticated;
    }

    /** The caller has no token and gets an identity for this one request. */
    void introduce(Credentials minted) {
        credentials = minted;
        isNewcomer = true;
    }

    /** Whether the caller has come without a token. */
    boolean isNewcomer() {
        return isNewcomer;
    }

    /** Who makes the request, as far as that is known. */
    public Optional<Credentials> caller() {
        return Optional.ofNullable(credentials);
    }

    /** Who makes the request; only on routes that authenticate. */
    public Credentials credentials() {
        if (credentials == null) {
            throw new IllegalStateException("the route does not authenticate");
        }
        return credentials;
    }

    /** The whole body, read once; 413 beyond the limit. */
    public Bytes body(long bytesMax) {
        Bytes read = body;
        if (read == null) {
            read = readBody(bytesMax);
            body = read;
        }
        return read;
    }

    private Bytes readBody(long bytesMax) {
        try {
            ByteString bytes = request.entity()
                    .withoutSizeLimit()
                    .getDataBytes()
                    .limitWeighted(bytesMax, chunk -> (long) chunk.size())
                    .runWith(Sink.fold(ByteString.emptyByteString(), ByteString::concat), materializer)
                    .toCompletableFuture()
                    .join();
            return Bytes.wrap(bytes.toArray());
        } catch (CompletionException e) {
            if (e.getCause() instanceof StreamLimitReachedException) {
                throw HttpRefusal.of(413, "the body is larger than " + bytesMax + " bytes");
            }
            throw e;
        }
    }

    /** The whole body as text; 400 if it is not UTF-8. */
    public String textBody(long bytesMax) {
        Bytes bytes = body(bytesMax);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.unsafeArray()))
                    .toString();
        } catch (CharacterCodingException _) {
            throw HttpRefusal.of(400, "Request body didn't contain valid UTF-8");
        }
    }
}
