package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatastoreTest {
    private static final int FIRST = Datastore.FIRST_ID;

    @Test
    void insertedRowsAreThereAfterTheCommitAndGoneAfterARollback() {
        Datastore store = Datastore.create(module(aTable("person")
                .column("id", Primitive.U64)
                .column("name", Primitive.STRING)
                .unique(IndexAlgorithm.BTREE, 0)));
        int table = store.tableId("person");
        int index = store.indexId("person_idx_0");

        Transaction first = store.begin();
        assertEquals(StoreCode.OK, insert(first, table, row().writeLong(7).writeString("Ada")));
        Delta delta = first.commit();
        Transaction second = store.begin();
        assertEquals(StoreCode.OK, insert(second, table, row().writeLong(8).writeString("Bob")));
        second.rollback();

        String ada = hex(row().writeLong(7).writeString("Ada"));
        assertEquals(List.of(ada), hex(delta.tables().getFirst().inserts()));
        Transaction third = store.begin();
        assertEquals(List.of(ada), rows(third, table));
        assertEquals(List.of(ada), point(third, index, row().writeLong(7)));
        assertEquals(List.of(), point(third, index, row().writeLong(8)));
    }

    @Test
    void idsFollowTheByteOrderOfCanonicalNames() {
        Datastore store = Datastore.create(module(
                aTable("zebra").sourceName("Zebra").column("x", Primitive.U8),
                aTable("ant").column("x", Primitive.U8).index(IndexAlgorithm.BTREE, 0),
                aTable("auth.user").column("x", Primitive.U8).index(IndexAlgorithm.HASH, 0)));

        assertEquals(FIRST, store.tableId("ant"));
        assertEquals(FIRST + 1, store.tableId("auth.user"));
        assertEquals(FIRST + 2, store.tableId("zebra"));
        assertEquals(FIRST + 2, store.tableId("Zebra"));
        assertEquals(-StoreCode.NO_SUCH_TABLE, store.tableId("ZEBRA"));
        assertEquals(FIRST + 1, store.indexId("auth.user_idx_0"));
        assertEquals(FIRST + 1, store.indexId("auth.user_idx_0_source"));
        assertEquals(-StoreCode.NO_SUCH_INDEX, store.indexId("auth.user"));
        assertEquals("zebra", store.table(FIRST + 2).orElseThrow().name());
        assertTrue(store.table("nothing").isEmpty());
    }

    @Test
    void onlyOneTransactionIsOpenAtATime() {
        Datastore store = Datastore.create(module(aTable("t").column("x", Primitive.U8)));
        Transaction open = store.begin();

        assertThrows(IllegalStateException.class, store::begin);
        assertThrows(IllegalStateException.class, () -> store.apply(Delta.EMPTY));
        open.rollback();
        assertFalse(store.isInTransaction());
        assertTrue(store.begin().isOpen());
    }

    @Test
    void everyOperationAfterTheEndSaysSo() {
        Datastore store =
                Datastore.create(module(aTable("t").column("x", Primitive.U8).unique(IndexAlgorithm.BTREE, 0)));
        Transaction ended = store.begin();
        ended.commit();
        store.begin();
        int code = StoreCode.NOT_IN_TRANSACTION;
        BsatnWriter row = row().writeByte(1);
        RowSink none = (_, _, _) -> {};

        assertEquals(-code, ended.tableId("t"));
        assertEquals(-code, ended.indexId("t_idx_0"));
        assertEquals(-code, ended.rowCount(FIRST));
        assertEquals(code, ended.scanTable(FIRST, none));
        assertEquals(code, ended.scanPoint(FIRST, row.buffer(), 0, 1, none));
        assertEquals(code, ended.scanRange(FIRST, new IndexRange(), none));
        assertEquals(-code, ended.deletePoint(FIRST, row.buffer(), 0, 1));
        assertEquals(-code, ended.deleteRange(FIRST, new IndexRange()));
        assertEquals(-code, Fixtures.deleteEqual(ended, FIRST, row));
        assertEquals(-code, ended.clear(FIRST));
        assertEquals(code, insert(ended, FIRST, row));
        assertEquals(code, Fixtures.update(ended, FIRST, FIRST, row));
        assertFalse(ended.isOpen());
        assertThrows(IllegalStateException.class, ended::commit);
        assertThrows(IllegalStateException.class, ended::rollback);
    }

    @Test
    void rangesFollowPrefixAndBounds() {
        Datastore store = Datastore.create(module(
                aTable("t").column("a", Primitive.U32).column("b", Primitive.I8).index(IndexAlgorithm.BTREE, 0, 1)));
        Transaction transaction = store.begin();
        for (int a = 6; a <= 8; a++) {
            for (int b = -2; b <= 2; b++) {
                insert(transaction, FIRST, row().writeInt(a).writeByte(b));
            }
        }
        BsatnWriter seven = row().writeInt(7);

        List<String> inside = range(
                transaction,
                FIRST,
                rangeOf(seven, 1, included().writeByte(-1), excluded().writeByte(2)));
        List<String> open =
                range(transaction, FIRST, rangeOf(seven, 1, excluded().writeByte(1), unbounded()));
        List<String> above =
                range(transaction, FIRST, rangeOf(row(), 0, excluded().writeInt(7), unbounded()));

        assertEquals(List.of("07000000ff", "0700000000", "0700000001"), inside);
        assertEquals(List.of("0700000002"), open);
        assertEquals(5, above.size());
    }

    @Test
    void scansSayWhatIsWrongWithTheirArguments() {
        Datastore store = Datastore.create(module(aTable("t")
                .column("a", Primitive.U32)
                .column("s", Primitive.STRING)
                .index(IndexAlgorithm.BTREE, 0)
                .index(IndexAlgorithm.HASH, 1)));
        Transaction transaction = store.begin();
        RowSink none = (_, _, _) -> {};
        BsatnWriter one = row().writeInt(1);
        int decode = StoreCode.BSATN_DECODE_ERROR;

        assertEquals(StoreCode.NO_SUCH_INDEX, transaction.scanPoint(99, one.buffer(), 0, 4, none));
        assertEquals(StoreCode.NO_SUCH_TABLE, transaction.scanTable(99, none));
        assertEquals(-StoreCode.NO_SUCH_TABLE, transaction.clear(99));
        assertEquals(decode, transaction.scanPoint(FIRST, one.buffer(), 0, 3, none));
        assertEquals(-decode, transaction.deletePoint(FIRST, one.buffer(), 0, 3));
        IndexRange prefixTooLong = rangeOf(one, 1, unbounded(), unbounded());
        assertEquals(decode, transaction.scanRange(FIRST, prefixTooLong, none));
        IndexRange badTag = rangeOf(row(), 0, row().writeByte(3), unbounded());
        assertEquals(decode, transaction.scanRange(FIRST, badTag, none));
        IndexRange shortBound = rangeOf(row(), 0, included().writeByte(1), unbounded());
        assertEquals(-decode, transaction.deleteRange(FIRST, shortBound));
        IndexRange all = rangeOf(row(), 0, unbounded(), unbounded());
        assertEquals(StoreCode.WRONG_INDEX_ALGO, transaction.scanRange(FIRST + 1, all, none));
        BsatnWriter shortRelation = row().writeInt(2).writeInt(1).writeString("x");
        assertEquals(-decode, transaction.deleteAllByEq(FIRST, shortRelation.buffer(), 0, shortRelation.length()));
    }

    @Test
    void aDeltaThatDoesNotFitIsRefusedByNameAndTheDatastoreIsOfNoUseAfterIt() {
        RowList one = new RowList();
        one.row(new byte[] {1}, 0, 1);
        Delta deletes = new Delta(List.of(new Delta.TableDelta(FIRST, new RowList(), one)));
        Delta inserts = new Delta(List.of(new Delta.TableDelta(FIRST, one, new RowList())));
        Delta unknown = new Delta(List.of(new Delta.TableDelta(FIRST + 1, one, new RowList())));

        assertDoesNotFit("collides with one of table t", inserts, inserts);
        assertDoesNotFit("that table t does not have", inserts, deletes, deletes);
        assertDoesNotFit("table " + (FIRST + 1) + ", which does not exist", unknown);
    }

    /** The last of the deltas. */
    private static void assertDoesNotFit(String why, Delta... deltas) {
        Datastore store = Datastore.create(module(aTable("t").column("x", Primitive.U8)));
        for (int i = 0; i < deltas.length - 1; i++) {
            store.apply(deltas[i]);
        }
        Delta last = deltas[deltas.length - 1];

        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> store.apply(last));

        assertTrue(refused.toString().contains(why), refused::toString);
        assertThrows(IllegalStateException.class, store::begin);
    }

    @Test
    void aReplayThatIsAskedToStopStopsWithin1024Rows() {
        Datastore store = Datastore.create(module(aTable("t").column("x", Primitive.U32)));
        RowList rows = new RowList();
        for (int x = 0; x < 3000; x++) {
            rows.row(row().writeInt(x).buffer(), 0, 4);
        }
        Delta delta = new Delta(List.of(new Delta.TableDelta(FIRST, rows, new RowList())));

        assertThrows(OperationStoppedException.class, () -> store.apply(delta, () -> true));

        assertTrue(store.rowCount(FIRST) < 1024);
    }

    @Test
    void aSingleGreatKeyOfADirectIndexCostsNoMemory() {
        Datastore store =
                Datastore.create(module(aTable("t").column("x", Primitive.U64).unique(IndexAlgorithm.DIRECT, 0)));
        Transaction transaction = store.begin();
        for (long key : new long[] {5, -1, Long.MAX_VALUE, 1L << 40, 300, 1_000_000}) {
            assertEquals(StoreCode.OK, insert(transaction, FIRST, row().writeLong(key)));
        }

        IndexRange above = rangeOf(row(), 0, excluded().writeLong(300), unbounded());

        assertEquals(1, point(transaction, FIRST, row().writeLong(-1)).size());
        assertEquals(4, range(transaction, FIRST, above).size());
        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, insertTwice(store, transaction));
    }

    /** Room for small keys grows past a key that lies outside; it must still be found. */
    private static int insertTwice(Datastore store, Transaction transaction) {
        for (long key = 1000; key < 3000; key++) {
            insert(transaction, FIRST, row().writeLong(key));
        }
        assertEquals(2006, store.rowCount(FIRST));
        BsatnWriter row = row().writeLong(1_000_000);
        Datastore other = Datastore.create(module(
                aTable("t").column("x", Primitive.U64).column("y", Primitive.U8).unique(IndexAlgorithm.DIRECT, 0)));
        Transaction filling = other.begin();
        insert(filling, FIRST, row().writeLong(2000).writeByte(1));
        for (long key = 0; key < 1999; key++) {
            insert(filling, FIRST, row().writeLong(key).writeByte(1));
        }
        assertEquals(1, transaction.deletePoint(FIRST, row.buffer(), 0, row.length()));
        return insert(filling, FIRST, row().writeLong(2000).writeByte(2));
    }
}
