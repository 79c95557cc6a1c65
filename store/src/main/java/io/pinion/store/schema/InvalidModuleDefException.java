package io.pinion.store.schema;

import java.util.List;

/** A module description that cannot be accepted, with every reason, sorted and each once. */
public final class InvalidModuleDefException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> reasons;

    public InvalidModuleDefException(List<String> reasons) {
        super("Errors occurred: " + String.join("; ", reasons));
        this.reasons = List.copyOf(reasons);
    }

    public List<String> reasons() {
        return reasons;
    }
}
