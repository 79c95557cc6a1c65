package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import io.pinion.store.value.AlgebraicType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Describes one system table. The names of what belongs to it are made as those of module tables are. */
final class SystemTable {
    private static final BigInteger SEQUENCE_START = BigInteger.valueOf(Datastore.FIRST_ID + 1);
    private static final BigInteger SEQUENCE_MAX = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
    private static final int NO_ROW_TYPE = -1;

    private final int id;
    private final String name;
    private final List<ColumnDef> columns = new ArrayList<>();
    private final List<IndexDef> indexes = new ArrayList<>();
    private final List<IndexInfo> indexInfos = new ArrayList<>();
    private final List<UniqueConstraintDef> constraints = new ArrayList<>();
    private final List<Integer> constraintIds = new ArrayList<>();
    private final List<SequenceDef> sequences = new ArrayList<>();
    private final List<Integer> sequenceIds = new ArrayList<>();
    private OptionalInt primaryKey = OptionalInt.empty();
    private TableAccess access = TableAccess.PUBLIC;

    SystemTable(int id, String name) {
        this.id = id;
        this.name = name;
    }

    SystemTable column(String column, AlgebraicType type) {
        columns.add(new ColumnDef(column, column, type));
        return this;
    }

    SystemTable primaryKey(int column) {
        primaryKey = OptionalInt.of(column);
        return this;
    }

    /** With its ordered index. */
    SystemTable unique(int constraintId, int indexId, String... names) {
        constraints.add(new UniqueConstraintDef(name + "_" + String.join("_", names) + "_key", positions(names)));
        constraintIds.add(constraintId);
        return index(indexId, true, names);
    }

    SystemTable index(int indexId, String... names) {
        return index(indexId, false, names);
    }

    private SystemTable index(int indexId, boolean isUnique, String... names) {
        String indexName = name + "_" + String.join("_", names) + "_idx_btree";
        IndexDef index =
                new IndexDef(indexName, indexName, Optional.empty(), IndexAlgorithm.BTREE, positions(names), isUnique);
        indexes.add(index);
        indexInfos.add(IndexState.info(indexId, index));
        return this;
    }

    SystemTable sequence(int sequenceId, String column) {
        sequences.add(new SequenceDef(
                name + "_" + column + "_seq",
                positions(column).getFirst(),
                SEQUENCE_START,
                BigInteger.ONE,
                SEQUENCE_MAX,
                BigInteger.ONE));
        sequenceIds.add(sequenceId);
        return this;
    }

    SystemTable isPrivate() {
        access = TableAccess.PRIVATE;
        return this;
    }

    private List<Integer> positions(String... names) {
        List<String> all = columns.stream().map(ColumnDef::name).toList();
        return List.of(names).stream().map(all::indexOf).toList();
    }

    TableSchema build() {
        TableDef def = new TableDef(
                name,
                name,
                NO_ROW_TYPE,
                columns,
                primaryKey,
                indexes,
                constraints,
                sequences,
                Optional.empty(),
                access,
                false,
                Map.of());
        TableInfo info = new TableInfo(id, TableKind.SYSTEM, def.rowType(), indexInfos, def);
        return new TableSchema(info, constraintIds, sequenceIds, 0);
    }
}
