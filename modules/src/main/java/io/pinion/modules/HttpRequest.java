package io.pinion.modules;

import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request, to a module's handler or from its procedure. One from a guest is as the guest wrote it: nothing but its
 * encoding has been checked.
 *
 * @param method upper case if it is one of the known ones, else as it was written
 * @param uri absolute
 * @param headers in order; a repeated name is a repeated entry
 * @param timeout from the beginning of the connection to the end of the body; zero or above, null if none was asked for
 */
public record HttpRequest(
        String method,
        String uri,
        HttpVersion version,
        List<HttpHeader> headers,
        @Nullable Duration timeout,
        Bytes body) {
    public HttpRequest {
        headers = List.copyOf(headers);
    }
}
