package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.WeakPool;
import io.pinion.store.tx.SchemaIds.ObjectName;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All of a database that follows from its definition and the ids it has handed out: the module's tables, the backing
 * tables of its views, the system's tables, and what these hold about all of them. Immutable, threadsafe, and one object
 * for all databases that have it in common, however many they are.
 */
final class Schema {
    private static final WeakPool<Key, Schema> SHARED = new WeakPool<>();

    private final ModuleDef module;
    private final SchemaIds ids;
    /** By ascending id. */
    private final List<TableSchema> moduleTables = new ArrayList<>();

    private final List<TableSchema> viewTables = new ArrayList<>();
    /** By id less {@link Datastore#FIRST_ID}. */
    private final @Nullable TableSchema[] tables;

    private final @Nullable IndexPlace[] indexes;
    private final Map<String, Integer> tableIds = new HashMap<>();
    private final Map<String, Integer> indexIds = new HashMap<>();
    private final DefinitionRows rows;

    /** Which table an index belongs to, and where among its indexes it stands. */
    record IndexPlace(TableSchema table, int position) {}

    /** A definition counts as the same if it is the same object: comparing two takes too long. */
    private record Key(ModuleDef module, SchemaIds ids) {
        @Override
        @SuppressWarnings("ReferenceEquality") // see above
        public boolean equals(Object other) {
            return other instanceof Key key && module == key.module && ids.equals(key.ids);
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(module) + ids.next().hashCode();
        }
    }

    private Schema(ModuleDef module, SchemaIds ids) {
        this.module = module;
        this.ids = ids;
        this.tables = new TableSchema[ids.next().table() - Datastore.FIRST_ID];
        this.indexes = new IndexPlace[ids.next().index() - Datastore.FIRST_ID];
        module.tables().forEach(def -> add(def, TableKind.MODULE, moduleTables));
        module.views().stream().map(ViewTableDef::of).forEach(def -> add(def, TableKind.VIEW, viewTables));
        moduleTables.sort(Comparator.comparingInt(TableSchema::id));
        viewTables.sort(Comparator.comparingInt(TableSchema::id));
        nameAll();
        this.rows = new DefinitionRows(this);
    }

    static Schema of(ModuleDef module, SchemaIds ids) {
        Key key = new Key(module, ids);
        Schema known = SHARED.find(key);
        return known != null ? known : SHARED.share(key, new Schema(module, ids));
    }

    private void add(TableDef def, TableKind kind, List<TableSchema> target) {
        List<IndexInfo> infos = new ArrayList<>();
        for (IndexDef index : def.indexes()) {
            infos.add(IndexState.info(id(ids.indexes(), new ObjectName(def.name(), index.name())), index));
        }
        TableSchema table = new TableSchema(
                new TableInfo(id(ids.tables(), def.name()), kind, def.rowType(), infos, def),
                def.uniqueConstraints().stream()
                        .map(constraint -> id(ids.constraints(), new ObjectName(def.name(), constraint.name())))
                        .toList(),
                def.sequences().stream()
                        .map(sequence -> id(ids.sequences(), new ObjectName(def.name(), sequence.name())))
                        .toList(),
                ids.schedules().getOrDefault(def.name(), 0));
        target.add(table);
        tables[table.id() - Datastore.FIRST_ID] = table;
        for (int i = 0; i < infos.size(); i++) {
            indexes[infos.get(i).id() - Datastore.FIRST_ID] = new IndexPlace(table, i);
        }
    }

    /** @throws IllegalArgumentException if there is none */
    static <K> int id(Map<K, Integer> ids, K name) {
        Integer id = ids.get(name);
        if (id == null) {
            throw new IllegalArgumentException("there is no id for " + name);
        }
        return id;
    }

    /** Canonical names come first, then the system's, then those of the source. */
    private void nameAll() {
        List<TableSchema> all = allTables();
        for (TableSchema table : all) {
            tableIds.put(table.def().name(), table.id());
            table.indexes().forEach(index -> indexIds.put(index.name(), index.id()));
        }
        for (TableSchema table : SystemSchema.TABLES) {
            tableIds.putIfAbsent(table.def().name(), table.id());
            table.indexes().forEach(index -> indexIds.putIfAbsent(index.name(), index.id()));
        }
        for (TableSchema table : all) {
            tableIds.putIfAbsent(table.def().sourceName(), table.id());
            table.indexes().forEach(index -> indexIds.putIfAbsent(index.sourceName(), index.id()));
        }
    }

    ModuleDef module() {
        return module;
    }

    SchemaIds ids() {
        return ids;
    }

    /** By ascending id. */
    List<TableSchema> moduleTables() {
        return moduleTables;
    }

    /** Behind views, by ascending id. */
    List<TableSchema> viewTables() {
        return viewTables;
    }

    /** The module's and those behind views, by ascending id. */
    List<TableSchema> allTables() {
        List<TableSchema> all = new ArrayList<>(moduleTables);
        all.addAll(viewTables);
        all.sort(Comparator.comparingInt(TableSchema::id));
        return all;
    }

    /** Of whatever kind. */
    @Nullable
    TableSchema table(int id) {
        int at = id - Datastore.FIRST_ID;
        if (at < 0) {
            return SystemSchema.table(id);
        }
        return at < tables.length ? tables[at] : null;
    }

    /** Of whatever kind of table. */
    @Nullable
    IndexPlace index(int id) {
        int at = id - Datastore.FIRST_ID;
        if (at < 0) {
            return SystemSchema.index(id);
        }
        return at < indexes.length ? indexes[at] : null;
    }

    int tableId(String name) {
        return tableIds.getOrDefault(name, -StoreCode.NO_SUCH_TABLE);
    }

    int indexId(String name) {
        return indexIds.getOrDefault(name, -StoreCode.NO_SUCH_INDEX);
    }

    int viewId(ViewDef view) {
        return id(ids.views(), view.name());
    }

    /** What system tables hold about all this. */
    DefinitionRows rows() {
        return rows;
    }
}
