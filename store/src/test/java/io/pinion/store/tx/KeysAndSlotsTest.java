package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.deleteEqual;
import static io.pinion.store.tx.Fixtures.excluded;
import static io.pinion.store.tx.Fixtures.hex;
import static io.pinion.store.tx.Fixtures.included;
import static io.pinion.store.tx.Fixtures.insert;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.point;
import static io.pinion.store.tx.Fixtures.range;
import static io.pinion.store.tx.Fixtures.rangeOf;
import static io.pinion.store.tx.Fixtures.row;
import static io.pinion.store.tx.Fixtures.rows;
import static io.pinion.store.tx.Fixtures.unbounded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where rows lie while a transaction changes them, and in which order keys come. */
class KeysAndSlotsTest {
    private static final int TABLE = Datastore.FIRST_ID;
    private static final int INDEX = Datastore.FIRST_ID;

    private final Datastore store = Datastore.create(module(aTable("t")
            .column("id", Primitive.U32)
            .column("amount", Primitive.I64)
            .unique(IndexAlgorithm.HASH, 0)));

    private static BsatnWriter account(int id, long amount) {
        return row().writeInt(id).writeLong(amount);
    }

    /** The pointer of the row with that id. */
    private int pointer(int id) {
        BsatnWriter key = row().writeInt(id);
        return Objects.requireNonNull(store.tableState(TABLE)).table.index(0).find(key.buffer(), 0, key.length());
    }

    @Test
    void aRowInsertedAgainAfterItsDeletionLiesWhereItLay() {
        Transaction filling = store.begin();
        for (int id = 0; id < 20; id++) {
            insert(filling, TABLE, account(id, 1));
        }
        filling.commit();
        List<Integer> before =
                Stream.iterate(0, id -> id + 1).limit(20).map(this::pointer).toList();

        Transaction transaction = store.begin();
        transaction.clear(TABLE);
        for (int id = 19; id >= 0; id--) {
            insert(transaction, TABLE, account(id, 1));
        }

        assertEquals(
                before,
                Stream.iterate(0, id -> id + 1).limit(20).map(this::pointer).toList());
        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void aSlotFreedInATransactionIsUsedOnlyAfterIt() {
        Transaction filling = store.begin();
        insert(filling, TABLE, account(1, 1));
        filling.commit();
        Transaction transaction = store.begin();
        int committed = pointer(1);
        deleteEqual(transaction, TABLE, account(1, 1));
        insert(transaction, TABLE, account(2, 1));
        int own = pointer(2);
        deleteEqual(transaction, TABLE, account(2, 1));

        insert(transaction, TABLE, account(3, 1));

        assertNotEquals(committed, own);
        assertNotEquals(committed, pointer(3));
        assertNotEquals(own, pointer(3));
        transaction.commit();
        Transaction after = store.begin();
        insert(after, TABLE, account(4, 1));
        insert(after, TABLE, account(5, 1));
        assertEquals(
                Stream.of(committed, own).sorted().toList(),
                Stream.of(pointer(4), pointer(5)).sorted().toList());
        after.rollback();
    }

    private static List<String> inOrder(AlgebraicType type, IndexAlgorithm algorithm, List<BsatnWriter> rows) {
        Fixtures.TableBuilder table = aTable("t").column("x", type);
        Datastore sorted = Datastore.create(
                module(algorithm == IndexAlgorithm.DIRECT ? table.unique(algorithm, 0) : table.index(algorithm, 0)));
        List<BsatnWriter> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(7));
        Transaction transaction = sorted.begin();
        shuffled.forEach(row -> assertEquals(StoreCode.OK, insert(transaction, TABLE, row)));
        for (BsatnWriter row : rows) {
            assertEquals(true, point(transaction, INDEX, row).contains(hex(row)), () -> hex(row));
        }
        return range(transaction, INDEX, rangeOf(row(), 0, unbounded(), unbounded()));
    }

    @Test
    void stringsAreOrderedByTheirBytesInUtf8() {
        List<BsatnWriter> ascending = Stream.of(
                        "", "\0", "A", "a", "a\0", "aa", "ä", "z\u0301", "\uFFFD", "\uD83D\uDE00")
                .map(text -> row().writeString(text))
                .toList();
        List<BsatnWriter> byBytes = new ArrayList<>(ascending);
        // As bytes, "z" comes before "ä".
        Collections.swap(byBytes, 6, 7);

        assertEquals(
                byBytes.stream().map(Fixtures::hex).toList(),
                inOrder(Primitive.STRING, IndexAlgorithm.BTREE, ascending));
    }

    @Test
    void floatsAreOrderedFromMinusInfinityToNotANumber() {
        double[] doubles = {
            Double.NEGATIVE_INFINITY,
            -Double.MAX_VALUE,
            -1.5,
            -Double.MIN_VALUE,
            0,
            Double.MIN_VALUE,
            1e-300,
            2,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NaN
        };
        float[] floats = {
            Float.NEGATIVE_INFINITY,
            -Float.MAX_VALUE,
            -1.5f,
            -Float.MIN_VALUE,
            0,
            Float.MIN_VALUE,
            1e-30f,
            2,
            Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NaN
        };
        List<BsatnWriter> wide = new ArrayList<>();
        List<BsatnWriter> narrow = new ArrayList<>();
        for (int i = 0; i < doubles.length; i++) {
            wide.add(row().writeDouble(doubles[i]));
            narrow.add(row().writeFloat(floats[i]));
        }

        assertEquals(wide.stream().map(Fixtures::hex).toList(), inOrder(Primitive.F64, IndexAlgorithm.BTREE, wide));
        assertEquals(narrow.stream().map(Fixtures::hex).toList(), inOrder(Primitive.F32, IndexAlgorithm.BTREE, narrow));
    }

    @Test
    void aDirectIndexHoldsTheWholeRangeOfItsTypeInOrder() {
        List<BsatnWriter> bytes = Stream.iterate(0, i -> i + 1)
                .limit(256)
                .map(i -> row().writeByte(i))
                .toList();
        List<BsatnWriter> shorts = Stream.iterate(0, i -> i + 1)
                .limit(65_536)
                .map(i -> row().writeShort(i))
                .toList();
        List<BsatnWriter> longs = Stream.of(
                        0L, 1L, 255L, 1L << 20, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1L)
                .map(value -> row().writeLong(value))
                .toList();

        assertEquals(bytes.stream().map(Fixtures::hex).toList(), inOrder(Primitive.U8, IndexAlgorithm.DIRECT, bytes));
        assertEquals(
                shorts.stream().map(Fixtures::hex).toList(), inOrder(Primitive.U16, IndexAlgorithm.DIRECT, shorts));
        assertEquals(longs.stream().map(Fixtures::hex).toList(), inOrder(Primitive.U64, IndexAlgorithm.DIRECT, longs));
    }

    @Test
    void aKeyOfADirectIndexThatIsTooShortOrNoVariantIsRefused() {
        AlgebraicType plain = AlgebraicType.sum(
                AlgebraicType.element("a", AlgebraicType.UNIT), AlgebraicType.element("b", AlgebraicType.UNIT));
        Datastore enums = Datastore.create(module(
                aTable("a").column("x", plain).unique(IndexAlgorithm.DIRECT, 0),
                aTable("b").column("x", Primitive.U64).unique(IndexAlgorithm.DIRECT, 0)));
        Transaction transaction = enums.begin();
        insert(transaction, TABLE, row().writeByte(1));

        assertEquals(StoreCode.BSATN_DECODE_ERROR, transaction.scanPoint(INDEX, new byte[] {2}, 0, 1, (_, _, _) -> {}));
        assertEquals(
                StoreCode.BSATN_DECODE_ERROR, transaction.scanPoint(INDEX + 1, new byte[7], 0, 7, (_, _, _) -> {}));
        assertEquals(1, point(transaction, INDEX, row().writeByte(1)).size());
    }

    /** Rows that come before the array of a direct index reaches them move into it, and out again with a rollback. */
    @Test
    void aDirectIndexFindsRowsThatMovedIntoItsArray() {
        Datastore numbers =
                Datastore.create(module(aTable("t").column("x", Primitive.U32).unique(IndexAlgorithm.DIRECT, 0)));
        List<Integer> keys =
                new ArrayList<>(Stream.iterate(0, i -> i + 3).limit(5000).toList());
        Collections.shuffle(keys, new Random(11));
        Transaction first = numbers.begin();
        keys.subList(0, 40).forEach(key -> insert(first, TABLE, row().writeInt(key)));
        first.commit();
        List<String> before = committed(numbers);

        try (FrozenView view = numbers.freeze("test")) {
            Transaction second = numbers.begin();
            keys.subList(40, 5000).forEach(key -> insert(second, TABLE, row().writeInt(key)));
            for (int key : keys) {
                assertEquals(1, point(second, INDEX, row().writeInt(key)).size());
                assertEquals(0, point(second, INDEX, row().writeInt(key + 1)).size());
            }
            second.rollback();

            Transaction third = numbers.begin();
            for (RowSource source : List.of(view.reader(), third)) {
                assertEquals(before, rows(source, TABLE));
                for (int key : keys) {
                    boolean isThere = keys.indexOf(key) < 40;
                    assertEquals(
                            isThere ? 1 : 0,
                            point(source, INDEX, row().writeInt(key)).size());
                }
            }
        }
    }

    private static List<String> committed(Datastore store) {
        Transaction transaction = store.begin();
        List<String> rows = rows(transaction, TABLE);
        transaction.rollback();
        return rows;
    }

    @Test
    void theFieldsOfAColumnAreItsPartsEvenIfTheColumnHasButOne() {
        AlgebraicType point = AlgebraicType.product(
                AlgebraicType.element("x", Primitive.I32), AlgebraicType.element("y", Primitive.I32));
        AlgebraicType boxed = AlgebraicType.product(AlgebraicType.element("point", point));
        Datastore points =
                Datastore.create(module(aTable("t").column("at", boxed).index(IndexAlgorithm.BTREE, 0)));
        Transaction transaction = points.begin();
        for (int y = 0; y < 10; y++) {
            insert(transaction, TABLE, row().writeInt(1).writeInt(y));
        }

        IndexRange range = rangeOf(
                row(),
                0,
                included().writeInt(1).writeInt(3),
                excluded().writeInt(1).writeInt(6));

        assertEquals(3, range(transaction, INDEX, range).size());
    }

    @Test
    void aScanThatBeganBeforeADeletionNeverShowsAnotherRowsBytes() {
        Transaction filling = store.begin();
        for (int id = 0; id < 10; id++) {
            insert(filling, TABLE, account(id, 1));
        }
        filling.commit();
        Transaction transaction = store.begin();
        List<String> seen = new ArrayList<>();

        assertThrows(
                IllegalStateException.class,
                () -> transaction.scanTable(TABLE, (bytes, offset, length) -> {
                    Fixtures.collecting(seen).row(bytes, offset, length);
                    transaction.clear(TABLE);
                    insert(transaction, TABLE, account(77, 77));
                }));

        assertEquals(List.of(hex(account(0, 1))), seen);
        transaction.rollback();
    }
}
