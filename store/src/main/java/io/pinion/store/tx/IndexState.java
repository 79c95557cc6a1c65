package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.IndexSpec;
import io.pinion.store.table.TableIndex;
import java.util.List;

/**
 * An index of a datastore and the table it belongs to.
 *
 * @param position among the table's indexes
 */
record IndexState(int id, IndexDef def, TableState owner, int position, TableIndex index) {
    static IndexSpec spec(IndexDef def) {
        IndexSpec.Kind kind = switch (def.algorithm()) {
            case BTREE -> IndexSpec.Kind.ORDERED;
            case HASH -> IndexSpec.Kind.HASH;
            case DIRECT -> IndexSpec.Kind.DIRECT;
        };
        return new IndexSpec(kind, def.columns(), def.isUnique());
    }

    /** Of all indexes of a table, in the order of its definition. */
    static List<IndexSpec> specs(TableDef table) {
        return table.indexes().stream().map(IndexState::spec).toList();
    }

    static TableInfo.IndexInfo info(int id, IndexDef def) {
        return new TableInfo.IndexInfo(
                id,
                def.name(),
                def.sourceName(),
                def.algorithm(),
                def.columns(),
                def.isUnique(),
                spec(def).kind() != IndexSpec.Kind.HASH);
    }
}
