package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.CasePolicy;
import io.pinion.store.schema.RawModuleDef.ColumnDefaultV9;
import io.pinion.store.schema.RawModuleDef.MiscExport;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawExplicitName;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawRoute;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.ReducerV9;
import io.pinion.store.schema.RawModuleDef.TableV9;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Encodes descriptions as {@link RawModuleDefTypes} has them: BSATN without the version's tag. Used once. */
final class RawModuleDefWriter {
    private static final int I128_BYTES = 16;

    private final BsatnWriter out = new BsatnWriter();

    private RawModuleDefWriter() {}

    static Bytes write(RawModuleDef.V9 raw) {
        RawModuleDefWriter writer = new RawModuleDefWriter();
        writer.writeV9(raw);
        return writer.out.toBytes();
    }

    /**
     * Sections stand in the order of the schema endpoint and empty ones are left out, but for the typespace and the
     * explicit names; the case conversion policy is written where it is not the usual one.
     */
    static Bytes write(RawModuleDef.V10 raw) {
        RawModuleDefWriter writer = new RawModuleDefWriter();
        writer.writeV10(raw);
        return writer.out.toBytes();
    }

    private void writeV10(RawModuleDef.V10 raw) {
        int countAt = out.length();
        out.writeInt(0);
        int count = 2;
        out.writeByte(0);
        typespace(raw.typespace());
        count += section(1, raw.types(), this::type);
        count += section(2, raw.tables(), this::tableV10);
        count += section(3, raw.reducers(), this::reducerV10);
        count += section(4, raw.procedures(), this::procedureV10);
        count += section(11, raw.httpHandlers(), out::writeString);
        count += section(12, raw.httpRoutes(), this::route);
        count += section(5, raw.views(), this::view);
        count += section(13, raw.viewPrimaryKeys(), key -> {
            out.writeString(key.view());
            list(key.columns(), out::writeString);
        });
        count += section(6, raw.schedules(), this::scheduleV10);
        count += section(7, raw.lifecycles(), lifecycle -> {
            out.writeByte(tag(lifecycle.lifecycle()));
            out.writeString(lifecycle.function());
        });
        count += section(8, raw.rowLevelSecurity(), out::writeString);
        if (raw.casePolicy() == CasePolicy.NONE) {
            out.writeByte(9).writeByte(0);
            count++;
        }
        out.writeByte(10);
        list(raw.explicitNames(), this::explicitName);
        count += section(14, raw.submodules(), submodule -> {
            out.writeString(submodule.namespace());
            writeV10(submodule.module());
        });
        out.setInt(countAt, count);
    }

    private <T> int section(int tag, List<T> elements, Consumer<T> element) {
        if (elements.isEmpty()) {
            return 0;
        }
        out.writeByte(tag);
        list(elements, element);
        return 1;
    }

    private void writeV9(RawModuleDef.V9 raw) {
        typespace(raw.typespace());
        list(raw.tables(), this::tableV9);
        list(raw.reducers(), this::reducerV9);
        list(raw.types(), this::type);
        list(raw.miscExports(), this::miscExport);
        list(raw.rowLevelSecurity(), out::writeString);
    }

    private void typespace(Typespace typespace) {
        list(typespace.types(), type -> TypeCodec.write(out, type));
    }

    private void type(RawType type) {
        list(type.scope(), out::writeString);
        out.writeString(type.sourceName()).writeInt(type.ref()).writeBool(type.customOrdering());
    }

    private void tableV10(RawTable table) {
        tableHead(table);
        tableTypeAndAccess(table);
        list(table.defaults(), this::defaultValue);
        out.writeBool(table.isEvent());
    }

    private void tableV9(TableV9 table) {
        tableHead(table.table());
        option(table.schedule(), schedule -> {
            option(schedule.sourceName(), out::writeString);
            out.writeString(schedule.function()).writeShort(schedule.atColumn());
        });
        tableTypeAndAccess(table.table());
    }

    private void tableHead(RawTable table) {
        out.writeString(table.sourceName()).writeInt(table.productTypeRef());
        columns(table.primaryKey());
        list(table.indexes(), this::index);
        list(table.constraints(), constraint -> {
            option(constraint.sourceName(), out::writeString);
            out.writeByte(0);
            columns(constraint.columns());
        });
        list(table.sequences(), this::sequence);
    }

    private void tableTypeAndAccess(RawTable table) {
        out.writeByte(table.isSystem() ? 0 : 1).writeByte(table.isPublic() ? 0 : 1);
    }

    private void index(RawIndex index) {
        option(index.sourceName(), out::writeString);
        option(index.accessorName(), out::writeString);
        switch (index.algorithm()) {
            case BTREE -> {
                out.writeByte(0);
                columns(index.columns());
            }
            case HASH -> {
                out.writeByte(1);
                columns(index.columns());
            }
            case DIRECT -> out.writeByte(2).writeShort(index.columns().getFirst());
        }
    }

    private void sequence(RawSequence sequence) {
        option(sequence.sourceName(), out::writeString);
        out.writeShort(sequence.column());
        option(sequence.start(), this::i128);
        option(sequence.min(), this::i128);
        option(sequence.max(), this::i128);
        i128(sequence.increment());
    }

    private void defaultValue(RawDefault value) {
        out.writeShort(value.column()).writeByteArray(value.value());
    }

    private void reducerV10(RawReducer reducer) {
        out.writeString(reducer.sourceName());
        TypeCodec.writeProduct(out, reducer.parameters());
        visibility(reducer.visibility());
        TypeCodec.write(out, reducer.okType());
        TypeCodec.write(out, reducer.errType());
    }

    private void reducerV9(ReducerV9 reducer) {
        out.writeString(reducer.name());
        TypeCodec.writeProduct(out, reducer.parameters());
        option(reducer.lifecycle(), lifecycle -> out.writeByte(tag(lifecycle)));
    }

    private void procedureV10(RawProcedure procedure) {
        procedureHead(procedure);
        visibility(procedure.visibility());
    }

    private void procedureHead(RawProcedure procedure) {
        out.writeString(procedure.sourceName());
        TypeCodec.writeProduct(out, procedure.parameters());
        TypeCodec.write(out, procedure.returnType());
    }

    private void miscExport(MiscExport export) {
        switch (export) {
            case ColumnDefaultV9(String table, RawDefault value) -> {
                out.writeByte(0).writeString(table);
                defaultValue(value);
            }
            case RawProcedure procedure -> {
                out.writeByte(1);
                procedureHead(procedure);
            }
            case RawView view -> {
                out.writeByte(2);
                view(view);
            }
        }
    }

    private void view(RawView view) {
        out.writeString(view.sourceName())
                .writeInt(view.index())
                .writeBool(view.isPublic())
                .writeBool(view.isAnonymous());
        TypeCodec.writeProduct(out, view.parameters());
        TypeCodec.write(out, view.returnType());
    }

    private void scheduleV10(RawSchedule schedule) {
        option(schedule.sourceName(), out::writeString);
        out.writeString(schedule.table()).writeShort(schedule.atColumn()).writeString(schedule.function());
    }

    private void explicitName(RawExplicitName name) {
        out.writeByte(
                switch (name.kind()) {
                    case TABLE -> 0;
                    case FUNCTION -> 1;
                    case INDEX -> 2;
                });
        out.writeString(name.sourceName()).writeString(name.canonicalName());
    }

    private void route(RawRoute route) {
        out.writeString(route.handler());
        @Nullable String method = route.method();
        if (method == null) {
            out.writeByte(0);
        } else {
            int known = HttpMethods.KNOWN.indexOf(method);
            out.writeByte(1).writeByte(known < 0 ? HttpMethods.EXTENSION_TAG : known);
            if (known < 0) {
                out.writeString(method);
            }
        }
        out.writeString(route.path());
    }

    private void visibility(Visibility visibility) {
        out.writeByte(visibility == Visibility.PRIVATE ? 0 : 1);
    }

    private static int tag(Lifecycle lifecycle) {
        return switch (lifecycle) {
            case INIT -> 0;
            case ON_CONNECT -> 1;
            case ON_DISCONNECT -> 2;
        };
    }

    private void i128(BigInteger value) {
        out.writeBigInteger(value, I128_BYTES);
    }

    private void columns(List<Integer> positions) {
        list(positions, out::writeShort);
    }

    private <T> void option(@Nullable T value, Consumer<T> some) {
        if (value == null) {
            out.writeByte(1);
        } else {
            out.writeByte(0);
            some.accept(value);
        }
    }

    private <T> void list(List<T> elements, Consumer<T> element) {
        out.writeInt(elements.size());
        elements.forEach(element);
    }
}
