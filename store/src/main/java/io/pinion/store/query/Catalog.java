package io.pinion.store.query;

import io.pinion.store.value.AlgebraicType;
import java.util.List;
import java.util.Optional;

/** What SQL may know about a database's tables. Implementations are immutable or answer for one moment. */
@FunctionalInterface
public interface Catalog {
    /** The table by canonical name, else by the module's accessor name; dots lead into submodules. */
    Optional<Table> table(String name);

    /**
     * A table.
     *
     * @param id as the transaction knows it
     * @param name canonical
     * @param columns all of them, in the order of the row's bytes
     * @param isPublic whether callers other than the owner may see it at all
     * @param isEvent whether its rows vanish at commit, so that a query finds none
     * @param hasRowRules whether row-level rules restrict what callers other than the owner see
     * @param idInPublic as {@code id}, for callers other than the owner, to whom a part of each row may not be shown
     */
    record Table(
            int id,
            String name,
            List<Column> columns,
            List<Index> indexes,
            boolean isPublic,
            boolean isEvent,
            boolean hasRowRules,
            int idInPublic) {
        public Table {
            columns = List.copyOf(columns);
            indexes = List.copyOf(indexes);
        }

        /** One whose rows are the same for everybody who may see them. */
        public Table(
                int id,
                String name,
                List<Column> columns,
                List<Index> indexes,
                boolean isPublic,
                boolean isEvent,
                boolean hasRowRules) {
            this(id, name, columns, indexes, isPublic, isEvent, hasRowRules, id);
        }

        /** As callers other than the owner see it. */
        Table inPublic() {
            return idInPublic == id
                    ? this
                    : new Table(idInPublic, name, columns, List.of(), isPublic, isEvent, hasRowRules, idInPublic);
        }
    }

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
     */
    record Index(int id, List<Integer> columns, boolean isUnique) {
        public Index {
            columns = List.copyOf(columns);
        }
    }
}
