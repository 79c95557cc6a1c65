package io.pinion.node.management;

import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.node.http.QueryString;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The parameters of a management route: those it knows, or 400 with the name of the first that it does not. */
final class Parameters {
    /** May stand in any query. */
    private static final String TOKEN = "token";

    private final QueryString query;

    private Parameters(QueryString query) {
        this.query = query;
    }

    static Parameters of(Exchange exchange, String... known) {
        QueryString query = exchange.query();
        Set<String> unknown = new TreeSet<>(query.keys());
        unknown.removeAll(List.of(known));
        unknown.remove(TOKEN);
        if (!unknown.isEmpty()) {
            throw HttpRefusal.of(
                    400,
                    "unknown parameter " + unknown.iterator().next() + "; "
                            + (known.length == 0 ? "there are none" : "there are " + String.join(", ", known)));
        }
        return new Parameters(query);
    }

    QueryString query() {
        return query;
    }

    Optional<String> text(String key) {
        return query.text(key).filter(text -> !text.isBlank());
    }

    /** 400 if it is not there. */
    String required(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    int requiredNumber(String key, int min, int max) {
        return query.number(key, min, max).orElseThrow(() -> missing(key));
    }

    private static HttpRefusal missing(String key) {
        return HttpRefusal.of(400, "the parameter " + key + " is missing");
    }
}
