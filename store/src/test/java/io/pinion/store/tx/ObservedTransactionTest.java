package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.excluded;
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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an observer is told of reads: whole tables, and the keys of points. */
class ObservedTransactionTest {
    private static final int TABLE = Datastore.FIRST_ID;
    private static final int BY_PAIR = Datastore.FIRST_ID;
    private static final int BY_NUMBER = Datastore.FIRST_ID + 1;
    private static final int BY_PRODUCT = Datastore.FIRST_ID + 2;

    private final Datastore store = Datastore.create(module(aTable("t")
            .column("a", Primitive.U32)
            .column("b", Primitive.U8)
            .column(
                    "c",
                    new AlgebraicType.Product(List.of(
                            new AlgebraicType.Element("x", Primitive.U8),
                            new AlgebraicType.Element("y", Primitive.U8))))
            .index(IndexAlgorithm.BTREE, 0, 1)
            .index(IndexAlgorithm.HASH, 0)
            .index(IndexAlgorithm.BTREE, 2)));
    private final List<String> told = new ArrayList<>();
    private final Transaction transaction = new ObservedTransaction(store, store.begin(), new ReadObserver() {
        @Override
        public void table(int tableId) {
            told.add("table " + tableId);
        }

        @Override
        public void point(int tableId, int indexId, byte[] bytes, int offset, int length) {
            told.add("point " + tableId + " " + indexId + " "
                    + Bytes.copyOf(bytes, offset, length).toHex());
        }
    });

    private static BsatnWriter rowOf(int a, int b) {
        return row().writeInt(a).writeByte(b).writeByte(1).writeByte(2);
    }

    @Test
    void scansAndCountsAreOfTheWholeTable() {
        insert(transaction, TABLE, rowOf(7, 3));

        assertEquals(List.of("07000000030102"), rows(transaction, TABLE));
        assertEquals(1, transaction.rowCount(TABLE));

        assertEquals(List.of("table 4096", "table 4096"), told);
    }

    @Test
    void pointsAreToldByTheirKeyWhetherThereAreRowsOrNot() {
        point(transaction, BY_NUMBER, row().writeInt(7));
        point(transaction, BY_PAIR, row().writeInt(7).writeByte(3));

        assertEquals(List.of("point 4096 4097 07000000", "point 4096 4096 0700000003"), told);
    }

    @Test
    void aRangeThatPinsEveryColumnIsAPoint() {
        insert(transaction, TABLE, rowOf(7, 3));

        List<String> rows = range(
                transaction,
                BY_PAIR,
                rangeOf(
                        row().writeInt(7),
                        1,
                        included().writeByte(3),
                        included().writeByte(3)));

        assertEquals(1, rows.size());
        assertEquals(List.of("point 4096 4096 0700000003"), told);
    }

    @Test
    void anyOtherRangeIsOfTheWholeTable() {
        range(
                transaction,
                BY_PAIR,
                rangeOf(row(), 0, included().writeInt(7), included().writeInt(7)));
        range(
                transaction,
                BY_PAIR,
                rangeOf(
                        row().writeInt(7),
                        1,
                        included().writeByte(3),
                        included().writeByte(4)));
        range(
                transaction,
                BY_PAIR,
                rangeOf(
                        row().writeInt(7),
                        1,
                        excluded().writeByte(3),
                        excluded().writeByte(3)));
        range(transaction, BY_PAIR, rangeOf(row().writeInt(7), 1, unbounded(), unbounded()));

        assertEquals(List.of("table 4096", "table 4096", "table 4096", "table 4096"), told);
    }

    @Test
    void aProductThatIsIndexedAloneHasAKeyOfItsFields() {
        range(
                transaction,
                BY_PRODUCT,
                rangeOf(row(), 0, included().writeByte(1), included().writeByte(1)));
        range(
                transaction,
                BY_PRODUCT,
                rangeOf(
                        row().writeByte(1),
                        1,
                        included().writeByte(2),
                        included().writeByte(2)));

        assertEquals(List.of("table 4096", "point 4096 4098 0102"), told);
    }

    @Test
    void whatDoesNotExistIsNotTold() {
        assertEquals(StoreCode.NO_SUCH_TABLE, transaction.scanTable(9_999, (_, _, _) -> {}));
        assertEquals(-StoreCode.NO_SUCH_TABLE, transaction.rowCount(9_999));
        assertEquals(StoreCode.NO_SUCH_INDEX, transaction.scanPoint(9_999, new byte[1], 0, 1, (_, _, _) -> {}));
        assertThrows(
                AssertionError.class, () -> range(transaction, 9_999, rangeOf(row(), 0, unbounded(), unbounded())));

        assertEquals(List.of(), told);
    }

    @Test
    void changesGoThroughAndAreNoReads() {
        insert(transaction, TABLE, rowOf(7, 3));
        insert(transaction, TABLE, rowOf(8, 3));
        BsatnWriter seven = row().writeInt(7);
        assertEquals(1, transaction.deletePoint(BY_NUMBER, seven.buffer(), 0, seven.length()));
        assertEquals(1, transaction.clear(TABLE));

        transaction.rollback();

        assertFalse(transaction.isOpen());
        assertEquals(List.of(), told);
    }
}
