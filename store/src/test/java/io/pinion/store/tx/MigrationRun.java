package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.MigrationPlan;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A store whose schema changes at random between, and during, random transactions; the rows it should have; and a second
 * store that is fed with what would be in the log.
 */
final class MigrationRun {
    private static final int DOMAIN = 6;

    private final Datastore store;
    private final Datastore replica;
    private final Map<String, NaiveTable> models = new TreeMap<>();
    private RandomGenerator random;
    private int number;
    int updates;
    int refusals;

    MigrationRun(long seed) {
        random = new SplittableRandom(seed);
        ModuleDef module = Fixtures.moduleOf(
                NaiveTable.randomPlainTable(random, "one"), NaiveTable.randomPlainTable(random, "two"));
        store = Datastore.create(module);
        replica = Datastore.create(module);
        module.tables().forEach(table -> models.put(table.name(), new NaiveTable(table)));
    }

    void step(long seed) {
        random = new SplittableRandom(seed);
        if (random.nextInt(3) > 0) {
            transaction();
        } else if (random.nextInt(8) == 0) {
            refusedByThePlan();
        } else {
            update();
        }
    }

    /** Whatever the store says it changed is what the model changes: that is not what is tested here. */
    private void transaction() {
        Transaction transaction = store.begin();
        for (int i = random.nextInt(12); i >= 0 && !models.isEmpty(); i--) {
            List<NaiveTable> tables = List.copyOf(models.values());
            NaiveTable table = tables.get(random.nextInt(tables.size()));
            int id = store.tableId(table.def.name());
            switch (random.nextInt(4)) {
                case 0 -> Fixtures.deleteEqual(transaction, id, table.likelyRow(random, DOMAIN));
                case 1 ->
                    table.someUniqueIndex(random)
                            .ifPresent(index -> Fixtures.update(
                                    transaction,
                                    id,
                                    store.indexId(table.def.indexes().get(index).name()),
                                    table.likelyRow(random, DOMAIN)));
                default -> Fixtures.insert(transaction, id, table.randomRow(random, DOMAIN));
            }
        }
        Delta delta = transaction.commit();
        for (TableDelta change : delta.tables()) {
            NaiveTable table = Objects.requireNonNull(
                    models.get(store.table(change.tableId()).orElseThrow().name()));
            Fixtures.hex(change.deletes()).forEach(row -> assertTrue(table.delete(row)));
            Fixtures.hex(change.inserts())
                    .forEach(row -> assertEquals(StoreCode.OK, table.insertCompleted(writer(row))));
        }
        replica.apply(delta);
    }

    private void refusedByThePlan() {
        ModuleDef before = store.module();
        if (before.tables().isEmpty()) {
            return;
        }
        List<TableDef> tables = new ArrayList<>(before.tables());
        tables.set(0, TableEvolution.broken(tables.getFirst()));
        assertInstanceOf(
                MigrationResult.Refused.class, store.tryUpdate(Fixtures.moduleOf(tables.toArray(TableDef[]::new))));
        assertEquals(before, store.module());
    }

    private void update() {
        ModuleDef after = evolved();
        MigrationPlan.Possible plan =
                assertInstanceOf(MigrationPlan.Possible.class, MigrationPlan.between(store.module(), after));
        TreeSet<String> against = new TreeSet<>(collisions(after));
        MigrationBuild build = store.beginUpdate(plan, after);
        for (int i = random.nextInt(4); i > 0; i--) {
            transaction();
            against.addAll(collisions(after));
        }
        build.build();
        for (int i = random.nextInt(4); i > 0; i--) {
            transaction();
            against.addAll(collisions(after));
            if (random.nextBoolean()) {
                build.catchUp(build.takeChanges());
            } else {
                build.catchUpHere();
            }
        }
        models.values().stream()
                .filter(model ->
                        newDef(after, model.def.name()) == null && !model.rows().isEmpty())
                .forEach(model -> against.add("rows of " + model.def.name()));
        Map<String, Integer> idsBefore = ids();
        List<SequencePosition> expected = expectedSequences(after);
        switch (store.finishUpdate(build)) {
            case MigrationResult.Refused(List<String> reasons) -> {
                refusals++;
                assertFalse(against.isEmpty(), reasons::toString);
            }
            case MigrationResult.Updated updated -> {
                updates++;
                assertEquals(List.of(), List.copyOf(against));
                replica.repeatUpdate(
                        after, ResolvedMigration.of(updated.migration().toBytes()), () -> false);
                follow(after);
                checkIds(idsBefore);
                assertEquals(expected, sequences(store));
            }
        }
    }

    private ModuleDef evolved() {
        List<TableDef> tables = new ArrayList<>();
        for (TableDef table : store.module().tables()) {
            TableEvolution evolution = new TableEvolution(table, random);
            for (int i = random.nextInt(3); i > 0; i--) {
                evolution.change(++number);
            }
            if (random.nextInt(15) > 0) {
                tables.add(evolution.build());
            }
        }
        if (tables.size() < 4 && random.nextInt(4) == 0) {
            tables.add(random.nextInt(tables.size() + 1), NaiveTable.randomPlainTable(random, "t" + ++number));
        }
        return Fixtures.moduleOf(tables.toArray(TableDef[]::new));
    }

    private static @Nullable TableDef newDef(ModuleDef after, String name) {
        return after.table(name).orElse(null);
    }

    /** What stands against the new definition in the rows as they are now. */
    private List<String> collisions(ModuleDef after) {
        List<String> found = new ArrayList<>();
        models.forEach((name, model) -> {
            TableDef def = newDef(after, name);
            if (def != null) {
                NaiveTable moved = new NaiveTable(def);
                for (String row : grown(model, def)) {
                    if (moved.insertCompleted(writer(row)) != StoreCode.OK) {
                        found.add("two rows of " + name);
                    }
                    def.sequences().stream()
                            .filter(sequence -> !model.def.sequences().contains(sequence))
                            .filter(sequence -> isInRange(def, sequence, row))
                            .forEach(sequence -> found.add("a row in " + sequence));
                }
            }
        });
        return found;
    }

    private static List<String> grown(NaiveTable model, TableDef def) {
        StringBuilder appended = new StringBuilder();
        for (int i = model.def.columns().size(); i < def.columns().size(); i++) {
            appended.append(Objects.requireNonNull(def.defaults().get(i)).toHex());
        }
        return model.rows().stream().map(row -> row + appended).toList();
    }

    private static boolean isInRange(TableDef def, SequenceDef sequence, String row) {
        BsatnReader reader = new BsatnReader(Bytes.ofHex(row));
        for (int i = 0; i < sequence.column(); i++) {
            NaiveValue.read(reader, def.columns().get(i).type());
        }
        Primitive type = (Primitive) def.columns().get(sequence.column()).type();
        BigInteger value = reader.readBigInteger(type.size(), type.isSigned());
        return value.compareTo(sequence.min()) >= 0 && value.compareTo(sequence.max()) <= 0;
    }

    private void follow(ModuleDef after) {
        Map<String, NaiveTable> moved = new TreeMap<>();
        for (TableDef def : after.tables()) {
            NaiveTable table = new NaiveTable(def);
            NaiveTable old = models.get(def.name());
            if (old != null) {
                grown(old, def).forEach(row -> assertEquals(StoreCode.OK, table.insertCompleted(writer(row))));
            }
            moved.put(def.name(), table);
        }
        models.clear();
        models.putAll(moved);
    }

    /** Those that are defined as before stand where they stood. */
    private List<SequencePosition> expectedSequences(ModuleDef after) {
        List<SequencePosition> now = sequences(store);
        List<SequencePosition> expected = new ArrayList<>();
        for (TableInfo table : store.tables()) {
            TableDef def = newDef(after, table.name());
            if (def != null) {
                def.sequences().stream()
                        .sorted(Comparator.comparingInt(SequenceDef::column))
                        .map(sequence -> expected(table, sequence, now))
                        .forEach(expected::add);
            }
        }
        return expected;
    }

    private static SequencePosition expected(TableInfo table, SequenceDef sequence, List<SequencePosition> now) {
        BigInteger next = table.def().sequences().contains(sequence)
                ? now.stream()
                        .filter(position -> position.tableId() == table.id() && position.column() == sequence.column())
                        .findFirst()
                        .orElseThrow()
                        .next()
                : sequence.start();
        return new SequencePosition(table.id(), sequence.column(), next);
    }

    private static List<SequencePosition> sequences(Datastore of) {
        try (FrozenView view = of.freeze("test")) {
            return view.sequences();
        }
    }

    /** Of tables and of indexes, by what has to stay the same for an id to stay the same. */
    private Map<String, Integer> ids() {
        Map<String, Integer> ids = new TreeMap<>();
        for (TableInfo table : store.tables()) {
            ids.put("table " + table.name(), table.id());
            for (IndexInfo index : table.indexes()) {
                ids.put("index " + index.name() + index.algorithm() + index.columns(), index.id());
            }
        }
        return ids;
    }

    private void checkIds(Map<String, Integer> before) {
        Map<String, Integer> after = ids();
        after.forEach((what, id) -> {
            if (before.containsKey(what)) {
                assertEquals(before.get(what), id, what);
            } else {
                String kind = what.substring(0, 5);
                assertTrue(
                        before.entrySet().stream()
                                .filter(known -> known.getKey().startsWith(kind))
                                .allMatch(known -> known.getValue() < id),
                        what);
            }
        });
    }

    /** The store, and the one made from the log, hold what they should, and indexes find what scans find. */
    void check() {
        check(store);
        check(replica);
        assertEquals(store.tables(), replica.tables());
        assertEquals(sequences(store), sequences(replica));
    }

    private void check(Datastore checked) {
        assertEquals(models.size(), checked.tables().size());
        Transaction reading = checked.begin();
        models.forEach((name, model) -> {
            int id = checked.tableId(name);
            assertEquals(model.rows(), Fixtures.rows(reading, id));
            List<IndexDef> indexes = model.def.indexes();
            for (int i = 0; i < indexes.size(); i++) {
                int indexId = checked.indexId(indexes.get(i).name());
                for (String row : model.rows()) {
                    Bytes key = model.keyBytes(i, Bytes.ofHex(row));
                    List<String> found =
                            new ArrayList<>(Fixtures.point(reading, indexId, new BsatnWriter().writeRaw(key)));
                    found.sort(null);
                    assertEquals(model.withKeyOf(i, writer(row)), found);
                }
            }
        });
        reading.rollback();
    }

    private static BsatnWriter writer(String row) {
        return new BsatnWriter().writeRaw(Bytes.ofHex(row));
    }
}
