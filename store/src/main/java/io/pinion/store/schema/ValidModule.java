package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.HttpHandlerDef;
import io.pinion.store.schema.ModuleDef.HttpRouteDef;
import io.pinion.store.schema.ModuleDef.NamedType;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.value.Typespace;
import java.util.List;

/** One module of the tree, validated on its own: names without namespace, ids counted from zero. Immutable. */
record ValidModule(
        Typespace typespace,
        List<NamedType> types,
        List<Table> tables,
        List<ReducerDef> reducers,
        List<ProcedureDef> procedures,
        List<ViewDef> views,
        List<HttpHandlerDef> httpHandlers,
        List<HttpRouteDef> httpRoutes,
        List<String> rowLevelSecurity,
        List<Submodule> submodules) {
    ValidModule {
        types = List.copyOf(types);
        tables = List.copyOf(tables);
        reducers = List.copyOf(reducers);
        procedures = List.copyOf(procedures);
        views = List.copyOf(views);
        httpHandlers = List.copyOf(httpHandlers);
        httpRoutes = List.copyOf(httpRoutes);
        rowLevelSecurity = List.copyOf(rowLevelSecurity);
        submodules = List.copyOf(submodules);
    }

    /** @param raw as described; indexes, constraints and sequences stand in the same order as in {@code def} */
    record Table(TableDef def, RawTable raw) {}

    record Submodule(String namespace, ValidModule module) {}
}
