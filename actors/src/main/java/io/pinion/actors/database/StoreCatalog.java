package io.pinion.actors.database;

import io.pinion.store.query.Catalog;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlParser;
import io.pinion.store.query.Statement;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.TableInfo;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What SQL sees of a database: its tables, and its views as tables whose rows are made when they are asked for. */
final class StoreCatalog implements Catalog {
    /** Table id of the one view that a statement may name. */
    static final int VIEW_ID = -1;

    private final Datastore store;
    private final ModuleDef definition;
    private @Nullable ViewDef view;

    StoreCatalog(Datastore store, ModuleDef definition) {
        this.store = store;
        this.definition = definition;
    }

    @Override
    public Optional<Table> table(String name) {
        Optional<TableInfo> table = store.table(name);
        if (table.isPresent()) {
            return table.map(this::describe);
        }
        Optional<ViewDef> named = definition.view(name).or(() -> bySourceName(name));
        named.ifPresent(found -> view = found);
        return named.map(StoreCatalog::describe);
    }

    private Optional<ViewDef> bySourceName(String name) {
        return definition.views().stream()
                .filter(candidate -> candidate.sourceName().equals(name))
                .findFirst();
    }

    /** The view that was asked for, null if it was a table. */
    @Nullable
    ViewDef view() {
        return view;
    }

    private Table describe(TableInfo table) {
        return new Table(
                table.id(),
                table.name(),
                columns(table.def().columns()),
                table.indexes().stream()
                        .map(index -> new Index(index.id(), index.columns(), index.isUnique()))
                        .toList(),
                table.access() == TableAccess.PUBLIC,
                table.isEvent(),
                hasRowRules(table));
    }

    private static Table describe(ViewDef view) {
        return new Table(VIEW_ID, view.name(), columns(view.columns()), List.of(), view.isPublic(), false, false);
    }

    private static List<Column> columns(List<ModuleDef.ColumnDef> columns) {
        return columns.stream()
                .map(column -> new Column(column.name(), column.sourceName(), column.type()))
                .toList();
    }

    private boolean hasRowRules(TableInfo table) {
        return definition.rowLevelSecurity().stream().anyMatch(rule -> mayRestrict(rule, table));
    }

    /** A rule that cannot be read here restricts every table: better too little is shown than too much. */
    private static boolean mayRestrict(String rule, TableInfo table) {
        try {
            return switch (SqlParser.parse(rule)) {
                case Statement.Select select ->
                    select.source().table().equals(table.name())
                            || select.source().table().equals(table.sourceName());
            };
        } catch (SqlException e) {
            return true;
        }
    }
}
