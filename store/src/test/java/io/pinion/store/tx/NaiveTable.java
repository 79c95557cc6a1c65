package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** What a table should hold: a map from a row's bytes to its values, searched from end to end. */
final class NaiveTable {
    private static final List<IndexAlgorithm> ALGORITHMS =
            List.of(IndexAlgorithm.BTREE, IndexAlgorithm.HASH, IndexAlgorithm.DIRECT);

    final TableDef def;
    private TreeMap<String, List<NaiveValue>> rows = new TreeMap<>();
    private TreeMap<String, List<NaiveValue>> committed = new TreeMap<>();

    /** By ascending column. */
    private final List<NaiveSequence> sequences;

    NaiveTable(TableDef def) {
        this.def = def;
        this.sequences = def.sequences().stream()
                .sorted(Comparator.comparingInt(SequenceDef::column))
                .map(NaiveSequence::new)
                .toList();
    }

    /** One that holds what this one holds. */
    NaiveTable copy() {
        NaiveTable copy = new NaiveTable(def);
        copy.rows = new TreeMap<>(rows);
        for (int i = 0; i < sequences.size(); i++) {
            copy.sequences.get(i).next = sequences.get(i).next;
        }
        return copy;
    }

    /** The position of a sequence, by big integers alone. */
    private static final class NaiveSequence {
        private final SequenceDef def;
        private BigInteger next;
        private BigInteger committed;
        private boolean isMoved;

        NaiveSequence(SequenceDef def) {
            this.def = def;
            this.next = def.start();
            this.committed = next;
        }

        /** The next value in as many bits as the column has. */
        BigInteger cut(AlgebraicType.Primitive type) {
            int bits = 8 * type.size();
            BigInteger low = next.mod(BigInteger.ONE.shiftLeft(bits));
            boolean isNegative = type.isSigned() && low.testBit(bits - 1);
            return isNegative ? low.subtract(BigInteger.ONE.shiftLeft(bits)) : low;
        }

        /** The numbers from the least to the greatest are a ring. */
        void moveOn() {
            BigInteger size = def.max().subtract(def.min()).add(BigInteger.ONE);
            next = next.add(def.increment()).subtract(def.min()).mod(size).add(def.min());
            isMoved = true;
        }

        SequencePosition position(int tableId) {
            return new SequencePosition(tableId, def.column(), next);
        }

        void commit() {
            committed = next;
            isMoved = false;
        }

        void rollback() {
            next = committed;
            isMoved = false;
        }
    }

    /** A table with random columns, indexes and sequences; some are event tables. */
    static TableDef randomTable(RandomGenerator random, String name) {
        Fixtures.TableBuilder table = Fixtures.aTable(name);
        List<AlgebraicType> types = randomColumns(table, random);
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i) instanceof AlgebraicType.Primitive type && type.isInteger() && random.nextBoolean()) {
                randomSequence(table, i, random);
            }
        }
        return random.nextInt(8) == 0 ? table.event().build() : table.build();
    }

    /** One that keeps its rows, without sequences. */
    static TableDef randomPlainTable(RandomGenerator random, String name) {
        Fixtures.TableBuilder table = Fixtures.aTable(name);
        randomColumns(table, random);
        return table.build();
    }

    /** With indexes over them. */
    private static List<AlgebraicType> randomColumns(Fixtures.TableBuilder table, RandomGenerator random) {
        int columns = 1 + random.nextInt(5);
        boolean isFixedSize = random.nextInt(3) == 0;
        List<AlgebraicType> chosen = new ArrayList<>();
        while (chosen.size() < columns) {
            AlgebraicType type = NaiveValue.randomType(random, 3);
            if (!isFixedSize || BsatnLayout.fixedSize(type).isPresent()) {
                table.column("c" + chosen.size(), type);
                chosen.add(type);
            }
        }
        int indexes = random.nextInt(4);
        for (int i = 0; i < indexes; i++) {
            randomIndex(table, chosen, random);
        }
        return chosen;
    }

    private static void randomSequence(Fixtures.TableBuilder table, int column, RandomGenerator random) {
        if (random.nextBoolean()) {
            table.sequence(column);
        } else {
            int min = random.nextInt(20) - 10;
            int max = min + 5 + random.nextInt(30);
            int increment = random.nextBoolean() ? 1 + random.nextInt(4) : -1 - random.nextInt(4);
            table.sequence(column, min + random.nextInt(max - min + 1), min, max, increment);
        }
    }

    private static void randomIndex(Fixtures.TableBuilder table, List<AlgebraicType> types, RandomGenerator random) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            positions.add(i);
        }
        while (positions.size() > 1 + random.nextInt(3)) {
            Integer dropped = positions.get(random.nextInt(positions.size()));
            positions.removeIf(dropped::equals);
        }
        if (random.nextBoolean()) {
            positions = new ArrayList<>(positions.reversed());
        }
        if (positions.size() == 1 && types.get(positions.getFirst()).equals(AlgebraicType.UNIT)) {
            // A key without parts has no range.
            return;
        }
        IndexAlgorithm algorithm = ALGORITHMS.get(random.nextInt(isDirectable(types, positions) ? 3 : 2));
        Integer[] columns = positions.toArray(Integer[]::new);
        if (random.nextBoolean()) {
            table.unique(algorithm, columns);
        } else {
            table.index(algorithm, columns);
        }
    }

    private static boolean isDirectable(List<AlgebraicType> types, List<Integer> positions) {
        return positions.size() == 1 && isDirectable(types.get(positions.getFirst()));
    }

    /** One unsigned number, or a plain enum. */
    private static boolean isDirectable(AlgebraicType type) {
        return switch (type) {
            case AlgebraicType.Primitive primitive ->
                primitive.isInteger() && !primitive.isSigned() && primitive.size() <= 8;
            case AlgebraicType.Sum sum ->
                !sum.variants().isEmpty()
                        && sum.variants().stream()
                                .allMatch(variant -> variant.type().equals(AlgebraicType.UNIT));
            default -> false;
        };
    }

    BsatnWriter randomRow(RandomGenerator random, int domain) {
        BsatnWriter row = new BsatnWriter();
        def.columns().forEach(column -> NaiveValue.writeRandom(row, column.type(), random, domain));
        return row;
    }

    /** One that is there, most of the time. */
    BsatnWriter likelyRow(RandomGenerator random, int domain) {
        if (rows.isEmpty() || random.nextInt(4) == 0) {
            return randomRow(random, domain);
        }
        String from = rows.ceilingKey(hexDigit(random) + hexDigit(random));
        Bytes row = Bytes.ofHex(from == null ? rows.firstKey() : from);
        return new BsatnWriter().writeRaw(row);
    }

    private static String hexDigit(RandomGenerator random) {
        return Integer.toHexString(random.nextInt(16));
    }

    List<NaiveValue> values(BsatnWriter row) {
        BsatnReader reader = new BsatnReader(row.toBytes());
        return def.columns().stream()
                .map(column -> NaiveValue.read(reader, column.type()))
                .toList();
    }

    /** The row as it is stored, sequences moved on for columns that are zero; their values are appended to the other. */
    private BsatnWriter completed(BsatnWriter row, BsatnWriter generated) {
        byte[] bytes = row.toBytes().toArray();
        for (NaiveSequence sequence : sequences) {
            int column = sequence.def.column();
            BsatnReader reader = new BsatnReader(bytes, 0, bytes.length);
            for (int i = 0; i < column; i++) {
                NaiveValue.read(reader, def.columns().get(i).type());
            }
            int start = reader.position();
            AlgebraicType.Primitive type =
                    (AlgebraicType.Primitive) def.columns().get(column).type();
            if (reader.readBigInteger(type.size(), type.isSigned()).signum() == 0) {
                BsatnWriter value = new BsatnWriter().writeBigInteger(sequence.cut(type), type.size());
                System.arraycopy(value.buffer(), 0, bytes, start, type.size());
                generated.writeRaw(value.buffer(), 0, type.size());
                sequence.moveOn();
            }
        }
        return new BsatnWriter().writeRaw(bytes, 0, bytes.length);
    }

    /** Where the sequences stand that have moved since the last commit. */
    List<SequencePosition> moved(int tableId) {
        return sequences.stream()
                .filter(sequence -> sequence.isMoved)
                .map(sequence -> sequence.position(tableId))
                .toList();
    }

    List<SequencePosition> positions(int tableId) {
        return sequences.stream().map(sequence -> sequence.position(tableId)).toList();
    }

    int insert(BsatnWriter row) {
        return insert(row, new BsatnWriter());
    }

    int insert(BsatnWriter row, BsatnWriter generated) {
        BsatnWriter values = new BsatnWriter();
        int code = insertCompleted(completed(row, values));
        return withGenerated(code, values, generated);
    }

    private static int withGenerated(int code, BsatnWriter values, BsatnWriter generated) {
        if (code == StoreCode.OK) {
            generated.writeRaw(values.buffer(), 0, values.length());
        }
        return code;
    }

    /** As it is: sequences generate nothing. */
    int insertCompleted(BsatnWriter row) {
        List<NaiveValue> values = values(row);
        if (rows.containsKey(Fixtures.hex(row))) {
            return StoreCode.OK;
        }
        for (int index = 0; index < def.indexes().size(); index++) {
            if (def.indexes().get(index).isUnique() && !withKeyOf(index, row).isEmpty()) {
                return StoreCode.UNIQUE_ALREADY_EXISTS;
            }
        }
        rows.put(Fixtures.hex(row), values);
        return StoreCode.OK;
    }

    int update(int index, BsatnWriter row, BsatnWriter generated) {
        if (!def.indexes().get(index).isUnique()) {
            return StoreCode.INDEX_NOT_UNIQUE;
        }
        BsatnWriter values = new BsatnWriter();
        return withGenerated(updateCompleted(index, completed(row, values)), values, generated);
    }

    private int updateCompleted(int index, BsatnWriter row) {
        List<String> old = withKeyOf(index, row);
        if (old.isEmpty()) {
            return StoreCode.NO_SUCH_ROW;
        }
        List<NaiveValue> replaced = rows.remove(old.getFirst());
        int code = insertCompleted(row);
        if (code != StoreCode.OK) {
            rows.put(old.getFirst(), replaced);
        }
        return code;
    }

    boolean delete(String row) {
        return rows.remove(row) != null;
    }

    void clear() {
        rows.clear();
    }

    void commit() {
        if (def.isEvent()) {
            rows.clear();
        }
        committed = new TreeMap<>(rows);
        sequences.forEach(NaiveSequence::commit);
    }

    void rollback() {
        rows = new TreeMap<>(committed);
        sequences.forEach(NaiveSequence::rollback);
    }

    /** Rows that are there and were not at the last commit. */
    List<String> inserted() {
        return rows.keySet().stream().filter(row -> !committed.containsKey(row)).toList();
    }

    List<String> deleted() {
        return committed.keySet().stream().filter(row -> !rows.containsKey(row)).toList();
    }

    List<String> rows() {
        return List.copyOf(rows.keySet());
    }

    /** Rows with the same key in an index as the given row, which need not be there itself. */
    List<String> withKeyOf(int index, BsatnWriter row) {
        List<NaiveValue> wanted = key(index, values(row));
        Bytes bytes = row.toBytes();
        return filter((other, values) -> hashesBytes(index)
                ? keyBytes(index, bytes).equals(keyBytes(index, Bytes.ofHex(other)))
                : NaiveValue.compareAll(wanted, key(index, values)) == 0);
    }

    /** Rows whose key begins with the prefix, and goes on between the bounds. */
    List<String> inRange(
            int index, List<NaiveValue> prefix, Predicate<NaiveValue> isAfterStart, Predicate<NaiveValue> isBeforeEnd) {
        return filter((other, values) -> {
            List<NaiveValue> parts = parts(index, values);
            NaiveValue bounded = parts.get(prefix.size());
            return NaiveValue.compareAll(prefix, parts.subList(0, prefix.size())) == 0
                    && isAfterStart.test(bounded)
                    && isBeforeEnd.test(bounded);
        });
    }

    private List<String> filter(BiPredicate<String, List<NaiveValue>> wanted) {
        return rows.entrySet().stream()
                .filter(row -> wanted.test(row.getKey(), row.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A hash index over several parts of bounded size goes by bytes. */
    private boolean hashesBytes(int index) {
        List<AlgebraicType> types = partTypes(index);
        boolean isComposite = types.size() > 1;
        return def.indexes().get(index).algorithm() == IndexAlgorithm.HASH
                && isComposite
                && types.stream().allMatch(NaiveTable::isBounded);
    }

    private static boolean isBounded(AlgebraicType type) {
        return switch (type) {
            case AlgebraicType.Primitive primitive -> primitive.size() > 0;
            case AlgebraicType.Array _ -> false;
            case AlgebraicType.Product product ->
                product.elements().stream().allMatch(element -> isBounded(element.type()));
            case AlgebraicType.Sum sum -> sum.variants().stream().allMatch(variant -> isBounded(variant.type()));
            case AlgebraicType.Ref ref -> throw new AssertionError("not inlined: " + ref);
        };
    }

    /** The columns, or the fields of the one column that is a product of several. */
    List<AlgebraicType> partTypes(int index) {
        List<Integer> columns = def.indexes().get(index).columns();
        AlgebraicType first = def.columns().get(columns.getFirst()).type();
        if (columns.size() == 1 && first instanceof AlgebraicType.Product product) {
            return product.elements().stream().map(AlgebraicType.Element::type).toList();
        }
        return columns.stream().map(column -> def.columns().get(column).type()).toList();
    }

    List<NaiveValue> parts(int index, List<NaiveValue> values) {
        List<NaiveValue> key = key(index, values);
        return key.size() == 1
                        && key.getFirst() instanceof NaiveValue.Fields(List<NaiveValue> fields)
                        && isProduct(index)
                ? fields
                : key;
    }

    private boolean isProduct(int index) {
        int column = def.indexes().get(index).columns().getFirst();
        return def.columns().get(column).type() instanceof AlgebraicType.Product;
    }

    List<NaiveValue> key(int index, List<NaiveValue> values) {
        return def.indexes().get(index).columns().stream().map(values::get).toList();
    }

    /** BSATN of the key's columns, back to back. */
    Bytes keyBytes(int index, Bytes row) {
        BsatnWriter key = new BsatnWriter();
        for (int column : def.indexes().get(index).columns()) {
            BsatnReader reader = new BsatnReader(row);
            for (int i = 0; i < column; i++) {
                NaiveValue.read(reader, def.columns().get(i).type());
            }
            int start = reader.position();
            NaiveValue.read(reader, def.columns().get(column).type());
            key.writeRaw(row.unsafeArray(), start, reader.position() - start);
        }
        return key.toBytes();
    }

    Optional<Integer> someUniqueIndex(RandomGenerator random) {
        List<Integer> unique = new ArrayList<>();
        for (int i = 0; i < def.indexes().size(); i++) {
            if (def.indexes().get(i).isUnique()) {
                unique.add(i);
            }
        }
        return unique.isEmpty() ? Optional.empty() : Optional.of(unique.get(random.nextInt(unique.size())));
    }
}
