package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A table definition in the course of random changes, all of which a plan allows. Names are never used twice. */
final class TableEvolution {
    private static final int DOMAIN = 6;

    private final TableDef before;
    private final RandomGenerator random;
    private final List<ColumnDef> columns;
    private final List<IndexDef> indexes;
    private final List<UniqueConstraintDef> constraints;
    private final List<SequenceDef> sequences;
    private final Map<Integer, Bytes> defaults;
    private TableAccess access;

    TableEvolution(TableDef before, RandomGenerator random) {
        this.before = before;
        this.random = random;
        this.columns = new ArrayList<>(before.columns());
        this.indexes = new ArrayList<>(before.indexes());
        this.constraints = new ArrayList<>(before.uniqueConstraints());
        this.sequences = new ArrayList<>(before.sequences());
        this.defaults = new HashMap<>(before.defaults());
        this.access = before.access();
    }

    TableDef build() {
        return new TableDef(
                before.name(),
                before.sourceName(),
                0,
                columns,
                before.primaryKey(),
                indexes,
                constraints,
                sequences,
                Optional.empty(),
                access,
                before.isEvent(),
                defaults);
    }

    TableEvolution change(int number) {
        switch (random.nextInt(8)) {
            case 0, 1 -> addColumn(number);
            case 2 -> growSum(number);
            case 3 -> removeIndex();
            case 4 -> addIndex(number);
            case 5 -> changeIndex();
            case 6 -> changeSequence(number);
            default -> access = access == TableAccess.PUBLIC ? TableAccess.PRIVATE : TableAccess.PUBLIC;
        }
        return this;
    }

    private void addColumn(int number) {
        AlgebraicType type = NaiveValue.randomType(random, 3);
        BsatnWriter initial = new BsatnWriter();
        NaiveValue.writeRandom(initial, type, random, DOMAIN);
        defaults.put(columns.size(), initial.toBytes());
        columns.add(new ColumnDef("added" + number, "added" + number, type));
    }

    private void growSum(int number) {
        int position = random.nextInt(columns.size());
        ColumnDef column = columns.get(position);
        boolean isDirect = indexes.stream()
                .anyMatch(index -> index.algorithm() == IndexAlgorithm.DIRECT
                        && index.columns().contains(position));
        if (!isDirect) {
            columns.set(position, new ColumnDef(column.name(), column.sourceName(), grown(column.type(), number)));
        }
    }

    /** Every sum in it gets one more variant. */
    private AlgebraicType grown(AlgebraicType type, int number) {
        return switch (type) {
            case AlgebraicType.Primitive primitive -> primitive;
            case AlgebraicType.Ref ref -> throw new AssertionError("not inlined: " + ref);
            case AlgebraicType.Array(AlgebraicType element) -> new AlgebraicType.Array(grown(element, number));
            case AlgebraicType.Product(List<Element> elements) -> new AlgebraicType.Product(grown(elements, number));
            case AlgebraicType.Sum(List<Element> variants) -> {
                List<Element> more = new ArrayList<>(grown(variants, number));
                more.add(new Element("more" + number, random.nextBoolean() ? AlgebraicType.UNIT : Primitive.I32));
                yield new AlgebraicType.Sum(more);
            }
        };
    }

    private List<Element> grown(List<Element> elements, int number) {
        return elements.stream()
                .map(element -> new Element(element.name(), grown(element.type(), number)))
                .toList();
    }

    private void removeIndex() {
        if (!indexes.isEmpty()) {
            IndexDef removed = indexes.remove(random.nextInt(indexes.size()));
            constraints.removeIf(constraint -> constraint.name().equals(removed.name() + "_key"));
        }
    }

    private void addIndex(int number) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            int column = random.nextInt(columns.size());
            if (!positions.contains(column)) {
                positions.add(column);
            }
        }
        IndexAlgorithm algorithm = random.nextBoolean() ? IndexAlgorithm.BTREE : IndexAlgorithm.HASH;
        put(before.name() + "_added" + number, algorithm, positions, random.nextBoolean(), indexes.size());
    }

    /** Another algorithm under the same name, or another uniqueness. */
    private void changeIndex() {
        if (indexes.isEmpty()) {
            return;
        }
        int position = random.nextInt(indexes.size());
        IndexDef old = indexes.remove(position);
        constraints.removeIf(constraint -> constraint.name().equals(old.name() + "_key"));
        IndexAlgorithm other = old.algorithm() == IndexAlgorithm.BTREE ? IndexAlgorithm.HASH : IndexAlgorithm.BTREE;
        boolean isOther = random.nextBoolean();
        put(old.name(), isOther ? other : old.algorithm(), old.columns(), isOther == old.isUnique(), position);
    }

    private void put(String name, IndexAlgorithm algorithm, List<Integer> on, boolean isUnique, int position) {
        indexes.add(position, new IndexDef(name, name + "_source", Optional.empty(), algorithm, on, isUnique));
        if (isUnique) {
            constraints.add(
                    new UniqueConstraintDef(name + "_key", on.stream().sorted().toList()));
        }
    }

    private void changeSequence(int number) {
        int column = random.nextInt(columns.size());
        boolean isThere = sequences.removeIf(sequence -> sequence.column() == column);
        if (columns.get(column).type() instanceof Primitive type
                && type.isInteger()
                && (!isThere || random.nextBoolean())) {
            sequences.add(new SequenceDef(
                    before.name() + "_" + number + "_seq",
                    column,
                    BigInteger.valueOf(50),
                    BigInteger.valueOf(1 + random.nextInt(40)),
                    BigInteger.valueOf(100),
                    BigInteger.ONE));
        }
    }

    /** What no plan allows. */
    static TableDef broken(TableDef table) {
        List<ColumnDef> columns = new ArrayList<>(table.columns());
        columns.set(0, new ColumnDef("renamed", "renamed", columns.getFirst().type()));
        return new TableDef(
                table.name(),
                table.sourceName(),
                0,
                columns,
                table.primaryKey(),
                table.indexes(),
                table.uniqueConstraints(),
                table.sequences(),
                Optional.empty(),
                table.access(),
                table.isEvent(),
                table.defaults());
    }
}
