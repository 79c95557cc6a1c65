package io.pinion.actors.database;

import io.pinion.store.query.Catalog;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What SQL sees of a database: its tables, and its views as tables whose rows are made when they are asked for. */
final class StoreCatalog implements Catalog {
    /** Table id of the one view that a statement may name. */
    static final int VIEW_ID = -1;

    private final Catalog tables;
    private final ModuleDef definition;
    private @Nullable ViewDef view;

    StoreCatalog(Datastore store, ModuleDef definition) {
        this.tables = new DatastoreCatalog(store);
        this.definition = definition;
    }

    @Override
    public Optional<Table> table(String name) {
        return tables.table(name).or(() -> find(name).map(this::chosen));
    }

    private Optional<ViewDef> find(String name) {
        return definition
                .view(name)
                .or(() -> definition.views().stream()
                        .filter(candidate -> candidate.sourceName().equals(name))
                        .findFirst());
    }

    private Table chosen(ViewDef found) {
        view = found;
        List<Column> columns = found.columns().stream()
                .map(column -> new Column(column.name(), column.sourceName(), column.type()))
                .toList();
        return new Table(VIEW_ID, found.name(), columns, List.of(), found.isPublic(), false, false);
    }

    /** The view that was asked for, null if it was a table. */
    @Nullable
    ViewDef view() {
        return view;
    }
}
