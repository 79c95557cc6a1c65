package io.pinion.node.http;

import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Ends the handling of a request with an answer that is not a success. Thrown and caught within this package. */
public final class HttpRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient HttpResponse response;

    public HttpRefusal(HttpResponse response) {
        super(response.status().toString(), null, false, false);
        this.response = response;
    }

    /** Plain text, which clients show as it is. */
    public static HttpRefusal of(int status, String message) {
        return new HttpRefusal(Answers.text(status, message));
    }

    public HttpResponse response() {
        return response;
    }
}
