package io.pinion.actors.database;

import io.pinion.store.query.Catalog;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** What SQL sees of a database, and which views it has asked for: their rows have to be there before the query runs. */
final class StoreCatalog implements Catalog {
    private final DatastoreCatalog tables;
    private final ModuleDef definition;
    private final Set<ViewDef> views = new LinkedHashSet<>();

    StoreCatalog(DatastoreCatalog tables, ModuleDef definition) {
        this.tables = tables;
        this.definition = definition;
    }

    @Override
    public Optional<Table> table(String name) {
        Optional<Table> found = tables.table(name);
        found.filter(table -> table.view() != null)
                .ifPresent(table -> views.add(definition.view(table.name()).orElseThrow()));
        return found;
    }

    @Override
    public long rowCount(Table table) {
        return tables.rowCount(table);
    }

    /** The views that were asked for so far. */
    Set<ViewDef> views() {
        return views;
    }
}
