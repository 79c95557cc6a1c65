package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** What a table should hold: a map from a row's bytes to its values, searched from end to end. */
final class NaiveTable {
    private static final List<IndexAlgorithm> ALGORITHMS =
            List.of(IndexAlgorithm.BTREE, IndexAlgorithm.HASH, IndexAlgorithm.DIRECT);

    final TableDef def;
    private TreeMap<String, List<NaiveValue>> rows = new TreeMap<>();
    private TreeMap<String, List<NaiveValue>> committed = new TreeMap<>();

    NaiveTable(TableDef def) {
        this.def = def;
    }

    /** Of a fixed size: a page has few of these, or none. */
    private static final AlgebraicType WIDE = AlgebraicType.product(repeated(12));

    private static final AlgebraicType WIDER_THAN_A_PAGE_TAKES = AlgebraicType.product(repeated(130));

    private static AlgebraicType.Element[] repeated(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> AlgebraicType.element("part" + i, AlgebraicType.Primitive.U256))
                .toArray(AlgebraicType.Element[]::new);
    }

    /** One that holds what this one holds. */
    NaiveTable copy() {
        NaiveTable copy = new NaiveTable(def);
        copy.rows = new TreeMap<>(rows);
        return copy;
    }

    private static final List<AlgebraicType> TYPES = types();

    private static List<AlgebraicType> types() {
        List<AlgebraicType> types = new ArrayList<>(List.of(
                AlgebraicType.option(AlgebraicType.Primitive.STRING),
                AlgebraicType.option(AlgebraicType.Primitive.I32),
                AlgebraicType.sum(
                        AlgebraicType.element("a", AlgebraicType.UNIT),
                        AlgebraicType.element("b", AlgebraicType.UNIT),
                        AlgebraicType.element("c", AlgebraicType.UNIT)),
                new AlgebraicType.Array(AlgebraicType.Primitive.U8),
                new AlgebraicType.Array(AlgebraicType.Primitive.I16),
                new AlgebraicType.Array(AlgebraicType.Primitive.F32),
                AlgebraicType.product(AlgebraicType.element("__identity__", AlgebraicType.Primitive.U256)),
                AlgebraicType.product(
                        AlgebraicType.element("x", AlgebraicType.Primitive.I32),
                        AlgebraicType.element("y", AlgebraicType.Primitive.F64)),
                WIDE,
                WIDER_THAN_A_PAGE_TAKES));
        types.addAll(Arrays.asList(AlgebraicType.Primitive.values()));
        return types;
    }

    static AlgebraicType randomType(RandomGenerator random) {
        return TYPES.get(random.nextInt(TYPES.size()));
    }

    /** A table with random columns and indexes. */
    static TableDef randomTable(RandomGenerator random, String name) {
        Fixtures.TableBuilder table = Fixtures.aTable(name);
        int columns = 1 + random.nextInt(5);
        boolean isFixedSize = random.nextInt(3) == 0;
        List<AlgebraicType> chosen = new ArrayList<>();
        while (chosen.size() < columns) {
            AlgebraicType type = randomType(random);
            if (!isFixedSize || isFixedSize(type)) {
                table.column("c" + chosen.size(), type);
                chosen.add(type);
            }
        }
        int indexes = random.nextInt(4);
        for (int i = 0; i < indexes; i++) {
            randomIndex(table, chosen, random);
        }
        return table.build();
    }

    private static boolean isFixedSize(AlgebraicType type) {
        return type.equals(WIDE)
                || type.equals(WIDER_THAN_A_PAGE_TAKES)
                || (type instanceof AlgebraicType.Primitive primitive && primitive.size() > 0);
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
        IndexAlgorithm algorithm = ALGORITHMS.get(random.nextInt(isDirectable(types, positions) ? 3 : 2));
        Integer[] columns = positions.toArray(Integer[]::new);
        if (random.nextBoolean()) {
            table.unique(algorithm, columns);
        } else {
            table.index(algorithm, columns);
        }
    }

    private static boolean isDirectable(List<AlgebraicType> types, List<Integer> positions) {
        return positions.size() == 1
                && types.get(positions.getFirst()) instanceof AlgebraicType.Primitive primitive
                && primitive.isInteger()
                && !primitive.isSigned()
                && primitive.size() <= 8;
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

    int insert(BsatnWriter row) {
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

    int update(int index, BsatnWriter row) {
        if (!def.indexes().get(index).isUnique()) {
            return StoreCode.INDEX_NOT_UNIQUE;
        }
        List<String> old = withKeyOf(index, row);
        if (old.isEmpty()) {
            return StoreCode.NO_SUCH_ROW;
        }
        List<NaiveValue> replaced = rows.remove(old.getFirst());
        int code = insert(row);
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
        committed = new TreeMap<>(rows);
    }

    void rollback() {
        rows = new TreeMap<>(committed);
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
