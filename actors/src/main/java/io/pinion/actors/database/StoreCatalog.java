package io.pinion.actors.database;

import io.pinion.store.query.Catalog;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What SQL sees of a database: its tables, and its views as tables whose rows are made when they are asked for. */
final class StoreCatalog implements Catalog {
    private final Catalog tables;
    private final ModuleDef definition;
    /** By the negative id that stands for the view. */
    private final Map<Integer, ViewDef> views = new LinkedHashMap<>();

    StoreCatalog(Datastore store, ModuleDef definition) {
        this.tables = new DatastoreCatalog(store);
        this.definition = definition;
    }

    @Override
    public Optional<Table> table(String name) {
        return tables.table(name).map(table -> table.view() == null ? table : chosen(table));
    }

    @Override
    public long rowCount(Table table) {
        return tables.rowCount(table);
    }

    private Table chosen(Table stored) {
        ViewDef view = definition.view(stored.name()).orElseThrow();
        List<Column> columns = view.columns().stream()
                .map(column -> new Column(column.name(), column.sourceName(), column.type()))
                .toList();
        return new Table(id(view), view.name(), columns, List.of(), view.isPublic());
    }

    private int id(ViewDef view) {
        for (Map.Entry<Integer, ViewDef> known : views.entrySet()) {
            if (known.getValue().equals(view)) {
                return known.getKey();
            }
        }
        int id = -1 - views.size();
        views.put(id, view);
        return id;
    }

    /** The views that were asked for so far, by the table ids that stand for them. */
    Map<Integer, ViewDef> views() {
        return views;
    }
}
