package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The tables of a datastore or a frozen view as SQL sees them. Used by the datastore's thread, or any one for a view;
 * plans made with it are not bound to it.
 */
public final class DatastoreCatalog implements Catalog {
    private final Supplier<ModuleDef> module;
    private final Function<String, Optional<TableInfo>> tables;

    public DatastoreCatalog(Datastore datastore) {
        this.module = datastore::module;
        this.tables = datastore::table;
    }

    public DatastoreCatalog(FrozenView view) {
        this.module = view::module;
        this.tables = view::table;
    }

    @Override
    public Optional<Table> table(String name) {
        // The table behind a view holds the rows of all its instances, and is nothing that a query may name.
        return tables.apply(name).filter(info -> info.kind() != TableKind.VIEW).map(this::table);
    }

    private Table table(TableInfo info) {
        List<Index> indexes = info.indexes().stream()
                .map(index -> new Index(index.id(), index.columns(), index.isUnique()))
                .toList();
        boolean isPublic = info.access() == TableAccess.PUBLIC;
        return new Table(
                info.id(),
                info.name(),
                columns(info),
                indexes,
                isPublic,
                info.isEvent(),
                hasRowRules(info),
                info.idInPublic());
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

    /** Whether some rule so much as mentions the table; a rule for another table that does is no harm to be careful about. */
    private boolean hasRowRules(TableInfo info) {
        return module.get().rowLevelSecurity().stream()
                .anyMatch(rule -> mentions(rule, info.name()) || mentions(rule, info.sourceName()));
    }

    private static boolean mentions(String rule, String table) {
        String lastPart = table.substring(table.lastIndexOf('.') + 1);
        return SqlLexer.tokens(rule).stream()
                .anyMatch(token -> (token.kind() == Kind.WORD || token.kind() == Kind.QUOTED_NAME)
                        && token.text().equals(lastPart));
    }
}
