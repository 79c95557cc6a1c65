package io.pinion.node.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * One method on one path.
 *
 * @param segments of the path; one in braces is a parameter and matches any text but the empty one
 * @param isAudited whether each request is written down, refused ones too
 */
public record Route(HttpMethod method, List<String> segments, Access access, boolean isAudited, Handler handler) {
    /** What a route wants to know of its caller. */
    public enum Access {
        /** Nothing: a token is not looked at. */
        OPEN,
        /** A token is checked if there is one. */
        CHECKED,
        /** Somebody: whoever has no token gets a new identity for this one request. */
        ANONYMOUS,
        /** As {@link #ANONYMOUS}, where {@code token} in the query may be a migration token and no credential. */
        PUBLISHER,
        /** A token. */
        REQUIRED;

        /** Whether answers say who the request was made as. */
        boolean showsIdentity() {
            return this == ANONYMOUS || this == PUBLISHER;
        }
    }

    /** Runs on a virtual thread and may block. */
    @FunctionalInterface
    public interface Handler {
        HttpResponse handle(Exchange exchange);
    }

    public static Route get(String path, Access access, Handler handler) {
        return of(HttpMethods.GET, path, access, handler);
    }

    public static Route post(String path, Access access, Handler handler) {
        return of(HttpMethods.POST, path, access, handler);
    }

    public static Route put(String path, Access access, Handler handler) {
        return of(HttpMethods.PUT, path, access, handler);
    }

    public static Route delete(String path, Access access, Handler handler) {
        return of(HttpMethods.DELETE, path, access, handler);
    }

    private static Route of(HttpMethod method, String path, Access access, Handler handler) {
        return new Route(method, List.of(path.substring(1).split("/", -1)), access, false, handler);
    }

    /** The same route, each request to it being written down. */
    public Route audited() {
        return new Route(method, segments, access, true, handler);
    }

    /** The path as it was given, parameters in braces. */
    public String path() {
        return "/" + String.join("/", segments);
    }

    boolean answers(HttpMethod asked) {
        return method.equals(asked) || (asked.equals(HttpMethods.HEAD) && method.equals(HttpMethods.GET));
    }

    /** The parameters of a path that is this route's, or nothing. */
    public Optional<Map<String, String>> match(List<String> path) {
        if (path.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String segment = segments.get(i);
            if (segment.startsWith("{") && !path.get(i).isEmpty()) {
                parameters.put(segment.substring(1, segment.length() - 1), path.get(i));
            } else if (!segment.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }
}
