package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.Parameters;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.RawLifecycle;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks reducers, procedures and lifecycle events of one module; keeps the one set of their names. Used once. */
final class FunctionChecker {
    private final RawModuleDef.V10 raw;
    private final boolean isV10;
    private final Names names;
    private final TypeChecker types;
    private final Errors errors;
    private final Map<String, String> ownerByName = new HashMap<>();
    private final Set<String> scheduled = new HashSet<>();

    FunctionChecker(RawModuleDef.V10 raw, boolean isV10, Names names, TypeChecker types, Errors errors) {
        this.raw = raw;
        this.isV10 = isV10;
        this.names = names;
        this.types = types;
        this.errors = errors;
        for (RawSchedule schedule : raw.schedules()) {
            scheduled.add(names.function(schedule.function()));
        }
    }

    List<ReducerDef> checkReducers() {
        Map<String, Lifecycle> lifecycles = checkLifecycles();
        List<ReducerDef> reducers = new ArrayList<>();
        for (RawReducer reducer : raw.reducers()) {
            String where = "reducer " + quote(reducer.sourceName());
            String name = checkName(reducer.sourceName(), where);
            if (!reducer.okType().equals(AlgebraicType.UNIT) || reducer.errType() != Primitive.STRING) {
                errors.add(where + ": must return the unit type, and String as its error");
            }
            Optional<Lifecycle> lifecycle = Optional.ofNullable(lifecycles.get(name));
            reducers.add(new ReducerDef(
                    reducers.size(),
                    name,
                    reducer.sourceName(),
                    checkParameters(reducer.parameters(), where),
                    visibility(name, reducer.visibility(), lifecycle.isPresent()),
                    lifecycle));
        }
        return reducers;
    }

    List<ProcedureDef> checkProcedures() {
        List<ProcedureDef> procedures = new ArrayList<>();
        for (RawProcedure procedure : raw.procedures()) {
            String where = "procedure " + quote(procedure.sourceName());
            String name = checkName(procedure.sourceName(), where);
            types.checkUse(procedure.returnType(), where + ": its return type");
            procedures.add(new ProcedureDef(
                    procedures.size(),
                    name,
                    procedure.sourceName(),
                    checkParameters(procedure.parameters(), where),
                    procedure.returnType(),
                    visibility(name, procedure.visibility(), false)));
        }
        return procedures;
    }

    /** Adds a function to the set of names; gives its canonical name. */
    String checkName(String sourceName, String where) {
        String name = names.function(sourceName);
        Identifiers.check(sourceName, "name", errors.within(where));
        Identifiers.check(name, "name", errors.within(where));
        String earlier = ownerByName.putIfAbsent(name, where);
        if (earlier != null) {
            errors.add(
                    "the function name " + quote(name) + " is used more than once: by " + earlier + " and by " + where);
        }
        return name;
    }

    Parameters checkParameters(AlgebraicType.Product parameters, String where) {
        List<String> canonical = new ArrayList<>();
        for (int i = 0; i < parameters.elements().size(); i++) {
            Element parameter = parameters.elements().get(i);
            String label = where + ": parameter " + TypeChecker.label(parameter, i);
            if (parameter.name() == null) {
                errors.add(label + " has no name");
            } else {
                Identifiers.check(parameter.name(), "parameter name", errors.within(where));
            }
            types.checkUse(parameter.type(), label);
            canonical.add(parameter.name() == null ? "" : names.column(parameter.name()));
        }
        return new Parameters(parameters, canonical, types.typespace());
    }

    private Map<String, Lifecycle> checkLifecycles() {
        Map<String, Lifecycle> byReducer = new HashMap<>();
        Set<Lifecycle> taken = EnumSet.noneOf(Lifecycle.class);
        Set<String> reducers = new HashSet<>();
        raw.reducers().forEach(reducer -> reducers.add(names.function(reducer.sourceName())));
        for (RawLifecycle lifecycle : raw.lifecycles()) {
            String where = "lifecycle event " + lifecycle.lifecycle();
            String name = names.function(lifecycle.function());
            if (!reducers.contains(name)) {
                errors.add(where + ": there is no reducer " + quote(lifecycle.function()));
            }
            if (!taken.add(lifecycle.lifecycle())) {
                errors.add(where + ": is assigned more than once");
            }
            Lifecycle earlier = byReducer.putIfAbsent(name, lifecycle.lifecycle());
            if (earlier != null && earlier != lifecycle.lifecycle()) {
                errors.add(where + ": reducer " + quote(lifecycle.function()) + " already serves " + earlier);
            }
        }
        return byReducer;
    }

    /** Before V10 what a function is used for does not change who may call it. */
    private Visibility visibility(String name, Visibility declared, boolean isLifecycle) {
        return isV10 && (isLifecycle || scheduled.contains(name)) ? Visibility.PRIVATE : declared;
    }
}
