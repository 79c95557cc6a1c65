package io.pinion.store.table;

import java.util.List;

/**
 * What an index of a table is to be.
 *
 * @param columns positions in index order, at least one
 */
public record IndexSpec(Kind kind, List<Integer> columns, boolean isUnique) {
    public enum Kind {
        ORDERED,
        HASH,
        /** Only on one unsigned integer of at most 64 bits or a plain enum; without uniqueness an ordered index. */
        DIRECT
    }

    public IndexSpec {
        columns = List.copyOf(columns);
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("an index needs a column");
        }
    }

    KeyShape keyShape(RowLayout layout) {
        int[] positions = columns.stream().mapToInt(Integer::intValue).toArray();
        return new KeyShape(layout, positions, kind == Kind.HASH && KeyShape.hashesBytes(layout, positions));
    }

    /** @param shape as {@link #keyShape} makes it */
    Index create(KeyShape shape, RowPages rows, Epochs epochs) {
        if (!isUnique || kind == Kind.ORDERED) {
            return new OrderedIndex(shape, rows, epochs, isUnique);
        }
        return kind == Kind.HASH ? new HashIndex(shape, rows, epochs) : new DirectIndex(shape, rows, epochs);
    }
}
