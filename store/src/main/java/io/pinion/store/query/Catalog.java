package io.pinion.store.query;

import io.pinion.store.value.AlgebraicType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What SQL may know about a database's tables. Implementations are immutable or answer for one moment. */
@FunctionalInterface
public interface Catalog {
    /** What {@link #rowCount} says where it does not know. */
    long UNKNOWN_ROWS = 1_000;

    /** The table or view by canonical name, else by the module's accessor name; dots lead into submodules. */
    Optional<Table> table(String name);

    /** About how many rows a table has; for choosing between ways to them, and for nothing else. */
    default long rowCount(Table table) {
        return UNKNOWN_ROWS;
    }

    /**
     * A table, or a view through the table behind it.
     *
     * @param id as the transaction knows it
     * @param name canonical
     * @param columns all of them, in the order of the row's bytes; of a view the hidden one too
     * @param isPublic whether callers other than the owner may see it at all
     * @param isEvent whether its rows vanish at commit, so that a query finds none
     * @param rowRules SQL texts, each of which lets callers other than the owner see some rows; none for all
     * @param idInPublic as {@code id}, for callers other than the owner, to whom a part of each row may not be shown
     * @param view null for a table
     */
    record Table(
            int id,
            String name,
            List<Column> columns,
            List<Index> indexes,
            boolean isPublic,
            boolean isEvent,
            List<String> rowRules,
            int idInPublic,
            @Nullable View view) {
        public Table {
            columns = List.copyOf(columns);
            indexes = List.copyOf(indexes);
            rowRules = List.copyOf(rowRules);
        }

        /** One without anything special to it. */
        public Table(int id, String name, List<Column> columns, List<Index> indexes, boolean isPublic) {
            this(id, name, columns, indexes, isPublic, false, List.of(), id, null);
        }

        /** As callers other than the owner see it. */
        Table inPublic() {
            return idInPublic == id
                    ? this
                    : new Table(idInPublic, name, columns, List.of(), isPublic, isEvent, rowRules, idInPublic, view);
        }

        Table withoutIndexes() {
            return new Table(id, name, columns, List.of(), isPublic, isEvent, rowRules, idInPublic, view);
        }

        /** How many columns come first that nobody may name and that no result has. */
        int hiddenCount() {
            return view == null ? 0 : 1;
        }

        AlgebraicType.Product visibleRow() {
            return new AlgebraicType.Product(columns.stream()
                    .skip(hiddenCount())
                    .map(column -> new AlgebraicType.Element(column.name(), column.type()))
                    .toList());
        }
    }

    /** What makes a view of a table: its first column names the instance that a row belongs to. */
    record View(boolean isAnonymous) {}

    /**
     * A column.
     *
     * @param name canonical
     * @param accessorName as the module's source has it, looked for first; may equal the canonical name
     * @param type without references
     */
    record Column(String name, String accessorName, AlgebraicType type) {}

    /**
     * An index.
     *
     * @param id as the transaction knows it
     * @param columns positions in index order
     * @param isOrdered whether it can be asked for ranges and prefixes; keys of one that cannot may be compared byte by
     *     byte
     */
    record Index(int id, List<Integer> columns, boolean isUnique, boolean isOrdered) {
        public Index {
            columns = List.copyOf(columns);
        }
    }
}
