package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.table.IndexSpec;
import io.pinion.store.table.TableIndex;

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
