package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.RawModuleDef.ColumnV8;
import io.pinion.store.schema.RawModuleDef.ConstraintV8;
import io.pinion.store.schema.RawModuleDef.IndexV8;
import io.pinion.store.schema.RawModuleDef.RawConstraint;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.TableV8;
import io.pinion.store.schema.RawModuleDef.TableV9;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.InvalidTypeException;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns a V8 table into a V9 one. A V8 constraint is a set of bits that can imply an index and a sequence, and a unique
 * index implies a constraint; what is implied and not there is generated. Used once.
 */
final class V8TableUpgrade {
    private static final int INDEXED = 1;
    private static final int AUTO_INCREMENT = 2;
    private static final int UNIQUE = 4;
    private static final int PRIMARY_KEY = 8;
    private static final Set<Integer> KINDS = Set.of(
            INDEXED,
            AUTO_INCREMENT,
            INDEXED | UNIQUE,
            INDEXED | UNIQUE | AUTO_INCREMENT,
            INDEXED | UNIQUE | PRIMARY_KEY,
            INDEXED | UNIQUE | PRIMARY_KEY | AUTO_INCREMENT);
    private static final String SCHEDULED_AT = "scheduled_at";

    private final TableV8 table;
    private final Typespace typespace;
    private final Errors errors;
    private final List<RawIndex> indexes = new ArrayList<>();
    private final Set<Set<Integer>> indexedSets = new HashSet<>();
    private final Map<Set<Integer>, RawConstraint> uniqueConstraints = new LinkedHashMap<>();
    private final List<RawSequence> sequences = new ArrayList<>();
    private final List<Integer> primaryKey = new ArrayList<>();

    V8TableUpgrade(TableV8 table, Typespace typespace, Errors errors) {
        this.table = table;
        this.typespace = typespace;
        this.errors = errors;
    }

    TableV9 upgrade() {
        checkColumns();
        table.indexes().forEach(this::keepIndex);
        sequences.addAll(table.sequences());
        table.constraints().forEach(this::upgradeConstraint);
        table.indexes().stream().filter(IndexV8::isUnique).forEach(this::addConstraintOfIndex);
        RawTable upgraded = new RawTable(
                table.name(),
                table.productTypeRef(),
                primaryKey,
                indexes,
                List.copyOf(uniqueConstraints.values()),
                sequences,
                table.isSystem(),
                table.isPublic(),
                List.of(),
                false);
        return new TableV9(upgraded, schedule());
    }

    private void keepIndex(IndexV8 index) {
        indexes.add(new RawIndex(index.name(), null, index.algorithm(), index.columns()));
        indexedSets.add(Set.copyOf(index.columns()));
    }

    private void upgradeConstraint(ConstraintV8 constraint) {
        int bits = constraint.bits();
        if (!KINDS.contains(bits)) {
            errors.add("the constraint " + quote(constraint.name()) + " has the unknown kind " + bits);
            return;
        }
        if ((bits & INDEXED) != 0 && indexedSets.add(Set.copyOf(constraint.columns()))) {
            String kind = (bits & UNIQUE) != 0 ? "unique" : "non_unique";
            String name = "idx_" + table.name() + "_" + shortName(constraint.name()) + "_" + kind;
            indexes.add(new RawIndex(name, null, ModuleDef.IndexAlgorithm.BTREE, constraint.columns()));
        }
        if ((bits & UNIQUE) != 0) {
            uniqueConstraints.putIfAbsent(
                    Set.copyOf(constraint.columns()), new RawConstraint(constraint.name(), constraint.columns()));
        }
        if ((bits & AUTO_INCREMENT) != 0) {
            addSequence(constraint);
        }
        if ((bits & PRIMARY_KEY) != 0) {
            primaryKey.addAll(constraint.columns());
        }
    }

    private void addSequence(ConstraintV8 constraint) {
        if (constraint.columns().size() != 1) {
            errors.add("the constraint " + quote(constraint.name()) + " auto-increments "
                    + constraint.columns().size() + " columns; it must be one");
            return;
        }
        int column = constraint.columns().getFirst();
        if (sequences.stream().noneMatch(sequence -> sequence.column() == column)) {
            String name = "seq_" + table.name() + "_" + shortName(constraint.name());
            sequences.add(new RawSequence(name, column, null, null, null, BigInteger.ONE));
        }
    }

    private void addConstraintOfIndex(IndexV8 index) {
        String columns = index.columns().stream().map(this::columnName).collect(Collectors.joining("_"));
        uniqueConstraints.putIfAbsent(
                Set.copyOf(index.columns()),
                new RawConstraint("ct_" + table.name() + "_" + columns + "_unique", index.columns()));
    }

    private String columnName(int position) {
        return position < table.columns().size()
                ? table.columns().get(position).name()
                : TypeChecker.generatedColumnName(position);
    }

    /** The constraint's name without the prefix it got when it was generated itself. */
    private String shortName(String name) {
        String whole = "ct_" + table.name() + "_";
        return name.startsWith(whole) ? name.substring(whole.length()) : name;
    }

    private @Nullable RawSchedule schedule() {
        if (table.scheduled() == null) {
            return null;
        }
        for (int i = 0; i < table.columns().size(); i++) {
            if (table.columns().get(i).name().equals(SCHEDULED_AT)) {
                return new RawSchedule(null, table.name(), i, table.scheduled());
            }
        }
        errors.add("is scheduled but has no column " + quote(SCHEDULED_AT));
        return null;
    }

    /** The columns are described twice, once as such and once as the row product. */
    private void checkColumns() {
        AlgebraicType row;
        try {
            row = typespace.resolve(new AlgebraicType.Ref(table.productTypeRef()));
        } catch (InvalidTypeException e) {
            return; // reported when the table itself is checked
        }
        if (!(row instanceof AlgebraicType.Product(List<Element> elements))) {
            return;
        }
        if (elements.size() != table.columns().size()) {
            errors.add("describes " + table.columns().size() + " columns, but its row type has " + elements.size());
            return;
        }
        Inliner inliner = new Inliner(typespace);
        for (int i = 0; i < elements.size(); i++) {
            checkColumn(table.columns().get(i), elements.get(i), inliner);
        }
    }

    private void checkColumn(ColumnV8 column, Element element, Inliner inliner) {
        try {
            boolean isSame = column.name().equals(element.name())
                    && inliner.inline(column.type()).equals(inliner.inline(element.type()));
            if (!isSame) {
                errors.add("column " + quote(column.name()) + " differs from the field of the row type");
            }
        } catch (InvalidTypeException e) {
            errors.add("column " + quote(column.name()) + ": " + e.getMessage());
        }
    }
}
