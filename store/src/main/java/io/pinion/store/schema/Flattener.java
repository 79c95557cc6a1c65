package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins a tree of modules into one definition, depth first: the root's own objects, then each submodule's followed by its
 * submodules' own. Ids go on counting; views count per number space. Used once.
 */
final class Flattener {
    private final List<TableDef> tables = new ArrayList<>();
    private final List<ReducerDef> reducers = new ArrayList<>();
    private final List<ProcedureDef> procedures = new ArrayList<>();
    private final List<ViewDef> views = new ArrayList<>();

    private Flattener() {}

    static ModuleDef flatten(int version, ValidModule root, Bytes raw) {
        Flattener flattener = new Flattener();
        flattener.add(root, "");
        return new ModuleDef(
                version,
                root.typespace(),
                root.types(),
                flattener.tables,
                flattener.reducers,
                flattener.procedures,
                flattener.views,
                root.httpHandlers(),
                root.httpRoutes(),
                root.rowLevelSecurity(),
                raw);
    }

    private void add(ValidModule module, String prefix) {
        module.tables().forEach(table -> tables.add(prefixed(table.def(), prefix)));
        for (ReducerDef reducer : module.reducers()) {
            reducers.add(new ReducerDef(
                    reducers.size(),
                    prefix + reducer.name(),
                    prefix + reducer.sourceName(),
                    reducer.parameters(),
                    reducer.visibility(),
                    reducer.lifecycle()));
        }
        for (ProcedureDef procedure : module.procedures()) {
            procedures.add(new ProcedureDef(
                    procedures.size(),
                    prefix + procedure.name(),
                    prefix + procedure.sourceName(),
                    procedure.parameters(),
                    procedure.returnType(),
                    procedure.visibility()));
        }
        addViews(module.views(), prefix);
        module.submodules().forEach(submodule -> add(submodule.module(), prefix + submodule.namespace() + "."));
    }

    private void addViews(List<ViewDef> own, String prefix) {
        int anonymousBefore = (int) views.stream().filter(ViewDef::isAnonymous).count();
        int callerAwareBefore = views.size() - anonymousBefore;
        for (ViewDef view : own) {
            views.add(new ViewDef(
                    prefix + view.name(),
                    prefix + view.sourceName(),
                    view.index() + (view.isAnonymous() ? anonymousBefore : callerAwareBefore),
                    view.isPublic(),
                    view.isAnonymous(),
                    view.parameters(),
                    view.returnType(),
                    view.columns(),
                    view.primaryKey()));
        }
    }

    /** Column names and the names of schedules are not prefixed, nor are accessors, which only generated code uses. */
    private static TableDef prefixed(TableDef table, String prefix) {
        if (prefix.isEmpty()) {
            return table;
        }
        return new TableDef(
                prefix + table.name(),
                prefix + table.sourceName(),
                table.rowTypeRef(),
                table.columns(),
                table.primaryKey(),
                table.indexes().stream().map(index -> prefixed(index, prefix)).toList(),
                table.uniqueConstraints().stream()
                        .map(constraint -> new UniqueConstraintDef(prefix + constraint.name(), constraint.columns()))
                        .toList(),
                table.sequences().stream()
                        .map(sequence -> prefixed(sequence, prefix))
                        .toList(),
                table.schedule()
                        .map(schedule -> new ScheduleDef(
                                schedule.name(), schedule.atColumn(), prefix + schedule.functionName())),
                table.access(),
                table.isEvent(),
                table.defaults());
    }

    private static IndexDef prefixed(IndexDef index, String prefix) {
        return new IndexDef(
                prefix + index.name(),
                prefix + index.sourceName(),
                index.accessorName(),
                index.algorithm(),
                index.columns(),
                index.isUnique());
    }

    private static SequenceDef prefixed(SequenceDef sequence, String prefix) {
        return new SequenceDef(
                prefix + sequence.name(),
                sequence.column(),
                sequence.start(),
                sequence.min(),
                sequence.max(),
                sequence.increment());
    }
}
