package io.pinion.store.query;

import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Source;
import io.pinion.store.query.Statement.TableName;
import io.pinion.store.value.AlgebraicType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables of one statement by the names that its columns use for them. */
final class Scope {
    private final List<String> names = new ArrayList<>();
    private final List<Catalog.Table> tables = new ArrayList<>();

    /** @throws SqlException if there is no such table, or the caller may not see it, or a name is there twice */
    static Scope of(List<Source> sources, Catalog catalog, Caller caller) {
        if (sources.size() > LogicalSelect.TABLES_MAX) {
            throw new SqlException(
                    "more than " + LogicalSelect.TABLES_MAX + " tables are joined",
                    sources.get(LogicalSelect.TABLES_MAX).position());
        }
        Scope scope = new Scope();
        for (Source source : sources) {
            if (scope.names.contains(source.reference())) {
                throw new SqlException("two tables are called " + source.reference(), source.position());
            }
            scope.names.add(source.reference());
            scope.tables.add(visible(source.table(), catalog, caller));
        }
        return scope;
    }

    /** The table as the caller may see it. */
    static Catalog.Table visible(TableName name, Catalog catalog, Caller caller) {
        Catalog.Table table = catalog.table(name.name())
                .filter(found -> found.isPublic() || caller.isOwner())
                .orElseThrow(() -> new SqlException(
                        "no such table: " + name.name() + " (if it exists, it may be private)", name.position()));
        return caller.isOwner() ? table : table.inPublic();
    }

    List<Catalog.Table> tables() {
        return tables;
    }

    boolean isJoin() {
        return tables.size() > 1;
    }

    AlgebraicType type(ColumnRef column) {
        return tables.get(column.source()).columns().get(column.column()).type();
    }

    /** The source that a qualifier names; without one the only table there is. */
    int source(@Nullable String qualifier, int position) {
        if (qualifier == null && !isJoin()) {
            return 0;
        }
        int source = names.indexOf(qualifier);
        if (source < 0) {
            throw new SqlException(
                    qualifier + " is not in scope, only " + names.stream().collect(Collectors.joining(", "))
                            + (isJoin() ? " are" : " is"),
                    position);
        }
        return source;
    }

    /** By accessor name, else by canonical name; hidden columns have none. */
    ColumnRef column(Expression.Column column) {
        if (column.table() == null && isJoin()) {
            throw new SqlException("in a join every column needs its table: table." + column.name(), column.position());
        }
        int source = source(column.table(), column.position());
        Catalog.Table table = tables.get(source);
        List<Catalog.Column> columns = table.columns();
        for (int i = table.hiddenCount(); i < columns.size(); i++) {
            if (columns.get(i).accessorName().equals(column.name())) {
                return new ColumnRef(source, i);
            }
        }
        for (int i = table.hiddenCount(); i < columns.size(); i++) {
            if (columns.get(i).name().equals(column.name())) {
                return new ColumnRef(source, i);
            }
        }
        throw new SqlException(table.name() + " has no column " + column.name(), column.position());
    }
}
