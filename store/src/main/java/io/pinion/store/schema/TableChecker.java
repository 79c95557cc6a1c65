package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.RawModuleDef.RawConstraint;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.InvalidTypeException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks one table and names what belongs to it. Schedules are added later, when the functions are known. Used once. */
final class TableChecker {
    /** Of names that are the system's. */
    static final String RESERVED_PREFIX = "st_";

    private static final int COLUMNS_MAX = 1 << 16;
    private static final BigInteger SEQUENCE_MAX_DEFAULT =
            BigInteger.TWO.pow(127).subtract(BigInteger.ONE);
    private static final Set<Primitive> DIRECT_INDEX_TYPES =
            EnumSet.of(Primitive.U8, Primitive.U16, Primitive.U32, Primitive.U64);

    private final RawTable raw;
    private final boolean isV10;
    private final Names names;
    private final TypeChecker types;
    private final GlobalNames globalNames;
    private final String where;
    private final Errors errors;
    private final String name;
    private List<ColumnDef> columns = List.of();

    TableChecker(
            RawTable raw, boolean isV10, Names names, TypeChecker types, GlobalNames globalNames, Errors moduleErrors) {
        this.raw = raw;
        this.isV10 = isV10;
        this.names = names;
        this.types = types;
        this.globalNames = globalNames;
        this.where = "table " + quote(raw.sourceName());
        this.errors = moduleErrors.within(where);
        this.name = names.table(raw.sourceName());
    }

    /** Null if there is no row product, with the error added; with any other error the table is not to be used. */
    @Nullable
    TableDef check() {
        checkName();
        AlgebraicType.@Nullable Product row = types.product(raw.productTypeRef());
        if (row == null) {
            errors.add("its row type, reference " + Integer.toUnsignedString(raw.productTypeRef())
                    + ", leads to no product");
            return null;
        }
        if (row.elements().size() > COLUMNS_MAX) {
            errors.add("has " + row.elements().size() + " columns, more than " + COLUMNS_MAX);
            return null;
        }
        columns = types.columns(raw.productTypeRef(), row, where);
        List<UniqueConstraintDef> constraints = checkConstraints();
        return new TableDef(
                name,
                raw.sourceName(),
                raw.productTypeRef(),
                columns,
                checkPrimaryKey(constraints),
                checkIndexes(constraints),
                constraints,
                checkSequences(),
                Optional.empty(),
                raw.isPublic() ? TableAccess.PUBLIC : TableAccess.PRIVATE,
                raw.isEvent(),
                checkDefaults());
    }

    private void checkName() {
        Identifiers.check(raw.sourceName(), "name", errors);
        Identifiers.check(name, "name", errors);
        if (name.startsWith(RESERVED_PREFIX)) {
            errors.add("the name " + quote(name) + " is reserved: it begins with " + RESERVED_PREFIX);
        }
        if (raw.isSystem()) {
            errors.add("is declared to be of the system, which no module's table is");
        }
        globalNames.add(raw.sourceName(), name, where);
    }

    private OptionalInt checkPrimaryKey(List<UniqueConstraintDef> constraints) {
        if (raw.primaryKey().isEmpty()) {
            return OptionalInt.empty();
        }
        if (raw.primaryKey().size() > 1) {
            errors.add("the primary key has " + raw.primaryKey().size() + " columns; one at most is allowed");
            return OptionalInt.empty();
        }
        int column = raw.primaryKey().getFirst();
        if (!isColumn(column, "the primary key")) {
            return OptionalInt.empty();
        }
        boolean isUnique =
                constraints.stream().anyMatch(constraint -> constraint.columns().equals(List.of(column)));
        if (!isUnique) {
            errors.add("the primary key column " + quote(columnName(column)) + " has no unique constraint");
        }
        return OptionalInt.of(column);
    }

    private List<UniqueConstraintDef> checkConstraints() {
        List<UniqueConstraintDef> constraints = new ArrayList<>();
        Set<List<Integer>> indexedSets = new HashSet<>();
        raw.indexes().forEach(index -> indexedSets.add(sorted(index.columns())));
        for (RawConstraint constraint : raw.constraints()) {
            if (!areColumns(constraint.columns(), "a unique constraint")) {
                continue;
            }
            String constraintName = names.uniqueConstraint(
                    constraint.sourceName(),
                    name,
                    constraint.columns().stream().map(this::columnName).toList());
            globalNames.add(constraintName, "a unique constraint of " + where);
            List<Integer> columnSet = sorted(constraint.columns());
            if (!indexedSets.contains(columnSet)) {
                errors.add("the unique constraint " + quote(constraintName) + " has no index over its columns");
            }
            constraints.add(new UniqueConstraintDef(constraintName, columnSet));
        }
        return constraints;
    }

    private List<IndexDef> checkIndexes(List<UniqueConstraintDef> constraints) {
        List<IndexDef> indexes = new ArrayList<>();
        Set<List<Integer>> uniqueSets = new HashSet<>();
        constraints.forEach(constraint -> uniqueSets.add(constraint.columns()));
        for (RawIndex index : raw.indexes()) {
            String label = "index " + (index.sourceName() == null ? "without a name" : quote(index.sourceName()));
            if (isV10 && index.sourceName() == null) {
                errors.add("an index over columns " + abbreviated(index.columns()) + " has no source name");
                continue;
            }
            if (!areColumns(index.columns(), label)) {
                continue;
            }
            boolean isUnique = uniqueSets.contains(sorted(index.columns()));
            indexes.add(checkIndex(index, label, isUnique));
        }
        return indexes;
    }

    private IndexDef checkIndex(RawIndex index, String label, boolean isUnique) {
        List<String> columnNames =
                index.columns().stream().map(this::columnName).toList();
        String indexName = names.index(index.sourceName(), name, columnNames, index.algorithm());
        String sourceName = index.sourceName() == null ? indexName : index.sourceName();
        globalNames.add(sourceName, indexName, label + " of " + where);
        if (isV10) {
            Identifiers.check(indexName, "index name", errors);
        }
        if (index.accessorName() != null) {
            Identifiers.check(index.accessorName(), "index accessor name", errors);
        }
        if (index.algorithm() == IndexAlgorithm.DIRECT
                && !isDirectlyIndexable(columns.get(index.columns().getFirst()).type())) {
            errors.add(label + " is direct, but column " + quote(columnNames.getFirst())
                    + " is not U8, U16, U32, U64 or an enum without payload");
        }
        return new IndexDef(
                indexName,
                sourceName,
                Optional.ofNullable(index.accessorName()),
                index.algorithm(),
                index.columns(),
                isUnique);
    }

    private static boolean isDirectlyIndexable(AlgebraicType type) {
        return SpecialTypes.isPlainEnum(type)
                || (type instanceof Primitive primitive && DIRECT_INDEX_TYPES.contains(primitive));
    }

    private List<SequenceDef> checkSequences() {
        List<SequenceDef> sequences = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (RawSequence sequence : raw.sequences()) {
            if (!areColumns(List.of(sequence.column()), "a sequence")) {
                continue;
            }
            String column = columnName(sequence.column());
            String sequenceName = names.sequence(sequence.sourceName(), name, column);
            globalNames.add(sequenceName, "a sequence of " + where);
            if (!taken.add(sequence.column())) {
                errors.add("column " + quote(column) + " has more than one sequence");
            }
            if (!(columns.get(sequence.column()).type() instanceof Primitive type && type.isInteger())) {
                errors.add("column " + quote(column) + " has a sequence but is not of an integer type");
            }
            sequences.add(checkRange(sequence, sequenceName));
        }
        return sequences;
    }

    private SequenceDef checkRange(RawSequence raw, String sequenceName) {
        BigInteger start = Optional.ofNullable(raw.start()).orElse(BigInteger.ONE);
        BigInteger min = Optional.ofNullable(raw.min()).orElse(BigInteger.ONE);
        BigInteger max = Optional.ofNullable(raw.max()).orElse(SEQUENCE_MAX_DEFAULT);
        String label = "the sequence " + quote(sequenceName);
        if (raw.start() != null && raw.min() != null && start.compareTo(min) < 0) {
            errors.add(label + " starts at " + start + ", below its minimum " + min);
        }
        if (raw.start() != null && raw.max() != null && start.compareTo(max) > 0) {
            errors.add(label + " starts at " + start + ", above its maximum " + max);
        }
        if (max.compareTo(min) <= 0) {
            errors.add(label + " has no range: its maximum " + max + " is not above its minimum " + min);
        } else if (raw.increment().signum() == 0) {
            errors.add(label + " has increment 0");
        } else if (raw.increment().abs().compareTo(max.subtract(min)) >= 0) {
            errors.add(
                    label + " has increment " + raw.increment() + ", which spans its range from " + min + " to " + max);
        }
        return new SequenceDef(sequenceName, raw.column(), start, min, max, raw.increment());
    }

    private Map<Integer, Bytes> checkDefaults() {
        Map<Integer, Bytes> defaults = new HashMap<>();
        for (RawDefault value : raw.defaults()) {
            if (!isColumn(value.column(), "a default")) {
                continue;
            }
            ColumnDef column = columns.get(value.column());
            Bytes earlier = defaults.put(value.column(), checkDefault(value.value(), column));
            if (earlier != null && !isV10) {
                errors.add("column " + quote(column.name()) + " has more than one default");
            }
        }
        return defaults;
    }

    /** The part of the bytes that is the value; what follows it is ignored. */
    private Bytes checkDefault(Bytes value, ColumnDef column) {
        try {
            int end = BsatnLayout.of(column.type()).check(value.unsafeArray(), 0, value.length());
            return Bytes.copyOf(value.unsafeArray(), 0, end);
        } catch (BsatnException e) {
            errors.add(
                    "the default of column " + quote(column.name()) + " is not a value of its type: " + e.getMessage());
        } catch (InvalidTypeException _) {
            // The column's type itself is wrong, which has been said.
        }
        return value;
    }

    private static List<Integer> sorted(List<Integer> positions) {
        return positions.stream().sorted().toList();
    }

    private boolean areColumns(List<Integer> positions, String what) {
        if (positions.isEmpty()) {
            errors.add(what + " names no column");
            return false;
        }
        Set<Integer> distinct = new HashSet<>(positions);
        if (distinct.size() < positions.size()) {
            errors.add(what + " names a column more than once: " + abbreviated(positions));
            return false;
        }
        boolean areAll = true;
        for (int position : positions) {
            areAll &= isColumn(position, what);
        }
        return areAll && isNameable(positions, what);
    }

    /** A name generated from these columns is joined from theirs and the table's. */
    private boolean isNameable(List<Integer> positions, String what) {
        long length = name.length();
        for (int position : positions) {
            length += columnName(position).length();
        }
        if (length > Identifiers.LENGTH_MAX) {
            errors.add(what + " over columns " + abbreviated(positions) + " would get a name longer than "
                    + Identifiers.LENGTH_MAX + " characters");
        }
        return length <= Identifiers.LENGTH_MAX;
    }

    private boolean isColumn(int position, String what) {
        if (position < columns.size()) {
            return true;
        }
        errors.add(what + " names column " + position + ", but there are only " + columns.size() + " columns");
        return false;
    }

    private String columnName(int position) {
        return columns.get(position).name();
    }

    private static String abbreviated(List<Integer> positions) {
        return positions.size() <= 16 ? positions.toString() : positions.subList(0, 16) + "…";
    }
}
