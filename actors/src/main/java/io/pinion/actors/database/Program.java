package io.pinion.actors.database;

import io.pinion.modules.HostType;
import io.pinion.modules.Module;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.HttpHandlerDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was published to a database last. Immutable.
 *
 * @param hash Keccak-256 of the program
 * @param guestLibrary hash of the build of the built-in guest library that it was published with, if it imports one
 * @param reducers by canonical name
 * @param procedures by canonical name
 */
record Program(
        Identity owner,
        HostType hostType,
        Bytes hash,
        ModuleDef definition,
        Optional<Bytes> guestLibrary,
        Map<String, Reducer> reducers,
        Map<String, Procedure> procedures) {
    private static final int TAG_OF_VERSION_10 = 2;

    Program {
        reducers = Map.copyOf(reducers);
        procedures = Map.copyOf(procedures);
    }

    static Program of(
            Identity owner, HostType hostType, Bytes hash, ModuleDef definition, Optional<Bytes> guestLibrary) {
        Map<String, Reducer> reducers = new HashMap<>();
        definition.reducers().forEach(def -> reducers.put(def.name(), new Reducer(def)));
        Map<String, Procedure> procedures = new HashMap<>();
        definition.procedures().forEach(def -> procedures.put(def.name(), new Procedure(def)));
        return new Program(owner, hostType, hash, definition, guestLibrary, reducers, procedures);
    }

    @Nullable
    Reducer reducer(String name) {
        return reducers.get(name);
    }

    @Nullable
    Procedure procedure(String name) {
        return procedures.get(name);
    }

    /** Who answers requests to a path, which has to be a route's letter by letter; empty if nobody does. */
    Optional<HttpHandlerDef> handler(String method, String path) {
        return definition.httpRoutes().stream()
                .filter(route -> route.path().equals(path)
                        && route.method().filter(other -> !other.equals(method)).isEmpty())
                .findFirst()
                .flatMap(route -> definition.httpHandlers().stream()
                        .filter(handler -> handler.name().equals(route.handlerName()))
                        .findFirst());
    }

    @Nullable
    Reducer init() {
        return reducer(Lifecycle.INIT);
    }

    /** The reducer that the module has for that moment, if it has one. */
    @Nullable
    Reducer reducer(Lifecycle moment) {
        return definition.reducer(moment).map(def -> reducers.get(def.name())).orElse(null);
    }

    /** Whether a module that was loaded from the program now is what was published. */
    boolean isPublishedAs(Module module) {
        return guestLibrary.equals(module.guestLibrary());
    }

    /** Whether the module describes itself in a version whose calls are not shown to others than their callers. */
    boolean hidesCalls() {
        return definition.raw().at(0) >= TAG_OF_VERSION_10;
    }

    boolean isOwner(Identity caller) {
        return owner.equals(caller);
    }
}
