package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.HttpHandlerDef;
import io.pinion.store.schema.ModuleDef.HttpRouteDef;
import io.pinion.store.schema.ModuleDef.NamedType;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.RawModuleDef.RawSubmodule;
import io.pinion.store.schema.RawModuleDef.RawTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks one module of the tree. Goes as far as it can, so that all errors are found at once; if there is any, what it
 * returns is not to be used. Used once.
 */
final class ModuleChecker {
    private static final int NAMESPACE_BYTES_MAX = 63;

    private final RawModuleDef.V10 raw;
    private final boolean isV10;
    private final boolean isRoot;
    private final Errors errors;
    private final Names names;
    private final TypeChecker types;
    private final GlobalNames globalNames;

    private ModuleChecker(RawModuleDef.V10 raw, boolean isV10, boolean isRoot, Names names, Errors errors) {
        this.raw = raw;
        this.isV10 = isV10;
        this.isRoot = isRoot;
        this.errors = errors;
        this.names = names;
        this.types = new TypeChecker(raw.typespace(), raw.types(), names, errors);
        this.globalNames = new GlobalNames(errors);
    }

    static ValidModule checkV10(RawModuleDef.V10 raw, Errors errors) {
        return checkV10(raw, true, errors);
    }

    /** @param lifted a V9 description in the shape of a V10 one */
    static ValidModule checkV9(RawModuleDef.V10 lifted, Errors errors) {
        return new ModuleChecker(lifted, false, true, Names.kept(), errors).check();
    }

    private static ValidModule checkV10(RawModuleDef.V10 raw, boolean isRoot, Errors errors) {
        return new ModuleChecker(raw, true, isRoot, Names.of(raw.casePolicy(), raw.explicitNames()), errors).check();
    }

    private ValidModule check() {
        List<NamedType> namedTypes = types.checkNamedTypes();
        List<ValidModule.Table> tables = checkTables();
        List<TableDef> tableDefs = tables.stream().map(ValidModule.Table::def).toList();
        FunctionChecker functions = new FunctionChecker(raw, isV10, names, types, errors);
        List<ReducerDef> reducers = functions.checkReducers();
        List<ProcedureDef> procedures = functions.checkProcedures();
        List<ViewDef> views = new ViewChecker(raw, isV10, tableDefs, types, functions, globalNames, errors).check();
        Map<String, ScheduleDef> schedules = new ScheduleChecker(
                        names, types, globalNames, errors, tableDefs, reducers, procedures)
                .check(raw.schedules());
        HttpChecker http = new HttpChecker(names, errors);
        List<HttpHandlerDef> handlers = http.checkHandlers(raw.httpHandlers());
        // Only the root is served over HTTP: a submodule's routes are ignored, right or wrong.
        List<HttpRouteDef> routes = isRoot ? http.checkRoutes(raw.httpRoutes()) : List.of();
        List<ValidModule.Submodule> submodules = checkSubmodules();
        checkRowRules(tableDefs);
        types.checkReached();
        return new ValidModule(
                types.typespace(),
                namedTypes,
                tables.stream().map(table -> withSchedule(table, schedules)).toList(),
                reducers,
                procedures,
                views,
                handlers,
                routes,
                raw.rowLevelSecurity().stream().distinct().toList(),
                submodules);
    }

    private List<ValidModule.Table> checkTables() {
        List<ValidModule.Table> tables = new ArrayList<>();
        for (RawTable table : raw.tables()) {
            TableDef checked = new TableChecker(table, isV10, names, types, globalNames, errors).check();
            if (checked != null) {
                tables.add(new ValidModule.Table(checked, table));
            }
        }
        return tables;
    }

    private static ValidModule.Table withSchedule(ValidModule.Table table, Map<String, ScheduleDef> schedules) {
        TableDef def = table.def();
        TableDef scheduled = new TableDef(
                def.name(),
                def.sourceName(),
                def.rowTypeRef(),
                def.columns(),
                def.primaryKey(),
                def.indexes(),
                def.uniqueConstraints(),
                def.sequences(),
                Optional.ofNullable(schedules.get(def.name())),
                def.access(),
                def.isEvent(),
                def.defaults());
        return new ValidModule.Table(scheduled, table.raw());
    }

    /** As far as it goes without the types of columns: a rule yields rows of a table of this module. */
    private void checkRowRules(List<TableDef> tables) {
        for (String rule : raw.rowLevelSecurity()) {
            Optional<String> table = RowRule.table(rule);
            if (table.isEmpty()) {
                errors.add("the row-level rule " + quote(rule) + " is not a query of whole rows of one table");
            } else if (tables.stream().noneMatch(known -> isNamed(known, table.get()))) {
                errors.add("the row-level rule " + quote(rule) + " yields rows of " + quote(table.get())
                        + ", which is no table of this module");
            }
        }
    }

    private static boolean isNamed(TableDef table, String name) {
        return table.name().equals(name) || table.sourceName().equals(name);
    }

    private List<ValidModule.Submodule> checkSubmodules() {
        List<ValidModule.Submodule> submodules = new ArrayList<>();
        Set<String> namespaces = new HashSet<>();
        for (RawSubmodule submodule : raw.submodules()) {
            String namespace = submodule.namespace();
            Errors here = errors.within("submodule " + quote(namespace));
            Identifiers.check(namespace, "namespace", here);
            if (namespace.getBytes(StandardCharsets.UTF_8).length > NAMESPACE_BYTES_MAX) {
                here.add("its namespace is longer than " + NAMESPACE_BYTES_MAX + " bytes");
            }
            if (!namespaces.add(namespace)) {
                here.add("the namespace is used more than once");
            }
            if (!submodule.module().lifecycles().isEmpty()) {
                here.add("must not assign lifecycle reducers");
            }
            submodules.add(new ValidModule.Submodule(namespace, checkV10(submodule.module(), false, here)));
        }
        return submodules;
    }
}
