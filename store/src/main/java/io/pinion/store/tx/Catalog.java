package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.Epochs;
import io.pinion.store.table.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables and indexes of one schema, by id and by name. Which ones there are never changes; their rows do. */
final class Catalog {
    private final ModuleDef module;
    private final Epochs epochs;
    private final @Nullable TableState[] tables;
    private final @Nullable IndexState[] indexes;
    private final Map<String, Integer> tableIds = new HashMap<>();
    private final Map<String, Integer> indexIds = new HashMap<>();
    private final int nextTableId;
    private final int nextIndexId;

    private Catalog(Builder builder) {
        module = builder.module;
        epochs = builder.epochs;
        nextTableId = builder.nextTableId;
        nextIndexId = builder.nextIndexId;
        tables = new TableState[nextTableId - Datastore.FIRST_ID];
        indexes = new IndexState[nextIndexId - Datastore.FIRST_ID];
        builder.tables.forEach(table -> tables[table.id - Datastore.FIRST_ID] = table);
        builder.indexes.forEach(index -> indexes[index.id() - Datastore.FIRST_ID] = index);
        builder.tables.forEach(table -> tableIds.put(table.def.name(), table.id));
        builder.tables.forEach(table -> tableIds.putIfAbsent(table.def.sourceName(), table.id));
        builder.indexes.forEach(index -> indexIds.put(index.def().name(), index.id()));
        builder.indexes.forEach(index -> indexIds.putIfAbsent(index.def().sourceName(), index.id()));
    }

    ModuleDef module() {
        return module;
    }

    /** Those of all tables. */
    Epochs epochs() {
        return epochs;
    }

    @Nullable
    TableState table(int id) {
        int at = id - Datastore.FIRST_ID;
        return at >= 0 && at < tables.length ? tables[at] : null;
    }

    @Nullable
    IndexState index(int id) {
        int at = id - Datastore.FIRST_ID;
        return at >= 0 && at < indexes.length ? indexes[at] : null;
    }

    int tableId(String name) {
        return tableIds.getOrDefault(name, -StoreCode.NO_SUCH_TABLE);
    }

    int indexId(String name) {
        return indexIds.getOrDefault(name, -StoreCode.NO_SUCH_INDEX);
    }

    /** By ascending id. */
    List<TableState> tables() {
        List<TableState> all = new ArrayList<>();
        for (TableState table : tables) {
            if (table != null) {
                all.add(table);
            }
        }
        return all;
    }

    List<IndexState> indexesOf(TableState table) {
        List<IndexState> all = new ArrayList<>();
        for (IndexState index : indexes) {
            if (index != null && index.owner() == table) {
                all.add(index);
            }
        }
        return all;
    }

    TableInfo info(TableState table) {
        return table.info(indexesOf(table));
    }

    int nextTableId() {
        return nextTableId;
    }

    int nextIndexId() {
        return nextIndexId;
    }

    /** Gathers the tables of a catalogue and hands out ids, each once. */
    static final class Builder {
        private final ModuleDef module;
        private final Epochs epochs;
        private final List<TableState> tables = new ArrayList<>();
        private final List<IndexState> indexes = new ArrayList<>();
        private int nextTableId;
        private int nextIndexId;

        Builder(ModuleDef module, Epochs epochs, int nextTableId, int nextIndexId) {
            this.module = module;
            this.epochs = epochs;
            this.nextTableId = nextTableId;
            this.nextIndexId = nextIndexId;
        }

        /** Adds an empty table under new ids. */
        void addTable(TableDef def) {
            keepTable(nextTableId++, def, TableState.emptyTable(def, epochs), Map.of());
        }

        /**
         * Adds a table that exists already.
         *
         * @param indexIds those to keep, by index definition; other indexes get new ones
         */
        TableState keepTable(int id, TableDef def, Table table, Map<IndexDef, Integer> indexIds) {
            TableState state = new TableState(id, def, table);
            tables.add(state);
            for (int i = 0; i < def.indexes().size(); i++) {
                IndexDef index = def.indexes().get(i);
                Integer kept = indexIds.get(index);
                indexes.add(new IndexState(kept == null ? nextIndexId++ : kept, index, state, i, table.index(i)));
            }
            return state;
        }

        Catalog build() {
            return new Catalog(this);
        }
    }
}
