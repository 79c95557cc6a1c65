package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.RawViewPrimaryKey;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the views of one module. Used once. */
final class ViewChecker {
    /** Leaves room for the offsets of submodules. */
    private static final int INDEX_MAX = Integer.MAX_VALUE / 2;

    private final RawModuleDef.V10 raw;
    private final boolean isV10;
    private final List<TableDef> tables;
    private final TypeChecker types;
    private final FunctionChecker functions;
    private final GlobalNames globalNames;
    private final Errors errors;

    ViewChecker(
            RawModuleDef.V10 raw,
            boolean isV10,
            List<TableDef> tables,
            TypeChecker types,
            FunctionChecker functions,
            GlobalNames globalNames,
            Errors errors) {
        this.raw = raw;
        this.isV10 = isV10;
        this.tables = tables;
        this.types = types;
        this.functions = functions;
        this.globalNames = globalNames;
        this.errors = errors;
    }

    List<ViewDef> check() {
        Map<String, List<String>> primaryKeys = checkPrimaryKeyEntries();
        List<ViewDef> views = new ArrayList<>();
        for (RawView view : raw.views()) {
            String where = "view " + quote(view.sourceName());
            String name = functions.checkName(view.sourceName(), where);
            if (name.startsWith(TableChecker.RESERVED_PREFIX)) {
                errors.add(where + ": the name " + quote(name) + " is reserved: it begins with "
                        + TableChecker.RESERVED_PREFIX);
            }
            globalNames.add(name, where);
            ModuleDef.Parameters parameters = functions.checkParameters(view.parameters(), where);
            if (view.index() < 0 || view.index() > INDEX_MAX) {
                errors.add(where + ": its index " + Integer.toUnsignedString(view.index()) + " is too large");
            }
            int rowRef = checkReturnType(view, where);
            AlgebraicType.@Nullable Product row = rowRef < 0 ? null : types.product(rowRef);
            List<ColumnDef> columns = row == null ? List.of() : types.columns(rowRef, row, where);
            @Nullable List<String> keyColumns = primaryKeys.get(view.sourceName());
            OptionalInt primaryKey = keyColumns == null
                    ? inferredPrimaryKey(view, rowRef)
                    : primaryKey(keyColumns, columns, errors.within(where));
            views.add(new ViewDef(
                    name,
                    view.sourceName(),
                    view.index(),
                    view.isPublic(),
                    view.isAnonymous(),
                    parameters,
                    view.returnType(),
                    columns,
                    primaryKey));
        }
        return views;
    }

    /** The reference to the row product, or −1 with the error added. */
    private int checkReturnType(RawView view, String where) {
        AlgebraicType rows = rowsOf(view.returnType());
        if (!(rows instanceof AlgebraicType.Ref(int ref))) {
            errors.add(where + ": must return an array, an option or a query of a named product type");
            return -1;
        }
        types.checkUse(rows, where + ": its return type");
        if (types.product(ref) == null) {
            errors.add(where + ": its row type, reference " + Integer.toUnsignedString(ref) + ", leads to no product");
            return -1;
        }
        return ref;
    }

    /** What a view's return type is an array, an option or a query of; the type itself if it is none of these. */
    static AlgebraicType rowsOf(AlgebraicType type) {
        if (type instanceof AlgebraicType.Array(AlgebraicType element)) {
            return element;
        }
        if (SpecialTypes.isOption(type) && type instanceof AlgebraicType.Sum(List<Element> variants)) {
            return variants.getFirst().type();
        }
        if (SpecialTypes.isQuery(type) && type instanceof AlgebraicType.Product(List<Element> elements)) {
            return elements.getFirst().type();
        }
        return AlgebraicType.NEVER;
    }

    /** Key columns by the source name of their view. */
    private Map<String, List<String>> checkPrimaryKeyEntries() {
        Set<String> views = new HashSet<>();
        raw.views().forEach(view -> views.add(view.sourceName()));
        Map<String, List<String>> primaryKeys = new HashMap<>();
        for (RawViewPrimaryKey entry : raw.viewPrimaryKeys()) {
            String where = "primary key of view " + quote(entry.view());
            if (!views.contains(entry.view())) {
                errors.add(where + ": there is no such view");
            }
            if (entry.columns().isEmpty()) {
                continue;
            }
            if (entry.columns().size() > 1) {
                errors.add(where + ": has " + entry.columns().size() + " columns; one at most is allowed");
            }
            if (primaryKeys.putIfAbsent(entry.view(), entry.columns()) != null) {
                errors.add(where + ": is given more than once");
            }
        }
        return primaryKeys;
    }

    private static OptionalInt primaryKey(List<String> keyColumns, List<ColumnDef> columns, Errors here) {
        String key = keyColumns.getFirst();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).sourceName().equals(key)) {
                return OptionalInt.of(i);
            }
        }
        here.add("its primary key column " + quote(key) + " does not exist");
        return OptionalInt.empty();
    }

    /** A query has the primary key of the tables with its row type, if those that have one agree. */
    private OptionalInt inferredPrimaryKey(RawView view, int rowRef) {
        if (!isV10 || !SpecialTypes.isQuery(view.returnType())) {
            return OptionalInt.empty();
        }
        int[] keys = tables.stream()
                .filter(table -> table.rowTypeRef() == rowRef)
                .flatMapToInt(table -> table.primaryKey().stream())
                .distinct()
                .toArray();
        return keys.length == 1 ? OptionalInt.of(keys[0]) : OptionalInt.empty();
    }
}
