package io.pinion.node.management;

import io.pinion.node.http.Router;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The server that operators talk to: no web page may, and whatever is refused says why in one shape. */
final class ManagementManner implements Router.Manner {
    @Override
    public Optional<HttpResponse> before(HttpRequest request) {
        return Optional.empty();
    }

    @Override
    public HttpResponse after(HttpResponse response) {
        return ErrorBody.of(response);
    }
}
