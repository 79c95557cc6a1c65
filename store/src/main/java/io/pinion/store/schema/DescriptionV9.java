package io.pinion.store.schema;

import static java.util.Comparator.comparing;

import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.ColumnDefaultV9;
import io.pinion.store.schema.RawModuleDef.MiscExport;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.ReducerV9;
import io.pinion.store.schema.RawModuleDef.TableV9;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A validated module written back as a V9 description: canonical names only, tables and their parts by name. */
final class DescriptionV9 {
    private DescriptionV9() {}

    static RawModuleDef.V9 of(ValidModule module) {
        List<ValidModule.Table> tables = module.tables().stream()
                .sorted(comparing(table -> table.def().name(), Utf8Order.INSTANCE))
                .toList();
        return new RawModuleDef.V9(
                module.typespace(),
                tables.stream().map(DescriptionV9::table).toList(),
                module.reducers().stream()
                        .map(reducer -> new ReducerV9(
                                reducer.name(),
                                reducer.parameters().elements(),
                                reducer.lifecycle().orElse(null)))
                        .toList(),
                module.types().stream()
                        .map(DescriptionV10::type)
                        .sorted(comparing(DescriptionV9::scopedName, Utf8Order.INSTANCE))
                        .toList(),
                miscExports(module, tables),
                module.rowLevelSecurity());
    }

    private static String scopedName(RawType type) {
        List<String> path = new ArrayList<>(type.scope());
        path.add(type.sourceName());
        return String.join(".", path);
    }

    private static TableV9 table(ValidModule.Table table) {
        TableDef def = table.def();
        Comparator<RawSequence> byName =
                comparing(sequence -> Objects.requireNonNull(sequence.sourceName()), Utf8Order.INSTANCE);
        RawTable raw = new RawTable(
                def.name(),
                def.rowTypeRef(),
                DescriptionV10.primaryKey(def),
                def.indexes().stream()
                        .sorted(comparing(IndexDef::name, Utf8Order.INSTANCE))
                        .map(index -> DescriptionV10.index(index, index.name()))
                        .toList(),
                def.uniqueConstraints().stream()
                        .sorted(comparing(UniqueConstraintDef::name, Utf8Order.INSTANCE))
                        .map(DescriptionV10::constraint)
                        .toList(),
                DescriptionV10.sequences(table).stream().sorted(byName).toList(),
                table.raw().isSystem(),
                def.access() == TableAccess.PUBLIC,
                List.of(),
                false);
        @Nullable
        RawSchedule schedule = def.schedule()
                .map(found -> new RawSchedule(found.name(), def.name(), found.atColumn(), found.functionName()))
                .orElse(null);
        return new TableV9(raw, schedule);
    }

    private static List<MiscExport> miscExports(ValidModule module, List<ValidModule.Table> tables) {
        List<MiscExport> exports = new ArrayList<>();
        for (ValidModule.Table table : tables) {
            DescriptionV10.defaults(table.def())
                    .forEach(
                            value -> exports.add(new ColumnDefaultV9(table.def().name(), value)));
        }
        for (ProcedureDef procedure : module.procedures()) {
            exports.add(new RawProcedure(
                    procedure.name(),
                    procedure.parameters().elements(),
                    procedure.returnType(),
                    Visibility.CLIENT_CALLABLE));
        }
        for (ViewDef view : module.views()) {
            exports.add(DescriptionV10.view(view, view.name()));
        }
        return exports;
    }
}
