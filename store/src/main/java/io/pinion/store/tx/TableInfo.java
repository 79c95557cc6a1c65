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
 * @param rowType with every reference inlined
 * @param def as the module describes it
 */
public record TableInfo(int id, AlgebraicType.Product rowType, List<IndexInfo> indexes, TableDef def) {
    public TableInfo {
        indexes = List.copyOf(indexes);
    }

    public String name() {
        return def.name();
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
