package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import java.util.HashMap;
import java.util.Map;

/** The one set of names that tables, views, indexes, constraints, sequences and schedules of a module share. */
final class GlobalNames {
    private final Map<String, String> ownerByName = new HashMap<>();
    private final Errors errors;

    GlobalNames(Errors errors) {
        this.errors = errors;
    }

    /** Takes a name for an object that goes by only one. */
    void add(String name, String owner) {
        String earlier = ownerByName.putIfAbsent(name, owner);
        if (earlier != null) {
            errors.add("the name " + quote(name) + " is used more than once: by " + earlier + " and by " + owner);
        }
    }

    /** Takes both names of an object, which may be the same. */
    void add(String sourceName, String canonicalName, String owner) {
        add(sourceName, owner);
        if (!canonicalName.equals(sourceName)) {
            add(canonicalName, owner);
        }
    }
}
