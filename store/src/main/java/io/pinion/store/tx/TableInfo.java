package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.value.AlgebraicType;
import java.util.List;
import java.util.Optional;

/**
 * What a catalogue tells of a table. Immutable.
 *
 * @param kind whose table it is, which decides who writes it
 * @param rowType with every reference inlined
 * @param def as the module describes it
 */
public record TableInfo(int id, TableKind kind, AlgebraicType.Product rowType, List<IndexInfo> indexes, TableDef def) {
    public TableInfo {
        indexes = List.copyOf(indexes);
    }

    /** Whose a table is. */
    public enum TableKind {
        /** The module's, which the module writes. */
        MODULE,
        /** Behind a view; the host keeps the view's rows there. */
        VIEW,
        /** The system's, which the host writes. */
        SYSTEM
    }

    public String name() {
        return def.name();
    }

    /** The id under which others than the owner read the table, where they may not see all of its rows' columns. */
    public int idInPublic() {
        return id == SystemSchema.ST_MODULE ? SystemSchema.ST_MODULE_IN_PUBLIC : id;
    }

    public String sourceName() {
        return def.sourceName();
    }

    public TableAccess access() {
        return def.access();
    }

    public boolean isEvent() {
        return def.isEvent();
    }

    /** Present for schedule tables; names the column that says when. */
    public Optional<ScheduleDef> schedule() {
        return def.schedule();
    }

    /**
     * An index.
     *
     * @param columns positions in index order
     * @param isOrdered whether it can be asked for ranges
     */
    public record IndexInfo(
            int id,
            String name,
            String sourceName,
            IndexAlgorithm algorithm,
            List<Integer> columns,
            boolean isUnique,
            boolean isOrdered) {
        public IndexInfo {
            columns = List.copyOf(columns);
        }
    }
}
