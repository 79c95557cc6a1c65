package io.pinion.node.ws;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Rows by table. */
final class Tables {
    private Tables() {}

    /** Neighbours of one table together, in the given order. */
    static <T> List<List<T>> group(List<T> rows, Function<T, String> table) {
        List<List<T>> groups = new ArrayList<>();
        String current = null;
        for (T row : rows) {
            String name = table.apply(row);
            if (!name.equals(current)) {
                groups.add(new ArrayList<>());
                current = name;
            }
            groups.getLast().add(row);
        }
        return groups;
    }
}
