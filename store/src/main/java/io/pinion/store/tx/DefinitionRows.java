package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.RowRule;
import io.pinion.store.table.TableRows;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What system tables hold that follows from the definition. Each is put together when somebody first reads it, once for
 * all databases of a schema, and never changes. Threadsafe.
 */
final class DefinitionRows {
    private static final int SOME = 0;
    private static final int NONE = 1;
    private static final int UNIQUE = 1;

    private final Schema schema;
    /** By id less one. */
    private final @Nullable TableRows[] made = new TableRows[SystemSchema.TABLES.size()];

    DefinitionRows(Schema schema) {
        this.schema = schema;
    }

    /** Rows of a system table, for one reader. Of those that the definition does not decide, what they start with. */
    synchronized TableRows rows(int tableId) {
        TableRows rows = made[tableId - 1];
        if (rows == null) {
            rows = make(tableId);
            made[tableId - 1] = rows;
        }
        return rows.frozen();
    }

    private TableRows make(int tableId) {
        SystemRows rows = new SystemRows(tableId);
        switch (tableId) {
            case SystemSchema.ST_TABLE -> all().forEach(table -> addTable(rows, table));
            case SystemSchema.ST_COLUMN -> all().forEach(table -> addColumns(rows, table));
            case SystemSchema.ST_INDEX -> all().forEach(table -> addIndexes(rows, table));
            case SystemSchema.ST_CONSTRAINT -> all().forEach(table -> addConstraints(rows, table));
            case SystemSchema.ST_SCHEDULED -> schema.moduleTables().forEach(table -> addSchedule(rows, table));
            case SystemSchema.ST_ROW_LEVEL_SECURITY -> addRowRules(rows);
            case SystemSchema.ST_VIEW -> schema.module().views().forEach(view -> addView(rows, view));
            case SystemSchema.ST_VIEW_PARAM -> schema.module().views().forEach(view -> addParameters(rows, view));
            case SystemSchema.ST_VIEW_COLUMN -> schema.module().views().forEach(view -> addViewColumns(rows, view));
            case SystemSchema.ST_EVENT_TABLE -> addEventTables(rows);
            case SystemSchema.ST_TABLE_ACCESSOR -> addTableAccessors(rows);
            case SystemSchema.ST_INDEX_ACCESSOR ->
                schema.moduleTables().forEach(table -> addIndexAccessors(rows, table));
            case SystemSchema.ST_COLUMN_ACCESSOR ->
                schema.allTables().forEach(table -> addColumnAccessors(rows, table));
            default -> {} // st_sequence and st_module are not decided here; the others start empty
        }
        return rows.end();
    }

    private List<TableSchema> all() {
        List<TableSchema> all = new ArrayList<>(SystemSchema.TABLES);
        all.addAll(schema.allTables());
        return all;
    }

    private static void addTable(SystemRows rows, TableSchema table) {
        TableDef def = table.def();
        BsatnWriter row = rows.next()
                .writeInt(table.id())
                .writeString(def.name())
                .writeString(table.kind() == TableKind.SYSTEM ? "system" : "user")
                .writeString(def.access() == TableAccess.PUBLIC ? "public" : "private");
        if (def.primaryKey().isPresent()) {
            writeColumns(row.writeByte(SOME), List.of(def.primaryKey().getAsInt()));
        } else {
            row.writeByte(NONE);
        }
        rows.add();
    }

    private static void addColumns(SystemRows rows, TableSchema table) {
        List<ColumnDef> columns = table.def().columns();
        for (int i = 0; i < columns.size(); i++) {
            rows.next()
                    .writeInt(table.id())
                    .writeShort(i)
                    .writeString(columns.get(i).name())
                    .writeByteArray(TypeCodec.toBsatn(columns.get(i).type()));
            rows.add();
        }
    }

    private static void addIndexes(SystemRows rows, TableSchema table) {
        for (IndexInfo index : table.indexes()) {
            BsatnWriter row =
                    rows.next().writeInt(index.id()).writeInt(table.id()).writeString(index.name());
            writeAlgorithm(row, index.algorithm(), index.columns());
            rows.add();
        }
    }

    /** The tags are not those of module definitions. */
    private static void writeAlgorithm(BsatnWriter row, IndexAlgorithm algorithm, List<Integer> columns) {
        switch (algorithm) {
            case BTREE -> writeColumns(row.writeByte(1), columns);
            case DIRECT -> row.writeByte(2).writeShort(columns.getFirst());
            case HASH -> writeColumns(row.writeByte(3), columns);
        }
    }

    private static void writeColumns(BsatnWriter row, List<Integer> columns) {
        row.writeInt(columns.size());
        columns.forEach(row::writeShort);
    }

    private static void addConstraints(SystemRows rows, TableSchema table) {
        List<UniqueConstraintDef> constraints = table.def().uniqueConstraints();
        for (int i = 0; i < constraints.size(); i++) {
            BsatnWriter row = rows.next()
                    .writeInt(table.constraintIds().get(i))
                    .writeString(constraints.get(i).name())
                    .writeInt(table.id())
                    .writeByte(UNIQUE);
            writeColumns(row, constraints.get(i).columns());
            rows.add();
        }
    }

    private static void addSchedule(SystemRows rows, TableSchema table) {
        table.def().schedule().ifPresent(schedule -> {
            rows.next()
                    .writeInt(table.scheduleId())
                    .writeInt(table.id())
                    .writeString(schedule.functionName())
                    .writeString(schedule.name())
                    .writeShort(schedule.atColumn());
            rows.add();
        });
    }

    private void addRowRules(SystemRows rows) {
        for (String rule : schema.module().rowLevelSecurity()) {
            // What a rule yields rows of has been checked when it was published; 0 is no table's id.
            int table = RowRule.table(rule).map(schema::tableId).orElse(0);
            rows.next().writeInt(Math.max(0, table)).writeString(rule);
            rows.add();
        }
    }

    private void addView(SystemRows rows, ViewDef view) {
        rows.next()
                .writeInt(schema.viewId(view))
                .writeString(view.name())
                .writeByte(SOME)
                .writeInt(schema.tableId(view.name()))
                .writeBool(view.isPublic())
                .writeBool(view.isAnonymous());
        rows.add();
    }

    private void addParameters(SystemRows rows, ViewDef view) {
        List<Element> parameters = view.parameters().elements().elements();
        for (int i = 0; i < parameters.size(); i++) {
            rows.next()
                    .writeInt(schema.viewId(view))
                    .writeShort(i)
                    .writeString(view.parameters().names().get(i))
                    .writeByteArray(TypeCodec.toBsatn(parameters.get(i).type()));
            rows.add();
        }
    }

    private void addViewColumns(SystemRows rows, ViewDef view) {
        List<Element> declared = view.declaredRow().elements();
        for (int i = 0; i < declared.size(); i++) {
            Bytes type = TypeCodec.toBsatn(declared.get(i).type());
            rows.next()
                    .writeInt(schema.viewId(view))
                    .writeShort(i)
                    .writeString(view.columns().get(i).name())
                    .writeByteArray(type);
            rows.add();
        }
    }

    private void addEventTables(SystemRows rows) {
        for (TableSchema table : schema.moduleTables()) {
            if (table.def().isEvent()) {
                rows.next().writeInt(table.id());
                rows.add();
            }
        }
    }

    /** A table and a view may have the same name in the source; the table goes by it. */
    private void addTableAccessors(SystemRows rows) {
        List<TableSchema> tables = new ArrayList<>(schema.moduleTables());
        tables.addAll(schema.viewTables());
        for (TableSchema table : tables) {
            rows.next().writeString(table.def().name()).writeString(table.def().sourceName());
            rows.addUnlessTaken();
        }
    }

    private static void addIndexAccessors(SystemRows rows, TableSchema table) {
        for (IndexInfo index : table.indexes()) {
            rows.next().writeString(index.name()).writeString(index.sourceName());
            rows.add();
        }
    }

    /** A view's hidden column is not of its module's source, so it has no name there. */
    private static void addColumnAccessors(SystemRows rows, TableSchema table) {
        List<ColumnDef> columns = table.def().columns();
        for (ColumnDef column : table.kind() == TableKind.VIEW ? columns.subList(1, columns.size()) : columns) {
            rows.next()
                    .writeString(table.def().name())
                    .writeString(column.name())
                    .writeString(column.sourceName());
            rows.add();
        }
    }
}
