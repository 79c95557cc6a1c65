package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.Table;
import io.pinion.store.tx.ResolvedMigration.ResolvedTable;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the catalogue of a new definition over the tables of an old one. {@link #resolve} decides ids and what becomes of
 * rows; {@link #schema} and {@link #install} do as it says. Nothing of the old catalogue is changed.
 */
final class SchemaUpdate {
    private final Catalog old;
    private final ModuleDef module;

    SchemaUpdate(Catalog old, ModuleDef module) {
        this.old = old;
        this.module = module;
    }

    // Deciding

    /** To be asked only if there is a plan. */
    ResolvedMigration resolve() {
        int nextTableId = old.nextTableId();
        int nextIndexId = old.nextIndexId();
        List<ResolvedTable> tables = new ArrayList<>();
        for (TableState table : old.tables()) {
            Optional<TableDef> def = newDef(table.def.name());
            if (def.isPresent()) {
                List<Integer> indexIds = new ArrayList<>();
                for (IndexDef index : def.get().indexes()) {
                    int kept = keptIndexId(table, index);
                    indexIds.add(kept > 0 ? kept : nextIndexId++);
                }
                tables.add(kept(table, def.get(), indexIds));
            }
        }
        for (TableDef def : Datastore.inIdOrder(module.tables())) {
            if (oldTable(def.name()).isEmpty()) {
                List<Integer> indexIds = new ArrayList<>();
                for (int i = 0; i < def.indexes().size(); i++) {
                    indexIds.add(nextIndexId++);
                }
                tables.add(new ResolvedTable(nextTableId++, def.name(), false, Bytes.EMPTY, indexIds, List.of()));
            }
        }
        return new ResolvedMigration(nextTableId, nextIndexId, tables);
    }

    private Optional<TableDef> newDef(String name) {
        return module.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst();
    }

    private Optional<TableState> oldTable(String name) {
        return old.tables().stream()
                .filter(table -> table.def.name().equals(name))
                .findFirst();
    }

    /** Of the index that is the same, or 0. */
    private int keptIndexId(TableState table, IndexDef after) {
        for (IndexState before : old.indexesOf(table)) {
            if (before.def().name().equals(after.name()) && before.def().isSameStructure(after)) {
                return before.id();
            }
        }
        return 0;
    }

    private static ResolvedTable kept(TableState table, TableDef def, List<Integer> indexIds) {
        boolean carriesRows = !def.isEvent();
        return new ResolvedTable(
                table.id,
                def.name(),
                carriesRows,
                carriesRows ? appended(table.def, def) : Bytes.EMPTY,
                indexIds,
                def.sequences().stream()
                        .filter(table::hasSequenceLike)
                        .map(SequenceDef::column)
                        .toList());
    }

    private static boolean hasSameRows(TableDef before, TableDef after) {
        return before.rowType().equals(after.rowType());
    }

    private static Bytes appended(TableDef before, TableDef after) {
        BsatnWriter all = new BsatnWriter();
        for (int column = before.columns().size(); column < after.columns().size(); column++) {
            Bytes initial = after.defaults().get(column);
            if (initial == null) {
                throw new IllegalStateException("column " + column + " of table " + after.name() + " has no default");
            }
            all.writeRaw(initial);
        }
        return all.toBytes();
    }

    /**
     * The new definition under its ids.
     *
     * @throws IllegalStateException if the migration does not fit
     */
    Schema schema(ResolvedMigration migration) {
        if (migration.tables().size() != module.tables().size()) {
            throw new IllegalStateException(
                    "the migration is of " + migration.tables().size() + " tables, the module has "
                            + module.tables().size());
        }
        IdAllocation ids = new IdAllocation(old.schema(), migration.nextTableId(), migration.nextIndexId());
        for (ResolvedTable resolved : migration.tables()) {
            TableDef def = def(resolved);
            ids.keepTable(resolved.id(), def, indexIds(resolved, def));
        }
        return Schema.of(module, ids.end(module));
    }

    /**
     * What has to be built or looked through, by the table's id; tables whose rows are good as they are are left out.
     *
     * @param next as {@link #schema} makes it
     */
    Map<Integer, TableBuild> builds(Schema next, ResolvedMigration migration) {
        Map<Integer, TableBuild> builds = new HashMap<>();
        for (ResolvedTable resolved : migration.tables()) {
            TableState before = old.table(resolved.id());
            if (before != null && resolved.carriesRows()) {
                TableSchema table = tableOf(next, resolved);
                List<SequenceDef> added = table.def().sequences().stream()
                        .filter(sequence -> !before.hasSequenceLike(sequence))
                        .toList();
                boolean isRebuilt = !canKeepRows(before, table.def());
                if (isRebuilt || !added.isEmpty()) {
                    builds.put(resolved.id(), new TableBuild(table, isRebuilt, resolved.appended(), added));
                }
            }
        }
        return builds;
    }

    private static boolean canKeepRows(TableState before, TableDef after) {
        return hasSameRows(before.def, after) && before.table.hasIndexes(IndexState.specs(after));
    }

    // Doing

    /**
     * Rows of views are not carried over.
     *
     * @param next as {@link #schema} makes it
     * @param rebuilt by table id, for every table that {@link #builds} names as rebuilt
     * @throws IllegalStateException if the migration does not fit
     */
    Catalog install(Schema next, ResolvedMigration migration, Map<Integer, TableBuild> rebuilt) {
        Catalog catalog = new Catalog(next, old.epochs());
        for (ResolvedTable resolved : migration.tables()) {
            TableSchema table = tableOf(next, resolved);
            TableState before = old.table(resolved.id());
            TableState state = catalog.put(table, rows(resolved, table, before, rebuilt.get(resolved.id())));
            for (int column : resolved.carriedSequences()) {
                state.takeOver(column, existing(resolved, before));
            }
        }
        old.keepSystemTables(catalog);
        return catalog;
    }

    private static TableSchema tableOf(Schema next, ResolvedTable resolved) {
        return Objects.requireNonNull(next.table(resolved.id()));
    }

    private Table rows(
            ResolvedTable resolved, TableSchema table, @Nullable TableState before, @Nullable TableBuild build) {
        if (!resolved.carriesRows()) {
            return table.newTable(old.epochs());
        }
        Table rows = existing(resolved, before).table;
        if (build != null && build.isRebuilt()) {
            Table fresh = build.table();
            fresh.join(old.epochs());
            return fresh;
        }
        return rows.withShape(table.shape());
    }

    private static TableState existing(ResolvedTable resolved, @Nullable TableState before) {
        if (before == null) {
            throw new IllegalStateException(
                    "the migration takes over table " + resolved.id() + ", which does not exist");
        }
        return before;
    }

    private TableDef def(ResolvedTable resolved) {
        return newDef(resolved.name())
                .orElseThrow(() -> new IllegalStateException(
                        "the migration is of table " + resolved.name() + ", which the module does not have"));
    }

    private static Map<IndexDef, Integer> indexIds(ResolvedTable resolved, TableDef def) {
        if (resolved.indexIds().size() != def.indexes().size()) {
            throw new IllegalStateException(
                    "the migration has " + resolved.indexIds().size() + " indexes of table " + def.name()
                            + ", the module has " + def.indexes().size());
        }
        Map<IndexDef, Integer> ids = new HashMap<>();
        for (int i = 0; i < def.indexes().size(); i++) {
            ids.put(def.indexes().get(i), resolved.indexIds().get(i));
        }
        return ids;
    }
}
