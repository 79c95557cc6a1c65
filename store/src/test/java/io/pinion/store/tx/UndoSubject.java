package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/** A random table in a store, with a second one that has a sequence. */
final class UndoSubject {
    private static final int TABLE = Datastore.FIRST_ID;

    private final NaiveTable shape;
    final Datastore store;

    UndoSubject(RandomGenerator random) {
        shape = new NaiveTable(NaiveTable.randomTable(random, "t"));
        Fixtures.TableBuilder counted = Fixtures.aTable("with_sequence")
                .column("id", Primitive.U64)
                .column("text", Primitive.STRING)
                .unique(IndexAlgorithm.BTREE, 0)
                .index(IndexAlgorithm.BTREE, 1)
                .sequence(0);
        store = Datastore.create(Fixtures.moduleOf(shape.def, counted.build()));
    }

    void fill(int rows) {
        RandomGenerator random = new Random(1);
        Transaction transaction = store.begin();
        for (int i = 0; i < rows; i++) {
            insertBoth(transaction, random);
        }
        transaction.commit();
    }

    void fillSecond(int rows) {
        Transaction transaction = store.begin();
        for (int i = 0; i < rows; i++) {
            Fixtures.insert(
                    transaction, TABLE + 1, new BsatnWriter().writeLong(0).writeString("n" + i));
        }
        transaction.commit();
    }

    private void insertBoth(Transaction transaction, RandomGenerator random) {
        BsatnWriter row = shape.randomRow(random, 40);
        Fixtures.insert(transaction, TABLE, row);
        shape.insert(row);
        BsatnWriter counted = new BsatnWriter().writeLong(0).writeString("n" + random.nextInt(5));
        Fixtures.insert(transaction, TABLE + 1, counted);
    }

    void operate(Transaction transaction, RandomGenerator random) {
        switch (random.nextInt(10)) {
            case 0 -> transaction.deleteRange(TABLE + shape.def.indexes().size(), upTo(random.nextInt(20)));
            case 1 -> Fixtures.deleteEqual(transaction, TABLE, shape.likelyRow(random, 40));
            case 2 -> transaction.clear(TABLE + random.nextInt(2));
            case 3, 4 ->
                shape.someUniqueIndex(random)
                        .ifPresent(index ->
                                Fixtures.update(transaction, TABLE, TABLE + index, shape.likelyRow(random, 40)));
            case 5 -> Fixtures.insert(transaction, TABLE, shape.likelyRow(random, 40));
            default -> {
                Fixtures.insert(transaction, TABLE, shape.randomRow(random, 40));
                BsatnWriter counted = new BsatnWriter().writeLong(0).writeString("m" + random.nextInt(5));
                Fixtures.insert(transaction, TABLE + 1, counted);
            }
        }
    }

    /** As a guest would that caught an error; false if the transaction does not have it. */
    boolean goesOn(Transaction transaction, RandomGenerator random) {
        try {
            for (int i = 0; i < 30; i++) {
                operate(transaction, random);
            }
            return true;
        } catch (IllegalStateException e) {
            assertTrue(e.toString().endsWith("can only be rolled back"), e::toString);
            assertThrows(IllegalStateException.class, transaction::commit);
            return false;
        }
    }

    private static IndexRange upTo(int id) {
        return Fixtures.rangeOf(
                new BsatnWriter(), 0, Fixtures.unbounded(), Fixtures.included().writeLong(id));
    }

    /** Rows as scans and as each ordered index give them, counts, and where sequences stand. */
    List<String> everything() {
        List<String> all = new ArrayList<>();
        try (FrozenView view = store.freeze("undo")) {
            all.add(view.sequences().toString());
        }
        Transaction transaction = store.begin();
        for (TableInfo table : store.tables()) {
            List<String> rows = Fixtures.rows(transaction, table.id());
            all.add(table.name() + " " + transaction.rowCount(table.id()));
            all.addAll(rows);
            for (TableInfo.IndexInfo index : table.indexes()) {
                if (index.isOrdered()) {
                    IndexRange every =
                            Fixtures.rangeOf(new BsatnWriter(), 0, Fixtures.unbounded(), Fixtures.unbounded());
                    List<String> indexed = Fixtures.range(transaction, index.id(), every);
                    assertEquals(rows, indexed.stream().sorted().toList(), index.name());
                } else {
                    checkPoints(transaction, table, index, rows);
                }
            }
        }
        BsatnWriter generated = new BsatnWriter();
        BsatnWriter row = new BsatnWriter().writeLong(0).writeString("next");
        transaction.insert(TABLE + 1, row.buffer(), 0, row.length(), generated);
        all.add("next " + Fixtures.hex(generated));
        transaction.rollback();
        return all;
    }

    /** The committed rows of both tables. */
    List<String> rows() {
        Transaction transaction = store.begin();
        List<String> rows = rows(transaction);
        transaction.rollback();
        return rows;
    }

    List<String> rows(RowSource source) {
        List<String> all = new ArrayList<>();
        for (TableInfo table : store.tables()) {
            all.addAll(Fixtures.rows(source, table.id()));
        }
        return all;
    }

    private void checkPoints(Transaction transaction, TableInfo table, TableInfo.IndexInfo index, List<String> rows) {
        NaiveTable naive = new NaiveTable(table.def());
        int position = table.indexes().indexOf(index);
        for (String row : rows) {
            Bytes key = naive.keyBytes(position, Bytes.ofHex(row));
            List<String> found = Fixtures.point(transaction, index.id(), new BsatnWriter().writeRaw(key));
            assertTrue(found.contains(row), () -> index.name() + " lacks " + row);
        }
    }

    void mustStillWork(RandomGenerator random) {
        Transaction transaction = store.begin();
        for (int i = 0; i < 50; i++) {
            insertBoth(transaction, random);
        }
        transaction.commit();
        everything();
    }
}
