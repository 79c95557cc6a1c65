package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.HttpHandlerDef;
import io.pinion.store.schema.ModuleDef.HttpRouteDef;
import io.pinion.store.schema.RawModuleDef.RawRoute;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks HTTP handlers and the routes to them. Used once. */
final class HttpChecker {
    private static final Pattern PATH = Pattern.compile("|/[a-z0-9\\-_~/]*+");
    private static final String ANY = "*";

    private final Names names;
    private final Errors errors;
    private final Set<String> handlerNames = new HashSet<>();

    HttpChecker(Names names, Errors errors) {
        this.names = names;
        this.errors = errors;
    }

    List<HttpHandlerDef> checkHandlers(List<String> sourceNames) {
        List<HttpHandlerDef> handlers = new ArrayList<>();
        for (String sourceName : sourceNames) {
            Errors here = errors.within("HTTP handler " + quote(sourceName));
            String name = names.function(sourceName);
            Identifiers.check(sourceName, "name", here);
            Identifiers.check(name, "name", here);
            if (!handlerNames.add(name)) {
                here.add("the name " + quote(name) + " is used more than once");
            }
            handlers.add(new HttpHandlerDef(handlers.size(), name, sourceName));
        }
        return handlers;
    }

    /** To be called after {@link #checkHandlers}. */
    List<HttpRouteDef> checkRoutes(List<RawRoute> rawRoutes) {
        List<HttpRouteDef> routes = new ArrayList<>();
        Map<String, Set<String>> methodsByPath = new HashMap<>();
        for (RawRoute raw : rawRoutes) {
            String method = raw.method() == null ? ANY : raw.method();
            Errors here = errors.within(
                    "HTTP route " + (raw.method() == null ? "ANY" : Errors.quote(method)) + " " + quote(raw.path()));
            if (!PATH.matcher(raw.path()).matches()) {
                here.add("the path must be empty or begin with /, and may only hold a-z, 0-9, -, _, ~ and /");
            }
            Set<String> methods = methodsByPath.computeIfAbsent(raw.path(), _ -> new HashSet<>());
            boolean isConflict = raw.method() == null ? !methods.isEmpty() : methods.contains(ANY);
            if (!methods.add(method) || isConflict) {
                here.add("conflicts with an earlier route of the same path");
            }
            String handler = names.function(raw.handler());
            if (!handlerNames.contains(handler)) {
                here.add("there is no HTTP handler " + quote(raw.handler()));
            }
            routes.add(new HttpRouteDef(handler, Optional.ofNullable(raw.method()), raw.path()));
        }
        return routes;
    }
}
