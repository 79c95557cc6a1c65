package io.pinion.store.schema;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Gathers what is wrong with a description: sorted, each once, and bounded in number and length whatever the description
 * holds.
 */
final class Errors {
    private static final int COUNT_MAX = 1_000;
    private static final int QUOTED_CHARS_MAX = 80;

    private final SortedSet<String> messages;
    private final String prefix;

    Errors() {
        this(new TreeSet<>(), "");
    }

    private Errors(SortedSet<String> messages, String prefix) {
        this.messages = messages;
        this.prefix = prefix;
    }

    /** The same list; what is added through the new object begins by naming {@code where}. */
    Errors within(String where) {
        return new Errors(messages, prefix + where + ": ");
    }

    void add(String message) {
        if (messages.size() < COUNT_MAX) {
            messages.add(prefix + message);
        }
    }

    int count() {
        return messages.size();
    }

    void throwIfAny() throws InvalidModuleDefException {
        if (!messages.isEmpty()) {
            throw new InvalidModuleDefException(List.copyOf(messages));
        }
    }

    /** A name as it appears in messages: in backticks, cut if it is very long. */
    static String quote(String name) {
        return name.length() <= QUOTED_CHARS_MAX
                ? "`" + name + "`"
                : "`" + name.substring(0, QUOTED_CHARS_MAX) + "…` (" + name.length() + " characters)";
    }
}
