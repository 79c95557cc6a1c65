package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.ColumnDefaultV9;
import io.pinion.store.schema.RawModuleDef.ColumnV8;
import io.pinion.store.schema.RawModuleDef.ConstraintV8;
import io.pinion.store.schema.RawModuleDef.IndexV8;
import io.pinion.store.schema.RawModuleDef.MiscExport;
import io.pinion.store.schema.RawModuleDef.RawConstraint;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.ReducerV8;
import io.pinion.store.schema.RawModuleDef.ReducerV9;
import io.pinion.store.schema.RawModuleDef.TableV8;
import io.pinion.store.schema.RawModuleDef.TableV9;
import io.pinion.store.schema.RawModuleDef.TypeAliasV8;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a module description. Memory grows with the bytes that are there, never with a count that is only declared:
 * every element of every list takes at least one byte. Surplus bytes at the end are ignored. Used once.
 */
final class RawModuleDefReader {
    private static final int I128_BYTES = 16;
    private static final List<String> VERSIONS = List.of("V8", "V9", "V10");

    private static final List<Lifecycle> LIFECYCLES =
            List.of(Lifecycle.INIT, Lifecycle.ON_CONNECT, Lifecycle.ON_DISCONNECT);

    private final BsatnReader in;

    private RawModuleDefReader(BsatnReader in) {
        this.in = in;
    }

    /** @throws BsatnException if the bytes are not a description */
    static RawModuleDef read(Bytes bytes) {
        RawModuleDefReader reader = new RawModuleDefReader(new BsatnReader(bytes));
        return switch (reader.in.readTag(VERSIONS.size(), "a module description " + VERSIONS)) {
            case 0 -> reader.readV8();
            case 1 -> reader.readV9();
            default -> new SectionReader(reader, reader.in).read();
        };
    }

    private RawModuleDef.V8 readV8() {
        Typespace typespace = readTypespace();
        List<TableV8> tables = list(this::readTableV8);
        List<ReducerV8> reducers = list(() -> new ReducerV8(in.readString(), TypeCodec.readProduct(in)));
        List<TypeAliasV8> aliases = list(() -> {
            in.readTag(1, "a V8 export");
            return new TypeAliasV8(in.readString(), in.readInt());
        });
        return new RawModuleDef.V8(typespace, tables, reducers, aliases);
    }

    private TableV8 readTableV8() {
        return new TableV8(
                in.readString(),
                list(() -> new ColumnV8(in.readString(), TypeCodec.read(in))),
                list(this::readIndexV8),
                list(() -> new ConstraintV8(in.readString(), in.readU8(), columns())),
                list(this::readSequenceV8),
                word("table type", "user", "system"),
                word("table access", "private", "public"),
                option(in::readString),
                in.readInt());
    }

    private IndexV8 readIndexV8() {
        String name = in.readString();
        boolean isUnique = in.readBool();
        boolean isHash = in.readTag(2, "an index type") == 1;
        return new IndexV8(name, isUnique, isHash ? IndexAlgorithm.HASH : IndexAlgorithm.BTREE, columns());
    }

    private RawSequence readSequenceV8() {
        String name = in.readString();
        int column = in.readU16();
        BigInteger increment = readI128();
        RawSequence sequence = new RawSequence(
                name, column, option(this::readI128), option(this::readI128), option(this::readI128), increment);
        in.skip(I128_BYTES); // what the old host had allocated
        return sequence;
    }

    /** Reads one of two words; true for the second. */
    private boolean word(String what, String first, String second) {
        int at = in.position();
        String word = in.readString();
        if (!word.equals(first) && !word.equals(second)) {
            throw new BsatnException(
                    BsatnException.Category.CUSTOM,
                    "the " + what + " at " + at + " must be " + first + " or " + second + ", not "
                            + Errors.quote(word));
        }
        return word.equals(second);
    }

    private RawModuleDef.V9 readV9() {
        return new RawModuleDef.V9(
                readTypespace(),
                list(this::readTableV9),
                list(() -> new ReducerV9(in.readString(), TypeCodec.readProduct(in), option(this::readLifecycle))),
                list(this::readTypeDef),
                list(this::readMiscExport),
                list(in::readString));
    }

    private TableV9 readTableV9() {
        String name = in.readString();
        int productTypeRef = in.readInt();
        List<Integer> primaryKey = columns();
        List<RawIndex> indexes = list(this::readIndex);
        List<RawConstraint> constraints = list(this::readConstraint);
        List<RawSequence> sequences = list(this::readSequence);
        @Nullable RawSchedule schedule = option(() -> readScheduleV9(name));
        boolean isSystem = readIsSystem();
        boolean isPublic = readIsPublic();
        RawTable table = new RawTable(
                name,
                productTypeRef,
                primaryKey,
                indexes,
                constraints,
                sequences,
                isSystem,
                isPublic,
                List.of(),
                false);
        return new TableV9(table, schedule);
    }

    private RawSchedule readScheduleV9(String table) {
        @Nullable String name = option(in::readString);
        String function = in.readString();
        return new RawSchedule(name, table, in.readU16(), function);
    }

    private MiscExport readMiscExport() {
        return switch (in.readTag(3, "a V9 export")) {
            case 0 -> new ColumnDefaultV9(in.readString(), readDefault());
            case 1 ->
                new RawProcedure(
                        in.readString(), TypeCodec.readProduct(in), TypeCodec.read(in), Visibility.CLIENT_CALLABLE);
            default -> readView();
        };
    }

    Typespace readTypespace() {
        return new Typespace(list(() -> TypeCodec.read(in)));
    }

    RawType readTypeDef() {
        return new RawType(list(in::readString), in.readString(), in.readInt(), in.readBool());
    }

    RawIndex readIndex() {
        @Nullable String sourceName = option(in::readString);
        @Nullable String accessorName = option(in::readString);
        return switch (in.readTag(3, "an index algorithm")) {
            case 0 -> new RawIndex(sourceName, accessorName, IndexAlgorithm.BTREE, columns());
            case 1 -> new RawIndex(sourceName, accessorName, IndexAlgorithm.HASH, columns());
            default -> new RawIndex(sourceName, accessorName, IndexAlgorithm.DIRECT, List.of(in.readU16()));
        };
    }

    RawConstraint readConstraint() {
        @Nullable String sourceName = option(in::readString);
        in.readTag(1, "a constraint");
        return new RawConstraint(sourceName, columns());
    }

    RawSequence readSequence() {
        return new RawSequence(
                option(in::readString),
                in.readU16(),
                option(this::readI128),
                option(this::readI128),
                option(this::readI128),
                readI128());
    }

    RawView readView() {
        return new RawView(
                in.readString(),
                in.readInt(),
                in.readBool(),
                in.readBool(),
                TypeCodec.readProduct(in),
                TypeCodec.read(in));
    }

    RawDefault readDefault() {
        return new RawDefault(in.readU16(), in.readByteArray());
    }

    Lifecycle readLifecycle() {
        return choice(LIFECYCLES, "a lifecycle event");
    }

    boolean readIsSystem() {
        return in.readTag(2, "a table type") == 0;
    }

    boolean readIsPublic() {
        return in.readTag(2, "a table access") == 0;
    }

    List<Integer> columns() {
        return list(in::readU16);
    }

    <T> T choice(List<T> inTagOrder, String what) {
        return inTagOrder.get(in.readTag(inTagOrder.size(), what));
    }

    <T> @Nullable T option(Supplier<T> some) {
        return in.readTag(2, "an option") == 0 ? some.get() : null;
    }

    <T> List<T> list(Supplier<T> element) {
        long count = in.readCount();
        List<T> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            elements.add(element.get());
        }
        return elements;
    }

    private BigInteger readI128() {
        return in.readBigInteger(I128_BYTES, true);
    }
}
