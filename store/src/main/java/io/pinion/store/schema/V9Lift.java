package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.CasePolicy;
import io.pinion.store.schema.RawModuleDef.ColumnDefaultV9;
import io.pinion.store.schema.RawModuleDef.MiscExport;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawLifecycle;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.ReducerV9;
import io.pinion.store.schema.RawModuleDef.TableV9;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives a V9 description the shape of a V10 one; that its names are kept is for the checks to know. */
final class V9Lift {
    private final RawModuleDef.V9 raw;
    private final Errors errors;

    private V9Lift(RawModuleDef.V9 raw, Errors errors) {
        this.raw = raw;
        this.errors = errors;
    }

    static RawModuleDef.V10 lift(RawModuleDef.V9 raw, Errors errors) {
        return new V9Lift(raw, errors).lift();
    }

    private RawModuleDef.V10 lift() {
        List<RawProcedure> procedures = new ArrayList<>();
        List<RawView> views = new ArrayList<>();
        Map<String, List<RawDefault>> defaults = new HashMap<>();
        for (MiscExport export : raw.miscExports()) {
            switch (export) {
                case RawProcedure procedure -> procedures.add(procedure);
                case RawView view -> views.add(view);
                case ColumnDefaultV9(String table, RawDefault value) ->
                    defaults.computeIfAbsent(table, _ -> new ArrayList<>()).add(value);
            }
        }
        return new RawModuleDef.V10(
                raw.typespace(),
                raw.types(),
                tables(defaults),
                raw.reducers().stream().map(V9Lift::reducer).toList(),
                procedures,
                views,
                List.of(),
                schedules(),
                lifecycles(),
                List.of(),
                List.of(),
                raw.rowLevelSecurity(),
                List.of(),
                CasePolicy.NONE,
                List.of());
    }

    private List<RawTable> tables(Map<String, List<RawDefault>> defaults) {
        List<RawTable> tables = new ArrayList<>();
        for (TableV9 lean : raw.tables()) {
            RawTable table = lean.table();
            tables.add(new RawTable(
                    table.sourceName(),
                    table.productTypeRef(),
                    table.primaryKey(),
                    table.indexes(),
                    table.constraints(),
                    table.sequences(),
                    table.isSystem(),
                    table.isPublic(),
                    defaults.getOrDefault(table.sourceName(), List.of()),
                    false));
        }
        raw.tables().forEach(table -> defaults.remove(table.table().sourceName()));
        defaults.keySet().forEach(table -> errors.add("default of table " + quote(table) + ": there is no such table"));
        return tables;
    }

    private static RawReducer reducer(ReducerV9 reducer) {
        return new RawReducer(
                reducer.name(), reducer.parameters(), Visibility.CLIENT_CALLABLE, AlgebraicType.UNIT, Primitive.STRING);
    }

    private List<RawSchedule> schedules() {
        List<RawSchedule> schedules = new ArrayList<>();
        for (TableV9 table : raw.tables()) {
            if (table.schedule() != null) {
                schedules.add(table.schedule());
            }
        }
        return schedules;
    }

    private List<RawLifecycle> lifecycles() {
        List<RawLifecycle> lifecycles = new ArrayList<>();
        for (ReducerV9 reducer : raw.reducers()) {
            if (reducer.lifecycle() != null) {
                lifecycles.add(new RawLifecycle(reducer.lifecycle(), reducer.name()));
            }
        }
        return lifecycles;
    }
}
