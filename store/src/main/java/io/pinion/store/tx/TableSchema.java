package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.Epochs;
import io.pinion.store.table.Table;
import io.pinion.store.table.TableShape;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of a schema with the ids of all that belongs to it. Immutable and threadsafe. */
final class TableSchema {
    private final TableInfo info;
    private final List<Integer> constraintIds;
    private final List<Integer> sequenceIds;
    private final int scheduleId;
    /** Compiled when it is first needed; made twice, it is the same. */
    private volatile @Nullable TableShape shape;

    /**
     * @param constraintIds in the order of the definition, as {@code sequenceIds}
     * @param scheduleId 0 for none
     */
    TableSchema(TableInfo info, List<Integer> constraintIds, List<Integer> sequenceIds, int scheduleId) {
        this.info = info;
        this.constraintIds = List.copyOf(constraintIds);
        this.sequenceIds = List.copyOf(sequenceIds);
        this.scheduleId = scheduleId;
    }

    TableInfo info() {
        return info;
    }

    int id() {
        return info.id();
    }

    TableDef def() {
        return info.def();
    }

    TableKind kind() {
        return info.kind();
    }

    List<IndexInfo> indexes() {
        return info.indexes();
    }

    List<Integer> constraintIds() {
        return constraintIds;
    }

    List<Integer> sequenceIds() {
        return sequenceIds;
    }

    int scheduleId() {
        return scheduleId;
    }

    TableState newState(Table table) {
        return new TableState(id(), def(), kind(), table);
    }

    /** An empty one. */
    Table newTable(Epochs epochs) {
        return new Table(shape(), epochs);
    }

    /** What all tables of this schema share. */
    TableShape shape() {
        TableShape compiled = shape;
        if (compiled == null) {
            compiled = new TableShape(info.rowType(), IndexState.specs(def()));
            shape = compiled;
        }
        return compiled;
    }
}
