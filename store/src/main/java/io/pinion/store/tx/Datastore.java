package io.pinion.store.tx;

import io.pinion.store.schema.MigrationPlan;
import io.pinion.store.schema.MigrationStep;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.PointerList;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.Delta.TableDelta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntFunction;
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

    private static final int POLL_MASK = 1023;

    private Catalog catalog;
    private final FrozenViews views;
    private @Nullable ModuleFacts facts;
    private final List<TableState> touched = new ArrayList<>(0);
    private final PointerList found = new PointerList();
    private @Nullable WriteTransaction open;
    private @Nullable MigrationBuild building;
    /** Whether a commit began to give up what it had deleted, or a replay began, and did not come to its end. */
    private boolean isLost;

    private Datastore(Catalog catalog, FrozenViews views) {
        this.catalog = catalog;
        this.views = views;
    }

    /** An empty datastore with the module's tables. Table ids are given in ascending byte order of their names. */
    public static Datastore create(ModuleDef module) {
        FrozenViews views = new FrozenViews();
        Schema schema = Schema.of(module, IdAllocation.first(module));
        return new Datastore(new Catalog(schema, views.epochs()), views);
    }

    /**
     * An empty datastore with the module's tables, under ids that were given out before.
     *
     * @throws IllegalArgumentException if an object of the module has none
     */
    public static Datastore restore(ModuleDef module, SchemaIds ids) {
        FrozenViews views = new FrozenViews();
        return new Datastore(new Catalog(Schema.of(module, ids), views.epochs()), views);
    }

    /** What {@link #restore} needs beside the definition. */
    public SchemaIds ids() {
        return catalog.schema().ids();
    }

    static List<TableDef> inIdOrder(List<TableDef> tables) {
        return inIdOrder(tables, TableDef::name);
    }

    static <T> List<T> inIdOrder(List<T> objects, Function<T, String> name) {
        Comparator<T> byName = Comparator.comparing(
                object -> name.apply(object).getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
        return objects.stream().sorted(byName).toList();
    }

    /** Says what {@code st_module} tells; without it that table is empty. */
    public void describe(ModuleFacts module) {
        facts = module;
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
        return views.freeze(catalog, facts, reader);
    }

    /** How many frozen views are open, and how many were never closed. */
    public FrozenViewCounts frozenViews() {
        return views.counts();
    }

    /** Whether a transaction is open. */
    public boolean isInTransaction() {
        return open != null;
    }

    /** As {@link #apply(Delta, BooleanSupplier)}, without a stop. */
    public void apply(Delta delta) {
        apply(delta, () -> false);
    }

    /**
     * Repeats a committed transaction, without asking again whether its rows are valid. If it throws, the datastore is of
     * no use any more.
     *
     * @param stopRequested as in {@link #begin(long, BooleanSupplier)}
     * @throws IllegalStateException if a transaction is open, or if the delta does not fit
     */
    public void apply(Delta delta, BooleanSupplier stopRequested) {
        requireNoTransaction("apply a delta");
        views.settle();
        isLost = true;
        for (TableDelta table : delta.tables()) {
            apply(table, stopRequested);
        }
        // What became of rows of views is not repeated: they are evaluated anew.
        for (SequencePosition position : delta.sequences()) {
            if (!known(position.tableId()).replayPosition(position)) {
                throw new IllegalStateException("the delta moves a sequence that table "
                        + known(position.tableId()).def.name() + " does not have, on column " + position.column());
            }
        }
        isLost = false;
        committed(delta);
    }

    /**
     * Takes back the newest commit, that of rows of views included. Values that its sequences gave out are skipped. If it
     * throws, the datastore is of no use any more.
     *
     * @throws IllegalStateException if a transaction is open, or if the delta is that of another commit
     */
    public void takeBack(Delta newest) {
        requireNoTransaction("take back a commit");
        views.settle();
        isLost = true;
        Delta inverse = newest.inverse();
        for (TableDelta table : inverse.tables()) {
            apply(table, () -> false);
        }
        for (TableDelta view : inverse.views()) {
            apply(Objects.requireNonNull(catalog.writableHostTable(view.tableId())), view, () -> false);
        }
        isLost = false;
        committed(inverse);
    }

    private void apply(TableDelta delta, BooleanSupplier stopRequested) {
        apply(known(delta.tableId()), delta, stopRequested);
    }

    private static void apply(TableState state, TableDelta delta, BooleanSupplier stopRequested) {
        if (state.def.isEvent()) {
            return;
        }
        RowList deletes = delta.deletes();
        for (int i = 0; i < deletes.count(); i++) {
            poll(i + 1, stopRequested);
            int start = deletes.start(i);
            if (!state.table.remove(deletes.unsafeArray(), start, deletes.end(i) - start)) {
                throw new IllegalStateException(
                        "the delta deletes a row that table " + state.def.name() + " does not have: " + deletes.get(i));
            }
        }
        RowList inserts = delta.inserts();
        for (int i = 0; i < inserts.count(); i++) {
            poll(i + 1, stopRequested);
            int start = inserts.start(i);
            if (!state.table.add(inserts.unsafeArray(), start, inserts.end(i) - start)) {
                throw new IllegalStateException("the delta inserts a row that collides with one of table "
                        + state.def.name() + ": " + inserts.get(i));
            }
        }
    }

    private static void poll(int done, BooleanSupplier stopRequested) {
        if ((done & POLL_MASK) == 0 && stopRequested.getAsBoolean()) {
            throw new OperationStoppedException();
        }
    }

    private TableState known(int tableId) {
        TableState state = tableId < FIRST_ID ? catalog.writableHostTable(tableId) : tableState(tableId);
        if (state == null) {
            throw new IllegalStateException("the delta changes table " + tableId + ", which does not exist");
        }
        return state;
    }

    /**
     * Changes the schema and keeps the rows, or changes nothing and says why not. All of it happens here and now: for
     * large tables see {@link #beginUpdate}.
     *
     * @throws IllegalStateException if a transaction is open or another update is on its way
     */
    public MigrationResult tryUpdate(ModuleDef module) {
        requireNoTransaction("change the schema");
        return switch (MigrationPlan.between(catalog.module(), module)) {
            case MigrationPlan.Refused(List<String> reasons) -> new MigrationResult.Refused(reasons);
            case MigrationPlan.Possible plan -> {
                MigrationBuild build = beginUpdate(plan, module);
                try {
                    build.build();
                    yield finishUpdate(build);
                } finally {
                    build.abandon();
                }
            }
        };
    }

    /**
     * Begins a change of the schema. The tables stay as they are, and transactions go on, until {@link #finishUpdate}; what
     * they commit is noted for the tables that are made anew meanwhile. One update at a time; an abandoned one is none.
     *
     * @param plan from {@link #module} to the other definition
     * @throws IllegalStateException if a transaction is open or another update is on its way
     */
    public MigrationBuild beginUpdate(MigrationPlan.Possible plan, ModuleDef module) {
        requireNoTransaction("change the schema");
        MigrationBuild running = building;
        if (running != null && !running.isAbandoned()) {
            throw new IllegalStateException("another update is on its way");
        }
        SchemaUpdate update = new SchemaUpdate(catalog, module);
        ResolvedMigration migration = update.resolve();
        Schema next = update.schema(migration);
        Map<Integer, TableBuild> tables = update.builds(next, migration);
        long rowCount = tables.keySet().stream().mapToLong(this::rowCount).sum();
        FrozenView view = tables.isEmpty() ? null : freeze("an update of the schema");
        MigrationBuild build = new MigrationBuild(plan, next, migration, tables, rowCount, view);
        building = build;
        return build;
    }

    /**
     * Catches up with what is left and puts the new schema in force, or changes nothing and says why not. The update is
     * over in both cases. An abandoned one is refused.
     *
     * @throws IllegalStateException if a transaction is open or the update is not the one that was begun last
     */
    public MigrationResult finishUpdate(MigrationBuild build) {
        requireNoTransaction("change the schema");
        if (build.isAbandoned()) {
            return new MigrationResult.Refused(build.reasons());
        }
        if (building != build) {
            throw new IllegalStateException("the update is not on its way");
        }
        building = null;
        views.settle();
        build.catchUp(build.takeChanges());
        List<String> reasons = new ArrayList<>(build.reasons());
        reasons.addAll(rowsInTheWay(build.plan()));
        if (!reasons.isEmpty()) {
            return new MigrationResult.Refused(reasons);
        }
        catalog = new SchemaUpdate(catalog, build.schema().module())
                .install(build.schema(), build.migration(), build.tables());
        return new MigrationResult.Updated(build.plan(), build.migration());
    }

    /** Which tables that are to go have rows. */
    private List<String> rowsInTheWay(MigrationPlan.Possible plan) {
        List<String> reasons = new ArrayList<>();
        for (MigrationStep step : plan.steps()) {
            if (step instanceof MigrationStep.RemoveTable(String name) && rowCount(tableId(name)) > 0) {
                reasons.add("table " + name + " cannot be removed: it has " + rowCount(tableId(name)) + " rows");
            }
        }
        return reasons;
    }

    /**
     * Repeats an update from what it came to, without a plan. If it throws, the datastore is of no use any more.
     *
     * @param stopRequested as in {@link #begin(long, BooleanSupplier)}
     * @throws IllegalStateException if a transaction is open, or if the migration does not fit
     */
    public void repeatUpdate(ModuleDef module, ResolvedMigration migration, BooleanSupplier stopRequested) {
        requireNoTransaction("change the schema");
        views.settle();
        SchemaUpdate update = new SchemaUpdate(catalog, module);
        Schema next = update.schema(migration);
        Map<Integer, TableBuild> tables = update.builds(next, migration);
        tables.values().removeIf(table -> !table.isRebuilt());
        tables.forEach((id, table) -> {
            table.copy(known(id).table, stopRequested);
            if (!table.reasons().isEmpty()) {
                throw new IllegalStateException("the migration does not repeat: " + String.join("; ", table.reasons()));
            }
        });
        catalog = update.install(next, migration, tables);
    }

    /** Every table of the module, by ascending id. */
    public List<TableInfo> tables() {
        return catalog.schema().moduleTables().stream().map(TableSchema::info).toList();
    }

    /** Of whatever kind, by canonical name, else by source name. */
    public Optional<TableInfo> table(String name) {
        return table(tableId(name));
    }

    public Optional<TableInfo> table(int tableId) {
        return Optional.ofNullable(catalog.schema().table(tableId)).map(TableSchema::info);
    }

    /** Rows of a module's table as the open transaction sees them; 0 for a table that does not exist. */
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

    /** A table that the module may write. */
    @Nullable
    TableState tableState(int id) {
        return catalog.table(id);
    }

    /** An index of a table that the module may write. */
    @Nullable
    IndexState indexState(int id) {
        return catalog.index(id);
    }

    Catalog catalog() {
        return catalog;
    }

    /** System tables as the open transaction sees them. */
    RunningRows systemRows() {
        return new RunningRows(catalog.schema(), facts, catalog::nextValue);
    }

    /** What the host itself writes down, in the open transaction. */
    public SystemRecords records() {
        return new SystemRecords(this);
    }

    /**
     * Shows what the open transaction has changed so far, on balance.
     *
     * @param sinks asked once for each table with changes; null for one whose rows are of no interest, else it gets every
     *     row that was inserted or deleted
     * @throws IllegalStateException if no transaction is open
     */
    public void forEachChange(IntFunction<@Nullable RowSink> sinks) {
        openTransaction();
        for (int i = 0; i < touched.size(); i++) {
            TableState state = touched.get(i);
            RowSink sink = state.hasChanges() ? sinks.apply(state.id) : null;
            if (sink != null) {
                state.forEachChange(sink);
            }
        }
    }

    /** The rows of views, for the open transaction. */
    public ViewRows views() {
        return new ViewRows(this);
    }

    /** @throws IllegalStateException if there is none */
    WriteTransaction openTransaction() {
        WriteTransaction transaction = open;
        if (transaction == null) {
            throw new IllegalStateException("no transaction is open");
        }
        return transaction;
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

    /** An update that is on its way learns of what was committed. */
    void committed(Delta delta) {
        MigrationBuild build = building;
        if (build != null) {
            build.committed(delta);
            building = build.isAbandoned() ? null : build;
        }
    }

    private void requireNotLost() {
        if (isLost) {
            throw new IllegalStateException(
                    "the datastore is of no use any more: a commit or a replay was interrupted half way");
        }
    }

    private void requireNoTransaction(String what) {
        requireNotLost();
        if (open != null) {
            throw new IllegalStateException("cannot " + what + " while a transaction is open");
        }
    }
}
