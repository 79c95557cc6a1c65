package io.pinion.node.cli;

/** The query of a path. Immutable. */
record Query(String text) {
    static Query of(String key, String value) {
        return new Query("").with(key, value);
    }

    /** With one more value, unless that is empty. */
    Query with(String key, String value) {
        if (value.isEmpty()) {
            return this;
        }
        return new Query(text + (text.isEmpty() ? "" : "&") + key + "=" + NodeClient.segment(value));
    }
}
