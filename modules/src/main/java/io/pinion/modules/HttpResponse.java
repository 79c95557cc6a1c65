package io.pinion.modules;

import io.pinion.store.value.Bytes;
import java.util.List;

/**
 * An HTTP response, of a module's handler or to its procedure. One from a guest is as the guest wrote it: nothing but its
 * encoding has been checked.
 *
 * @param code of 16 bits
 * @param headers in order; a repeated name is a repeated entry
 */
public record HttpResponse(HttpVersion version, int code, List<HttpHeader> headers, Bytes body) {
    public HttpResponse {
        headers = List.copyOf(headers);
    }
}
