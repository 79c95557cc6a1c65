package io.pinion.store.query;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.RowRule;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The tables of a datastore or a frozen view as SQL sees them. Used by the datastore's thread, or any one for a view;
 * plans made with it are not bound to it. What it tells of a table is put together once, so whoever asks often keeps it:
 * it goes along with updates of the schema.
 */
public final class DatastoreCatalog implements Catalog {
    private final Supplier<ModuleDef> module;
    private final Function<String, Optional<TableInfo>> tables;
    private final Supplier<List<TableInfo>> all;
    private final IntToLongFunction rowCounts;
    /** By id. */
    private final Map<Integer, Described> described = new HashMap<>();

    /** @param module of which the table is, as what restricts its rows stands there */
    private record Described(ModuleDef module, TableInfo info, Table table) {}

    public DatastoreCatalog(Datastore datastore) {
        this.module = datastore::module;
        this.tables = datastore::table;
        this.all = datastore::tables;
        this.rowCounts = datastore::rowCount;
    }

    public DatastoreCatalog(FrozenView view) {
        this.module = view::module;
        this.tables = view::table;
        this.all = view::tables;
        RowSource rows = view.reader();
        this.rowCounts = rows::rowCount;
    }

    @Override
    public Optional<Table> table(String name) {
        return tables.apply(name).map(this::table);
    }

    /** Another object when the schema is another; one that is equal to it may be another object, too. */
    ModuleDef module() {
        return module.get();
    }

    /** Names, each quoted part by part, of the module's tables that keep rows and that the caller may read. */
    List<String> readableTables(Caller caller) {
        return all.get().stream()
                .filter(info -> info.kind() == TableKind.MODULE && !info.isEvent())
                .filter(info -> info.access() == TableAccess.PUBLIC || caller.isOwner())
                .map(info -> Arrays.stream(info.name().split("\\.", -1))
                        .map(part -> '"' + part + '"')
                        .collect(Collectors.joining(".")))
                .toList();
    }

    /** Those of the system and of views are small. */
    @Override
    public long rowCount(Table table) {
        boolean isCounted = table.id() >= Datastore.FIRST_ID && table.view() == null;
        return isCounted ? rowCounts.applyAsLong(table.id()) : UNKNOWN_ROWS;
    }

    @SuppressWarnings("ReferenceEquality") // comparing them takes longer than describing the table
    private Table table(TableInfo info) {
        ModuleDef now = module.get();
        Described known = described.get(info.id());
        if (known == null || known.info() != info || known.module() != now) {
            known = new Described(now, info, describe(info));
            described.put(info.id(), known);
        }
        return known.table();
    }

    private Table describe(TableInfo info) {
        List<Index> indexes = info.indexes().stream()
                .map(index -> new Index(index.id(), index.columns(), index.isUnique(), index.isOrdered()))
                .toList();
        return new Table(
                info.id(),
                info.name(),
                columns(info),
                indexes,
                info.access() == TableAccess.PUBLIC,
                info.isEvent(),
                rowRules(info),
                info.idInPublic(),
                info.kind() == TableKind.VIEW ? new View(isAnonymous(info.name())) : null);
    }

    private boolean isAnonymous(String view) {
        return module.get().view(view).map(ViewDef::isAnonymous).orElseThrow();
    }

    private static List<Column> columns(TableInfo info) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < info.def().columns().size(); i++) {
            ColumnDef column = info.def().columns().get(i);
            columns.add(new Column(
                    column.name(),
                    column.sourceName(),
                    info.rowType().elements().get(i).type()));
        }
        return columns;
    }

    /** A rule whose table is not to be told restricts every table in it: it cannot be run, and lets nothing through. */
    private List<String> rowRules(TableInfo info) {
        return module.get().rowLevelSecurity().stream()
                .filter(rule -> mentions(rule, info.name()) || mentions(rule, info.sourceName()))
                .filter(rule -> RowRule.table(rule)
                        .flatMap(tables)
                        .map(table -> table.id() == info.id())
                        .orElse(true))
                .toList();
    }

    /** Whether its text has the name, which takes less than to read it. */
    private static boolean mentions(String rule, String table) {
        return rule.contains(table.substring(table.lastIndexOf('.') + 1));
    }
}
