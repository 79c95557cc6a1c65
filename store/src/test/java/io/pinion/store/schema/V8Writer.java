package io.pinion.store.schema;

import io.pinion.store.schema.RawModuleDef.ColumnV8;
import io.pinion.store.schema.RawModuleDef.ConstraintV8;
import io.pinion.store.schema.RawModuleDef.IndexV8;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.TableV8;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Encodes V8 descriptions, with the version's tag: nothing writes them any more but tests. */
final class V8Writer {
    private final BsatnWriter out = new BsatnWriter();

    private V8Writer() {}

    static Bytes write(RawModuleDef.V8 raw) {
        V8Writer writer = new V8Writer();
        writer.out.writeByte(0);
        writer.list(raw.typespace().types(), type -> TypeCodec.write(writer.out, type));
        writer.list(raw.tables(), writer::table);
        writer.list(raw.reducers(), reducer -> {
            writer.out.writeString(reducer.name());
            TypeCodec.writeProduct(writer.out, reducer.parameters());
        });
        writer.list(
                raw.aliases(),
                alias -> writer.out.writeByte(0).writeString(alias.name()).writeInt(alias.ref()));
        return writer.out.toBytes();
    }

    private void table(TableV8 table) {
        out.writeString(table.name());
        list(table.columns(), this::column);
        list(table.indexes(), this::index);
        list(table.constraints(), this::constraint);
        list(table.sequences(), this::sequence);
        out.writeString(table.isSystem() ? "system" : "user").writeString(table.isPublic() ? "public" : "private");
        option(table.scheduled(), out::writeString);
        out.writeInt(table.productTypeRef());
    }

    private void column(ColumnV8 column) {
        TypeCodec.write(out.writeString(column.name()), column.type());
    }

    private void index(IndexV8 index) {
        out.writeString(index.name()).writeBool(index.isUnique());
        out.writeByte(index.algorithm() == ModuleDef.IndexAlgorithm.HASH ? 1 : 0);
        list(index.columns(), out::writeShort);
    }

    private void constraint(ConstraintV8 constraint) {
        out.writeString(constraint.name()).writeByte(constraint.bits());
        list(constraint.columns(), out::writeShort);
    }

    private void sequence(RawSequence sequence) {
        option(sequence.sourceName(), out::writeString);
        out.writeShort(sequence.column());
        i128(sequence.increment());
        option(sequence.start(), this::i128);
        option(sequence.min(), this::i128);
        option(sequence.max(), this::i128);
        i128(BigInteger.ZERO);
    }

    private void i128(BigInteger value) {
        out.writeBigInteger(value, 16);
    }

    private <T> void option(@Nullable T value, Consumer<T> some) {
        out.writeByte(value == null ? 1 : 0);
        if (value != null) {
            some.accept(value);
        }
    }

    private <T> void list(List<T> elements, Consumer<T> element) {
        out.writeInt(elements.size());
        elements.forEach(element);
    }
}
