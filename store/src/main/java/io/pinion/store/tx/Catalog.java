package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.table.Epochs;
import io.pinion.store.table.Table;
import io.pinion.store.tx.Schema.IndexPlace;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one datastore under one schema. A table takes memory from when it is first asked for; what there is to ask
 * for is the schema's business and never changes. Used by the writer's thread.
 */
final class Catalog {
    private final Schema schema;
    private final Epochs epochs;
    /** By id less {@link Datastore#FIRST_ID}; those that the module writes. */
    private final @Nullable TableState[] tables;

    private final @Nullable IndexState[] indexes;
    /** Tables that only the host writes, those of the system and behind views, by id. */
    private Map<Integer, TableState> hostTables = Map.of();

    Catalog(Schema schema, Epochs epochs) {
        this.schema = schema;
        this.epochs = epochs;
        this.tables = new TableState[schema.ids().next().table() - Datastore.FIRST_ID];
        this.indexes = new IndexState[schema.ids().next().index() - Datastore.FIRST_ID];
    }

    Schema schema() {
        return schema;
    }

    ModuleDef module() {
        return schema.module();
    }

    /** Those of all tables. */
    Epochs epochs() {
        return epochs;
    }

    /** A table that the module writes. */
    @Nullable
    TableState table(int id) {
        int at = id - Datastore.FIRST_ID;
        if (at < 0 || at >= tables.length) {
            return null;
        }
        TableState state = tables[at];
        return state != null ? state : make(id);
    }

    private @Nullable TableState make(int id) {
        TableSchema table = schema.table(id);
        if (table == null || table.kind() != TableKind.MODULE) {
            return null;
        }
        return put(table, table.newTable(epochs));
    }

    /** Installs a table that the module writes. */
    TableState put(TableSchema table, Table rows) {
        TableState state = table.newState(rows);
        List<IndexInfo> infos = table.indexes();
        for (int i = 0; i < infos.size(); i++) {
            int id = infos.get(i).id();
            indexes[id - Datastore.FIRST_ID] =
                    new IndexState(id, state.def.indexes().get(i), state, i, state.table.index(i));
        }
        tables[state.id - Datastore.FIRST_ID] = state;
        return state;
    }

    /** An index of a table that the module writes. */
    @Nullable
    IndexState index(int id) {
        int at = id - Datastore.FIRST_ID;
        if (at < 0 || at >= indexes.length) {
            return null;
        }
        IndexState index = indexes[at];
        if (index == null) {
            IndexPlace place = schema.index(id);
            if (place != null && make(place.table().id()) != null) {
                index = indexes[at];
            }
        }
        return index;
    }

    /** A table that the host writes, null if it never did. */
    @Nullable
    TableState hostTable(int id) {
        return hostTables.get(id);
    }

    /** The same, made if need be; null if the host writes no such table. */
    @Nullable
    TableState writableHostTable(int id) {
        TableState state = hostTables.get(id);
        TableSchema table = schema.table(id);
        boolean isWritten = table != null && (table.kind() == TableKind.VIEW || SystemSchema.isWritten(id));
        if (state != null || table == null || !isWritten) {
            return state;
        }
        state = table.newState(table.newTable(epochs));
        if (hostTables.isEmpty()) {
            hostTables = new TreeMap<>();
        }
        hostTables.put(id, state);
        return state;
    }

    /** Those that have been made, by ascending id. */
    List<TableState> hostTables() {
        return List.copyOf(hostTables.values());
    }

    int nextTableId() {
        return schema.ids().next().table();
    }

    int nextIndexId() {
        return schema.ids().next().index();
    }

    int tableId(String name) {
        return schema.tableId(name);
    }

    int indexId(String name) {
        return schema.indexId(name);
    }

    /** Those that the module writes, by ascending id. */
    List<TableState> tables() {
        List<TableState> all = new ArrayList<>();
        for (TableSchema table : schema.moduleTables()) {
            TableState state = table(table.id());
            if (state != null) {
                all.add(state);
            }
        }
        return all;
    }

    /** The same without those that nobody has asked for. */
    List<TableState> madeTables() {
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

    /** Where a sequence stands. */
    BigInteger nextValue(TableSchema table, SequenceDef sequence) {
        TableState state = tables[table.id() - Datastore.FIRST_ID];
        return state == null ? sequence.start() : state.next(sequence);
    }

    /** Rows of the system's tables are good under every schema. */
    void keepSystemTables(Catalog next) {
        for (TableState state : hostTables.values()) {
            if (state.kind == TableKind.SYSTEM) {
                if (next.hostTables.isEmpty()) {
                    next.hostTables = new TreeMap<>();
                }
                next.hostTables.put(state.id, state);
            }
        }
    }
}
