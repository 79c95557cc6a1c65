package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks which tables drive which functions. Used once. */
final class ScheduleChecker {
    private final Names names;
    private final TypeChecker types;
    private final GlobalNames globalNames;
    private final Errors errors;
    private final Map<String, TableDef> tables = new HashMap<>();
    private final Map<String, AlgebraicType.Product> parametersByFunction = new HashMap<>();

    ScheduleChecker(
            Names names,
            TypeChecker types,
            GlobalNames globalNames,
            Errors errors,
            List<TableDef> tables,
            List<ReducerDef> reducers,
            List<ProcedureDef> procedures) {
        this.names = names;
        this.types = types;
        this.globalNames = globalNames;
        this.errors = errors;
        tables.forEach(table -> this.tables.put(table.name(), table));
        reducers.forEach(reducer ->
                parametersByFunction.put(reducer.name(), reducer.parameters().elements()));
        procedures.forEach(procedure -> parametersByFunction.put(
                procedure.name(), procedure.parameters().elements()));
    }

    /** Schedules by the canonical name of their table. */
    Map<String, ScheduleDef> check(List<RawSchedule> schedules) {
        Map<String, ScheduleDef> byTable = new HashMap<>();
        for (RawSchedule schedule : schedules) {
            Errors here = errors.within("schedule of table " + quote(schedule.table()));
            TableDef table = tables.get(names.table(schedule.table()));
            if (table == null) {
                here.add("there is no such table");
                continue;
            }
            String name = names.schedule(schedule.sourceName(), table.name());
            String function = names.function(schedule.function());
            checkColumns(schedule, table, here);
            checkFunction(schedule, function, table, here);
            if (byTable.putIfAbsent(table.name(), new ScheduleDef(name, schedule.atColumn(), function)) != null) {
                here.add("the table has more than one schedule");
            } else {
                globalNames.add(name, "the schedule of table " + quote(table.sourceName()));
            }
        }
        return byTable;
    }

    private void checkColumns(RawSchedule schedule, TableDef table, Errors here) {
        if (schedule.atColumn() >= table.columns().size()) {
            here.add("names column " + schedule.atColumn() + ", but there are only "
                    + table.columns().size() + " columns");
        } else if (!SpecialTypes.SCHEDULE_AT.equals(declaredType(table, schedule.atColumn()))) {
            here.add("column " + quote(table.columns().get(schedule.atColumn()).name()) + " is not of type ScheduleAt");
        }
        boolean isKeyU64 = table.primaryKey().isPresent()
                && declaredType(table, table.primaryKey().getAsInt()) == Primitive.U64;
        if (!isKeyU64) {
            here.add("the table must have a primary key of type U64");
        }
    }

    private @Nullable AlgebraicType declaredType(TableDef table, int column) {
        AlgebraicType.@Nullable Product row = types.product(table.rowTypeRef());
        return row == null ? null : row.elements().get(column).type();
    }

    private void checkFunction(RawSchedule schedule, String function, TableDef table, Errors here) {
        AlgebraicType.@Nullable Product parameters = parametersByFunction.get(function);
        if (parameters == null) {
            here.add("there is no reducer or procedure " + quote(schedule.function()));
            return;
        }
        List<Element> elements = parameters.elements();
        boolean takesRow =
                elements.size() == 1 && elements.getFirst().type().equals(new AlgebraicType.Ref(table.rowTypeRef()));
        if (!takesRow) {
            here.add("function " + quote(schedule.function()) + " must have exactly one parameter, of the table's row"
                    + " type");
        }
    }
}
