package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.HttpRouteDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.NamedType;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.RawModuleDef.CasePolicy;
import io.pinion.store.schema.RawModuleDef.NamedKind;
import io.pinion.store.schema.RawModuleDef.RawConstraint;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawExplicitName;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawLifecycle;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawRoute;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawSubmodule;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.RawViewPrimaryKey;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A validated module written back as a V10 description: types and fields under their canonical names, tables and
 * functions under their source names with explicit names beside them. There is no case conversion policy, so whoever
 * reads it converts names to snake case; a reference by canonical name that would not survive that is written as a source
 * name. Used once.
 */
final class DescriptionV10 {
    private final ValidModule module;
    private final List<RawExplicitName> explicitNames = new ArrayList<>();
    private final Names reader;
    private final Map<String, String> sourceByTable = new HashMap<>();
    private final Map<String, String> sourceByFunction = new HashMap<>();
    private final Map<String, String> sourceByHandler = new HashMap<>();

    private DescriptionV10(ValidModule module) {
        this.module = module;
        for (ValidModule.Table table : module.tables()) {
            name(NamedKind.TABLE, table.def().sourceName(), table.def().name(), sourceByTable);
            nameAlikeIndexes(table.def());
        }
        module.reducers().forEach(function -> nameFunction(function.sourceName(), function.name()));
        module.procedures().forEach(function -> nameFunction(function.sourceName(), function.name()));
        module.views().forEach(function -> nameFunction(function.sourceName(), function.name()));
        module.httpHandlers().forEach(handler -> sourceByHandler.put(handler.name(), handler.sourceName()));
        this.reader = Names.of(CasePolicy.SNAKE_CASE, explicitNames);
    }

    static RawModuleDef.V10 of(ValidModule module) {
        return new DescriptionV10(module).describe();
    }

    /** Indexes get no explicit names, except those that would be generated the same name. */
    private void nameAlikeIndexes(TableDef table) {
        table.indexes().stream()
                .collect(Collectors.groupingBy(index -> List.of(index.algorithm(), index.columns())))
                .values()
                .stream()
                .filter(alike -> alike.size() > 1)
                .flatMap(List::stream)
                .map(index -> new RawExplicitName(NamedKind.INDEX, index.sourceName(), index.name()))
                .forEach(explicitNames::add);
    }

    private void nameFunction(String sourceName, String name) {
        name(NamedKind.FUNCTION, sourceName, name, sourceByFunction);
    }

    private void name(NamedKind kind, String sourceName, String name, Map<String, String> sources) {
        explicitNames.add(new RawExplicitName(kind, sourceName, name));
        sources.put(name, sourceName);
    }

    private RawModuleDef.V10 describe() {
        return new RawModuleDef.V10(
                module.typespace(),
                module.types().stream().map(DescriptionV10::type).toList(),
                module.tables().stream().map(DescriptionV10::table).toList(),
                module.reducers().stream().map(DescriptionV10::reducer).toList(),
                module.procedures().stream().map(DescriptionV10::procedure).toList(),
                module.views().stream().map(DescriptionV10::view).toList(),
                viewPrimaryKeys(),
                schedules(),
                lifecycles(),
                module.httpHandlers().stream()
                        .map(ModuleDef.HttpHandlerDef::sourceName)
                        .toList(),
                module.httpRoutes().stream().map(this::route).toList(),
                module.rowLevelSecurity(),
                explicitNames,
                CasePolicy.SNAKE_CASE,
                module.submodules().stream()
                        .map(submodule -> new RawSubmodule(submodule.namespace(), of(submodule.module())))
                        .toList());
    }

    static RawType type(NamedType type) {
        return new RawType(type.scope(), type.name(), type.ref(), type.customOrdering());
    }

    private static RawTable table(ValidModule.Table table) {
        TableDef def = table.def();
        List<RawIndex> indexes = new ArrayList<>();
        for (IndexDef index : def.indexes()) {
            indexes.add(index(index, index.sourceName()));
        }
        return new RawTable(
                def.sourceName(),
                def.rowTypeRef(),
                primaryKey(def),
                indexes,
                def.uniqueConstraints().stream().map(DescriptionV10::constraint).toList(),
                sequences(table),
                table.raw().isSystem(),
                def.access() == TableAccess.PUBLIC,
                defaults(def),
                def.isEvent());
    }

    static List<Integer> primaryKey(TableDef def) {
        return def.primaryKey().isPresent() ? List.of(def.primaryKey().getAsInt()) : List.of();
    }

    static RawIndex index(IndexDef index, String name) {
        return new RawIndex(name, index.accessorName().orElse(null), index.algorithm(), index.columns());
    }

    static RawConstraint constraint(UniqueConstraintDef constraint) {
        return new RawConstraint(constraint.name(), constraint.columns());
    }

    /** Bounds are written as far as they were given: what fills the gaps need not agree with the rest. */
    static List<RawSequence> sequences(ValidModule.Table table) {
        List<RawSequence> sequences = new ArrayList<>();
        for (int i = 0; i < table.def().sequences().size(); i++) {
            SequenceDef def = table.def().sequences().get(i);
            RawSequence raw = table.raw().sequences().get(i);
            sequences.add(
                    new RawSequence(def.name(), def.column(), raw.start(), raw.min(), raw.max(), def.increment()));
        }
        return sequences;
    }

    static List<RawDefault> defaults(TableDef def) {
        List<RawDefault> defaults = new ArrayList<>();
        for (Map.Entry<Integer, Bytes> value : new TreeMap<>(def.defaults()).entrySet()) {
            defaults.add(new RawDefault(value.getKey(), value.getValue()));
        }
        return defaults;
    }

    private static RawReducer reducer(ReducerDef reducer) {
        return new RawReducer(
                reducer.sourceName(),
                reducer.parameters().elements(),
                reducer.visibility(),
                AlgebraicType.UNIT,
                Primitive.STRING);
    }

    private static RawProcedure procedure(ProcedureDef procedure) {
        return new RawProcedure(
                procedure.sourceName(),
                procedure.parameters().elements(),
                procedure.returnType(),
                procedure.visibility());
    }

    private static RawView view(ViewDef view) {
        return view(view, view.sourceName());
    }

    static RawView view(ViewDef view, String name) {
        return new RawView(
                name,
                view.index(),
                view.isPublic(),
                view.isAnonymous(),
                view.parameters().elements(),
                view.returnType());
    }

    private List<RawViewPrimaryKey> viewPrimaryKeys() {
        List<RawViewPrimaryKey> keys = new ArrayList<>();
        for (ViewDef view : module.views()) {
            view.primaryKey()
                    .ifPresent(column -> keys.add(new RawViewPrimaryKey(
                            view.sourceName(),
                            List.of(view.columns().get(column).name()))));
        }
        return keys;
    }

    private List<RawSchedule> schedules() {
        List<RawSchedule> schedules = new ArrayList<>();
        for (ValidModule.Table table : module.tables()) {
            if (table.def().schedule().isPresent()) {
                ScheduleDef schedule = table.def().schedule().get();
                schedules.add(new RawSchedule(
                        schedule.name(),
                        tableReference(table.def().name()),
                        schedule.atColumn(),
                        functionReference(schedule.functionName(), sourceByFunction)));
            }
        }
        return schedules;
    }

    private List<RawLifecycle> lifecycles() {
        List<RawLifecycle> lifecycles = new ArrayList<>();
        for (ReducerDef reducer : module.reducers()) {
            if (reducer.lifecycle().isPresent()) {
                Lifecycle lifecycle = reducer.lifecycle().get();
                lifecycles.add(new RawLifecycle(lifecycle, functionReference(reducer.name(), sourceByFunction)));
            }
        }
        return lifecycles;
    }

    private RawRoute route(HttpRouteDef route) {
        String handler = functionReference(route.handlerName(), sourceByHandler);
        return new RawRoute(handler, route.method().orElse(null), route.path());
    }

    private String tableReference(String name) {
        String source = sourceByTable.getOrDefault(name, name);
        return reader.table(name).equals(reader.table(source)) ? name : source;
    }

    private String functionReference(String name, Map<String, String> sources) {
        String source = sources.getOrDefault(name, name);
        return reader.function(name).equals(reader.function(source)) ? name : source;
    }
}
