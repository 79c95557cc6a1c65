package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.PointerList;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.Delta.TableDelta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one database, in memory, changed in place by one transaction at a time. Used by one thread at a time, the
 * writer; others read {@linkplain #freeze frozen views}. Nothing blocks.
 *
 * <p>Ids of tables and indexes count from {@value #FIRST_ID}; the same definitions in the same order give the same ids,
 * so a replay of definitions and deltas leads to the same state.
 */
public final class Datastore {
    /** Lower ids belong to the system. */
    public static final int FIRST_ID = 4096;

    private Catalog catalog;
    private final FrozenViews views;
    private final List<TableState> touched = new ArrayList<>();
    private final PointerList found = new PointerList();
    private @Nullable WriteTransaction open;
    /** Whether a commit began to give up what it had deleted and did not come to its end. */
    private boolean isLost;

    private Datastore(Catalog catalog, FrozenViews views) {
        this.catalog = catalog;
        this.views = views;
    }

    /** An empty datastore with the module's tables. Table ids are given in ascending byte order of their names. */
    public static Datastore create(ModuleDef module) {
        FrozenViews views = new FrozenViews();
        Catalog.Builder builder = new Catalog.Builder(module, views.epochs(), FIRST_ID, FIRST_ID);
        inIdOrder(module.tables()).forEach(builder::addTable);
        return new Datastore(builder.build(), views);
    }

    /**
     * An empty datastore with the module's tables, under ids that were given out before.
     *
     * @throws IllegalArgumentException if a table or an index of the module has none
     */
    public static Datastore restore(ModuleDef module, DatastoreIds ids) {
        FrozenViews views = new FrozenViews();
        Catalog.Builder builder = new Catalog.Builder(module, views.epochs(), ids.nextTable(), ids.nextIndex());
        for (TableDef table : inIdOrder(module.tables())) {
            Map<IndexDef, Integer> indexIds = new HashMap<>();
            table.indexes().forEach(index -> indexIds.put(index, id(ids.indexes(), "index", index.name())));
            int id = id(ids.tables(), "table", table.name());
            builder.keepTable(id, table, TableState.emptyTable(table, views.epochs()), indexIds);
        }
        return new Datastore(builder.build(), views);
    }

    private static int id(Map<String, Integer> ids, String what, String name) {
        Integer id = ids.get(name);
        if (id == null) {
            throw new IllegalArgumentException("there is no id for " + what + " " + name);
        }
        return id;
    }

    /** What {@link #restore} needs beside the definition. */
    public DatastoreIds ids() {
        Map<String, Integer> tables = new HashMap<>();
        Map<String, Integer> indexes = new HashMap<>();
        for (TableInfo table : tables()) {
            tables.put(table.name(), table.id());
            table.indexes().forEach(index -> indexes.put(index.name(), index.id()));
        }
        return new DatastoreIds(tables, indexes, catalog.nextTableId(), catalog.nextIndexId());
    }

    static List<TableDef> inIdOrder(List<TableDef> tables) {
        Comparator<TableDef> byName =
                Comparator.comparing(table -> table.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
        return tables.stream().sorted(byName).toList();
    }

    /** The definition the tables were last made or changed for. */
    public ModuleDef module() {
        return catalog.module();
    }

    /** As {@link #begin(long, BooleanSupplier)} with the wall clock's time and without a stop. */
    public Transaction begin() {
        return begin(System.currentTimeMillis() * 1000, () -> false);
    }

    /**
     * Opens the one transaction.
     *
     * @param nowMicros since the Unix epoch: what delays of scheduled rows are counted from
     * @param stopRequested asked every 1,024 rows of a long operation, which then throws
     *     {@link OperationStoppedException}; must be fast
     * @throws IllegalStateException if another is open
     */
    public Transaction begin(long nowMicros, BooleanSupplier stopRequested) {
        requireNoTransaction("begin a transaction");
        views.settle();
        open = new WriteTransaction(this, nowMicros, stopRequested);
        return open;
    }

    /**
     * All tables as they are now, to be read on other threads while this one goes on. Must be closed.
     *
     * @param reader who reads it, for people: named if the view is closed too early, or never
     * @throws IllegalStateException if a transaction is open
     */
    public FrozenView freeze(String reader) {
        requireNoTransaction("freeze");
        return views.freeze(catalog, reader);
    }

    /** How many frozen views are open, and how many were never closed. */
    public FrozenViewCounts frozenViews() {
        return views.counts();
    }

    /** Whether a transaction is open. */
    public boolean isInTransaction() {
        return open != null;
    }

    /**
     * Repeats a committed transaction, without asking again whether its rows are valid.
     *
     * @throws IllegalStateException if a transaction is open, or if the delta does not fit: the datastore is then of no
     *     use any more
     */
    public void apply(Delta delta) {
        requireNoTransaction("apply a delta");
        views.settle();
        for (TableDelta table : delta.tables()) {
            apply(table);
        }
        for (SequencePosition position : delta.sequences()) {
            if (!known(position.tableId()).replayPosition(position)) {
                throw new IllegalStateException("the delta moves a sequence that table "
                        + known(position.tableId()).def.name() + " does not have, on column " + position.column());
            }
        }
    }

    private void apply(TableDelta delta) {
        TableState state = known(delta.tableId());
        if (state.def.isEvent()) {
            return;
        }
        RowList deletes = delta.deletes();
        for (int i = 0; i < deletes.count(); i++) {
            int start = deletes.start(i);
            if (!state.replayDelete(deletes.unsafeArray(), start, deletes.end(i) - start)) {
                throw new IllegalStateException(
                        "the delta deletes a row that table " + state.def.name() + " does not have: " + deletes.get(i));
            }
        }
        RowList inserts = delta.inserts();
        for (int i = 0; i < inserts.count(); i++) {
            int start = inserts.start(i);
            if (!state.replayInsert(inserts.unsafeArray(), start, inserts.end(i) - start)) {
                throw new IllegalStateException("the delta inserts a row that collides with one of table "
                        + state.def.name() + ": " + inserts.get(i));
            }
        }
    }

    private TableState known(int tableId) {
        TableState state = tableState(tableId);
        if (state == null) {
            throw new IllegalStateException("the delta changes table " + tableId + ", which does not exist");
        }
        return state;
    }

    /**
     * Changes the schema and keeps the rows, or changes nothing and says why not.
     *
     * @throws IllegalStateException if a transaction is open
     */
    public MigrationResult tryUpdate(ModuleDef module) {
        requireNoTransaction("change the schema");
        views.settle();
        SchemaUpdate update = new SchemaUpdate(catalog, module);
        if (!update.reasons().isEmpty()) {
            return new MigrationResult.Refused(update.reasons());
        }
        catalog = update.build();
        return new MigrationResult.Updated(update.steps(), update.disconnectsClients());
    }

    /** Every table, by ascending id. */
    public List<TableInfo> tables() {
        return catalog.tables().stream().map(catalog::info).toList();
    }

    /** By canonical name, else by source name. */
    public Optional<TableInfo> table(String name) {
        return table(tableId(name));
    }

    public Optional<TableInfo> table(int tableId) {
        return Optional.ofNullable(tableState(tableId)).map(catalog::info);
    }

    /** Rows as the open transaction sees them; 0 for a table that does not exist. */
    public long rowCount(int tableId) {
        TableState state = tableState(tableId);
        return state == null ? 0 : state.table.rowCount();
    }

    /** By canonical name, else by source name; negated {@link StoreCode#NO_SUCH_TABLE} if there is none. */
    public int tableId(String name) {
        return catalog.tableId(name);
    }

    /** By canonical name, else by source name; negated {@link StoreCode#NO_SUCH_INDEX} if there is none. */
    public int indexId(String name) {
        return catalog.indexId(name);
    }

    @Nullable
    TableState tableState(int id) {
        return catalog.table(id);
    }

    @Nullable
    IndexState indexState(int id) {
        return catalog.index(id);
    }

    /** Tables that the open transaction has to do with. */
    List<TableState> touched() {
        return touched;
    }

    /** Room for the rows that one operation finds. */
    PointerList found() {
        return found;
    }

    /** Keeps what the open transaction did. If that fails for lack of stack or memory, there is no way back. */
    void keep() {
        isLost = true;
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).keep();
        }
        touched.clear();
        open = null;
        isLost = false;
    }

    /** Undoes what the open transaction did. May be repeated if it fails for lack of stack or memory. */
    void undo() {
        requireNotLost();
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).undo();
        }
        touched.clear();
        open = null;
    }

    private void requireNotLost() {
        if (isLost) {
            throw new IllegalStateException("the datastore is of no use any more: a commit was interrupted half way");
        }
    }

    private void requireNoTransaction(String what) {
        requireNotLost();
        if (open != null) {
            throw new IllegalStateException("cannot " + what + " while a transaction is open");
        }
    }
}
