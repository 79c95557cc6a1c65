package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.collecting;
import static io.pinion.store.tx.Fixtures.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * One store of several tables, a model of each, a second store that is fed with the deltas only, and frozen views with
 * what the models held when they were made.
 */
final class ModelRun {
    private static final int VIEWS_MAX = 3;
    private static final int TABLES_MAX = 3;

    private final int domain;
    /** By ascending table id. */
    private final List<NaiveTable> models = new ArrayList<>();

    private final Datastore store;
    private final Datastore replica;
    private final List<Frozen> views = new ArrayList<>();
    private RandomGenerator random;
    private Transaction transaction;

    /** The table that the step is about, its model, and the id of its first index. */
    private int table;

    private NaiveTable model;
    private int firstIndex;

    /** @param then what the models held when the view was made */
    private record Frozen(FrozenView view, List<NaiveTable> then) {}

    /** @param domain about how many values of each type there are */
    ModelRun(long schemaSeed, int domain) {
        this.random = new SplittableRandom(schemaSeed);
        this.domain = domain;
        int tables = 1 + random.nextInt(TABLES_MAX);
        for (int i = 0; i < tables; i++) {
            models.add(new NaiveTable(NaiveTable.randomTable(random, "t" + i)));
        }
        TableDef[] defs = models.stream().map(each -> each.def).toArray(TableDef[]::new);
        this.store = Datastore.create(Fixtures.moduleOf(defs));
        this.replica = Datastore.create(Fixtures.moduleOf(defs));
        this.transaction = store.begin();
        this.model = models.getFirst();
        choose(0);
    }

    private void choose(int position) {
        table = Datastore.FIRST_ID + position;
        model = models.get(position);
        firstIndex = Datastore.FIRST_ID;
        for (int i = 0; i < position; i++) {
            firstIndex += models.get(i).def.indexes().size();
        }
    }

    /** Does the one thing that the seed stands for. */
    void step(long seed) {
        random = new SplittableRandom(seed);
        choose(random.nextInt(models.size()));
        boolean isLarge = domain > 1000;
        switch (random.nextInt(isLarge ? 300 : 30)) {
            case 0 -> commit();
            case 1 -> rollback();
            case 2 -> clear();
            case 3, 4 -> deleteRange();
            case 5, 6, 7 -> deletePoint();
            default -> {
                switch (random.nextInt(8)) {
                    case 0, 1 -> update();
                    case 2, 3 -> deleteEqual();
                    default -> insert();
                }
            }
        }
    }

    void finish() {
        check();
        commit();
        check();
        transaction.rollback();
        views.forEach(frozen -> frozen.view.close());
        assertEquals(new FrozenViewCounts(0, 0, ""), store.frozenViews());
    }

    /** Between transactions. */
    private void changeViews() {
        if (views.size() < VIEWS_MAX && random.nextBoolean()) {
            views.add(new Frozen(
                    store.freeze("model"), models.stream().map(NaiveTable::copy).toList()));
        }
        if (!views.isEmpty() && random.nextInt(3) == 0) {
            views.remove(random.nextInt(views.size())).view.close();
        }
    }

    private void insert() {
        BsatnWriter row = random.nextInt(5) == 0 ? model.likelyRow(random, domain) : model.randomRow(random, domain);
        BsatnWriter expected = new BsatnWriter();
        BsatnWriter generated = new BsatnWriter();
        assertEquals(
                model.insert(row, expected),
                transaction.insert(table, row.buffer(), 0, row.length(), generated),
                () -> "insert " + hex(row));
        assertEquals(hex(expected), hex(generated), () -> "generated for " + hex(row));
    }

    private void update() {
        model.someUniqueIndex(random).ifPresent(index -> {
            BsatnWriter row = mixedRow(index);
            BsatnWriter expected = new BsatnWriter();
            BsatnWriter generated = new BsatnWriter();
            assertEquals(
                    model.update(index, row, expected),
                    transaction.update(table, firstIndex + index, row.buffer(), 0, row.length(), generated),
                    () -> "update " + hex(row));
            assertEquals(hex(expected), hex(generated), () -> "generated for " + hex(row));
        });
    }

    /** The key of a row that is there, and other columns. */
    private BsatnWriter mixedRow(int index) {
        Bytes keyed = model.likelyRow(random, domain).toBytes();
        Bytes other = model.randomRow(random, domain).toBytes();
        BsatnWriter row = new BsatnWriter();
        List<Integer> columns = model.def.indexes().get(index).columns();
        BsatnReader keyedReader = new BsatnReader(keyed);
        BsatnReader otherReader = new BsatnReader(other);
        for (int i = 0; i < model.def.columns().size(); i++) {
            int keyedStart = keyedReader.position();
            int otherStart = otherReader.position();
            NaiveValue.read(keyedReader, model.def.columns().get(i).type());
            NaiveValue.read(otherReader, model.def.columns().get(i).type());
            if (columns.contains(i)) {
                row.writeRaw(keyed.unsafeArray(), keyedStart, keyedReader.position() - keyedStart);
            } else {
                row.writeRaw(other.unsafeArray(), otherStart, otherReader.position() - otherStart);
            }
        }
        return row;
    }

    private void deleteEqual() {
        BsatnWriter row = model.likelyRow(random, domain);
        long expected = model.delete(hex(row)) ? 1 : 0;
        assertEquals(expected, Fixtures.deleteEqual(transaction, table, row));
    }

    private void deletePoint() {
        if (!model.def.indexes().isEmpty()) {
            int index = random.nextInt(model.def.indexes().size());
            BsatnWriter row = model.likelyRow(random, domain);
            List<String> expected = model.withKeyOf(index, row);
            expected.forEach(model::delete);
            Bytes key = model.keyBytes(index, row.toBytes());
            long deleted = transaction.deletePoint(firstIndex + index, key.unsafeArray(), 0, key.length());
            assertEquals(expected.size(), deleted);
        }
    }

    private void deleteRange() {
        for (int index = 0; index < model.def.indexes().size(); index++) {
            if (model.def.indexes().get(index).algorithm() != IndexAlgorithm.HASH && random.nextBoolean()) {
                RandomRange range = randomRange(model, index);
                range.expected.forEach(model::delete);
                assertEquals(range.expected.size(), transaction.deleteRange(firstIndex + index, range.range));
                return;
            }
        }
    }

    private void clear() {
        assertEquals(model.rows().size(), transaction.clear(table));
        model.clear();
    }

    private void commit() {
        Delta delta = transaction.commit();
        List<SequencePosition> moved = new ArrayList<>();
        List<TableDelta> left = new ArrayList<>(delta.tables());
        for (int position = 0; position < models.size(); position++) {
            choose(position);
            boolean isInDelta = left.removeIf(this::isDeltaOfModel);
            assertEquals(isChanged(), isInDelta, () -> "delta of table " + table);
            moved.addAll(model.moved(table));
            model.commit();
        }
        assertEquals(List.of(), left);
        assertEquals(moved, delta.sequences());
        replica.apply(delta);
        checkReplica();
        changeViews();
        transaction = store.begin();
    }

    /** Checks it too. */
    private boolean isDeltaOfModel(TableDelta changed) {
        if (changed.tableId() != table) {
            return false;
        }
        assertEquals(model.inserted(), hex(changed.inserts()));
        assertEquals(model.deleted(), hex(changed.deletes()));
        return true;
    }

    private boolean isChanged() {
        return !model.inserted().isEmpty() || !model.deleted().isEmpty();
    }

    private void checkReplica() {
        List<SequencePosition> positions = new ArrayList<>();
        try (FrozenView view = replica.freeze("model")) {
            for (int position = 0; position < models.size(); position++) {
                choose(position);
                assertEquals(model.rows(), Fixtures.rows(view.reader(), table));
                positions.addAll(model.positions(table));
            }
            assertEquals(positions, view.sequences());
        }
    }

    private void rollback() {
        transaction.rollback();
        models.forEach(NaiveTable::rollback);
        changeViews();
        transaction = store.begin();
    }

    void check() {
        check(transaction, models);
        for (Frozen frozen : views) {
            check(frozen.view.reader(), frozen.then);
        }
    }

    private void check(RowSource source, List<NaiveTable> expected) {
        for (int position = 0; position < models.size(); position++) {
            choose(position);
            check(source, expected.get(position));
        }
    }

    /** Scans, counts and every index say what the model says. */
    private void check(RowSource source, NaiveTable expected) {
        assertEquals(expected.rows(), Fixtures.rows(source, table));
        assertEquals(expected.rows().size(), source.rowCount(table));
        for (int index = 0; index < expected.def.indexes().size(); index++) {
            checkPoints(source, expected, index);
            if (expected.def.indexes().get(index).algorithm() != IndexAlgorithm.HASH) {
                checkOrder(source, expected, index);
                checkRange(source, expected, index);
            }
        }
    }

    private void checkPoints(RowSource source, NaiveTable expected, int index) {
        for (int i = 0; i < 5; i++) {
            BsatnWriter row = expected.likelyRow(random, domain);
            Bytes key = expected.keyBytes(index, row.toBytes());
            List<String> found = new ArrayList<>();
            int code = source.scanPoint(firstIndex + index, key.unsafeArray(), 0, key.length(), collecting(found));
            assertEquals(StoreCode.OK, code);
            found.sort(null);
            assertEquals(expected.withKeyOf(index, row), found, () -> "point " + key.toHex());
        }
    }

    private void checkOrder(RowSource source, NaiveTable expected, int index) {
        IndexRange everything = Fixtures.rangeOf(new BsatnWriter(), 0, Fixtures.unbounded(), Fixtures.unbounded());
        List<String> found = Fixtures.range(source, firstIndex + index, everything);
        assertEquals(expected.rows(), found.stream().sorted().toList());
        for (int i = 1; i < found.size(); i++) {
            List<NaiveValue> before = keyOf(index, found.get(i - 1));
            List<NaiveValue> after = keyOf(index, found.get(i));
            assertTrue(NaiveValue.compareAll(before, after) <= 0, "out of order: " + before + ", " + after);
        }
    }

    private List<NaiveValue> keyOf(int index, String row) {
        return model.key(index, model.values(new BsatnWriter().writeRaw(Bytes.ofHex(row))));
    }

    private void checkRange(RowSource source, NaiveTable expected, int index) {
        RandomRange range = randomRange(expected, index);
        List<String> found = Fixtures.range(source, firstIndex + index, range.range);
        assertEquals(range.expected, found.stream().sorted().toList(), () -> "range " + range.text);
    }

    private record RandomRange(IndexRange range, List<String> expected, String text) {}

    private RandomRange randomRange(NaiveTable in, int index) {
        List<AlgebraicType> types = in.partTypes(index);
        int prefixParts = random.nextInt(types.size());
        BsatnWriter like = in.likelyRow(random, domain);
        BsatnReader key = new BsatnReader(in.keyBytes(index, like.toBytes()));
        int prefixStart = key.position();
        List<NaiveValue> prefix = new ArrayList<>();
        for (int i = 0; i < prefixParts; i++) {
            prefix.add(NaiveValue.read(key, types.get(i)));
        }
        Bytes keyBytes = in.keyBytes(index, like.toBytes());
        BsatnWriter prefixBytes =
                new BsatnWriter().writeRaw(keyBytes.unsafeArray(), prefixStart, key.position() - prefixStart);
        Bound start = randomBound(types.get(prefixParts), true);
        Bound end = randomBound(types.get(prefixParts), false);
        IndexRange range = Fixtures.rangeOf(prefixBytes, prefixParts, start.bytes, end.bytes);
        return new RandomRange(
                range,
                in.inRange(index, prefix, start.contains, end.contains),
                prefix + " " + hex(start.bytes) + " " + hex(end.bytes));
    }

    private record Bound(BsatnWriter bytes, Predicate<NaiveValue> contains) {}

    private Bound randomBound(AlgebraicType type, boolean isStart) {
        int kind = random.nextInt(3);
        BsatnWriter bytes = new BsatnWriter().writeByte(kind);
        if (kind == 2) {
            return new Bound(bytes, _ -> true);
        }
        BsatnWriter value = new BsatnWriter();
        NaiveValue.writeRandom(value, type, random, domain);
        NaiveValue bound = NaiveValue.read(new BsatnReader(value.toBytes()), type);
        bytes.writeRaw(value.buffer(), 0, value.length());
        return new Bound(bytes, other -> {
            int order = isStart ? other.compareTo(bound) : bound.compareTo(other);
            return kind == 0 ? order >= 0 : order > 0;
        });
    }
}
