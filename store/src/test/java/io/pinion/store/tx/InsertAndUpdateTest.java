package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.deleteEqual;
import static io.pinion.store.tx.Fixtures.hex;
import static io.pinion.store.tx.Fixtures.insert;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.point;
import static io.pinion.store.tx.Fixtures.row;
import static io.pinion.store.tx.Fixtures.rows;
import static io.pinion.store.tx.Fixtures.update;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class InsertAndUpdateTest {
    private static final int TABLE = Datastore.FIRST_ID;
    private static final int BY_ID = Datastore.FIRST_ID;
    private static final int BY_NAME = Datastore.FIRST_ID + 1;
    private static final int BY_AGE = Datastore.FIRST_ID + 2;

    private final Datastore store = Datastore.create(module(aTable("person")
            .column("id", Primitive.U32)
            .column("name", Primitive.STRING)
            .column("age", Primitive.U8)
            .unique(IndexAlgorithm.BTREE, 0)
            .unique(IndexAlgorithm.HASH, 1)
            .index(IndexAlgorithm.BTREE, 2)));

    private static BsatnWriter person(int id, String name, int age) {
        return row().writeInt(id).writeString(name).writeByte(age);
    }

    private Transaction withAdaAndBob() {
        Transaction transaction = store.begin();
        insert(transaction, TABLE, person(1, "Ada", 36));
        insert(transaction, TABLE, person(2, "Bob", 40));
        transaction.commit();
        return store.begin();
    }

    @Test
    void anIdenticalRowIsNoErrorAndNoChange() {
        Transaction transaction = withAdaAndBob();

        assertEquals(StoreCode.OK, insert(transaction, TABLE, person(1, "Ada", 36)));

        assertEquals(2, transaction.rowCount(TABLE));
        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void aUniqueKeyThatExistsIsRefusedWhicheverIndexItIsIn() {
        Transaction transaction = withAdaAndBob();

        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, insert(transaction, TABLE, person(1, "Eve", 36)));
        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, insert(transaction, TABLE, person(3, "Bob", 36)));

        assertEquals(List.of(), point(transaction, BY_NAME, row().writeString("Eve")));
        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void aDeletedRowInsertedAgainIsNoChange() {
        Transaction transaction = withAdaAndBob();

        assertEquals(1, deleteEqual(transaction, TABLE, person(1, "Ada", 36)));
        assertEquals(0, deleteEqual(transaction, TABLE, person(1, "Ada", 36)));
        assertEquals(StoreCode.OK, insert(transaction, TABLE, person(1, "Ada", 36)));

        assertEquals(List.of(hex(person(1, "Ada", 36))), point(transaction, BY_AGE, row().writeByte(36)));
        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void aRowInsertedAndDeletedAgainIsNoChange() {
        Transaction transaction = withAdaAndBob();

        insert(transaction, TABLE, person(3, "Eve", 1));
        assertEquals(1, deleteEqual(transaction, TABLE, person(3, "Eve", 1)));

        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void anUpdateReplacesTheRowWithTheKey() {
        Transaction transaction = withAdaAndBob();

        assertEquals(StoreCode.OK, update(transaction, TABLE, BY_ID, person(1, "Adele", 37)));

        assertEquals(List.of(), point(transaction, BY_NAME, row().writeString("Ada")));
        assertEquals(List.of(), point(transaction, BY_AGE, row().writeByte(36)));
        Delta delta = transaction.commit();
        assertEquals(
                List.of(hex(person(1, "Adele", 37))),
                hex(delta.tables().getFirst().inserts()));
        assertEquals(
                List.of(hex(person(1, "Ada", 36))),
                hex(delta.tables().getFirst().deletes()));
    }

    @Test
    void anUpdateThereAndBackIsNoChange() {
        Transaction transaction = withAdaAndBob();

        update(transaction, TABLE, BY_ID, person(1, "Adele", 37));
        update(transaction, TABLE, BY_ID, person(1, "Ada", 36));

        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void anUpdateToARowThatTheTransactionDeletedIsNoChange() {
        Transaction transaction = withAdaAndBob();

        deleteEqual(transaction, TABLE, person(1, "Ada", 36));
        insert(transaction, TABLE, person(1, "Eve", 20));
        update(transaction, TABLE, BY_ID, person(1, "Ada", 36));

        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void updatesThatCannotBeSayWhyAndChangeNothing() {
        Transaction transaction = withAdaAndBob();

        assertEquals(StoreCode.NO_SUCH_ROW, update(transaction, TABLE, BY_ID, person(3, "Eve", 1)));
        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, update(transaction, TABLE, BY_ID, person(1, "Bob", 1)));
        assertEquals(StoreCode.INDEX_NOT_UNIQUE, update(transaction, TABLE, BY_AGE, person(1, "Ada", 36)));
        assertEquals(StoreCode.NO_SUCH_INDEX, update(transaction, TABLE, 4711, person(1, "Ada", 36)));
        assertEquals(StoreCode.NO_SUCH_TABLE, update(transaction, 4711, BY_ID, person(1, "Ada", 36)));

        assertSame(Delta.EMPTY, transaction.commit());
    }

    @Test
    void aDeletedSlotIsNotUsedAgainBeforeTheTransactionEnds() {
        Transaction transaction = withAdaAndBob();

        deleteEqual(transaction, TABLE, person(1, "Ada", 36));
        insert(transaction, TABLE, person(3, "Eve", 36));
        transaction.rollback();

        Transaction after = store.begin();
        List<String> expected = List.of(hex(person(1, "Ada", 36)), hex(person(2, "Bob", 40)));
        assertEquals(expected, rows(after, TABLE));
    }

    @Test
    void bytesThatAreNotARowAreRefused() {
        Transaction transaction = store.begin();

        assertEquals(StoreCode.BSATN_DECODE_ERROR, insert(transaction, TABLE, row().writeInt(1)));
        BsatnWriter badText = row().writeInt(1).writeInt(1).writeByte(0xff).writeByte(1);
        assertEquals(StoreCode.BSATN_DECODE_ERROR, insert(transaction, TABLE, badText));
        BsatnWriter longText = row().writeInt(1).writeInt(-1).writeByte(1);
        assertEquals(StoreCode.BSATN_DECODE_ERROR, insert(transaction, TABLE, longText));
        assertEquals(StoreCode.NO_SUCH_TABLE, insert(transaction, 17, person(1, "Ada", 36)));

        assertEquals(0, transaction.rowCount(TABLE));
    }

    @Test
    void bytesAfterARowOfVaryingSizeAreCutOff() {
        Transaction transaction = store.begin();

        assertEquals(
                StoreCode.OK, insert(transaction, TABLE, person(1, "Ada", 36).writeLong(99)));

        assertEquals(List.of(hex(person(1, "Ada", 36))), rows(transaction, TABLE));
    }

    @Test
    void aRowOfFixedSizeMustHaveExactlyThatSize() {
        AlgebraicType sameSizes = AlgebraicType.sum(
                AlgebraicType.element("number", Primitive.I32), AlgebraicType.element("real", Primitive.F32));
        Datastore fixed = Datastore.create(
                module(aTable("t").column("flag", Primitive.BOOL).column("value", sameSizes)));
        Transaction transaction = fixed.begin();

        assertEquals(
                StoreCode.OK,
                insert(transaction, TABLE, row().writeBool(true).writeByte(1).writeInt(5)));
        BsatnWriter tooLong = row().writeBool(true).writeByte(1).writeInt(5).writeByte(0);
        assertEquals(StoreCode.BSATN_DECODE_ERROR, insert(transaction, TABLE, tooLong));
        BsatnWriter badTag = row().writeBool(true).writeByte(2).writeInt(5);
        assertEquals(StoreCode.BSATN_DECODE_ERROR, insert(transaction, TABLE, badTag));
        BsatnWriter badBool = row().writeByte(2).writeByte(1).writeInt(5);
        assertEquals(StoreCode.BSATN_DECODE_ERROR, insert(transaction, TABLE, badBool));
    }

    @Test
    void zerosOfDifferentSignAreTwoRowsUnderOneKey() {
        Datastore reals = Datastore.create(module(
                aTable("a_plain").column("x", Primitive.F64).index(IndexAlgorithm.BTREE, 0),
                aTable("b_unique").column("x", Primitive.F64).unique(IndexAlgorithm.HASH, 0)));
        Transaction transaction = reals.begin();

        assertEquals(StoreCode.OK, insert(transaction, TABLE, row().writeDouble(0.0)));
        assertEquals(StoreCode.OK, insert(transaction, TABLE, row().writeDouble(-0.0)));
        assertEquals(StoreCode.OK, insert(transaction, TABLE + 1, row().writeDouble(0.0)));
        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, insert(transaction, TABLE + 1, row().writeDouble(-0.0)));

        assertEquals(2, point(transaction, BY_ID, row().writeDouble(-0.0)).size());
        assertEquals(1, deleteEqual(transaction, TABLE, row().writeDouble(-0.0)));
    }

    @Test
    void notANumberIsOneKeyWhateverItsBits() {
        Datastore reals =
                Datastore.create(module(aTable("t").column("x", Primitive.F64).index(IndexAlgorithm.BTREE, 0)));
        Transaction transaction = reals.begin();
        BsatnWriter quiet = row().writeLong(0x7ff8000000000000L);
        BsatnWriter other = row().writeLong(0xfff8000000000001L);

        assertEquals(StoreCode.OK, insert(transaction, TABLE, quiet));
        assertEquals(StoreCode.OK, insert(transaction, TABLE, other));

        assertEquals(2, transaction.rowCount(TABLE));
        assertEquals(2, point(transaction, BY_ID, quiet).size());
        assertEquals(1, deleteEqual(transaction, TABLE, other));
        assertEquals(List.of(hex(quiet)), point(transaction, BY_ID, other));
    }

    @Test
    void identitiesThatDifferInTheirLastBitsAreDifferentKeys() {
        for (IndexAlgorithm algorithm : List.of(IndexAlgorithm.BTREE, IndexAlgorithm.HASH)) {
            Datastore people = Datastore.create(
                    module(aTable("t").column("id", Primitive.U256).unique(algorithm, 0)));
            Transaction transaction = people.begin();
            for (int i = 0; i < 500; i++) {
                assertEquals(StoreCode.OK, insert(transaction, TABLE, identity(0xc200L, i)));
                assertEquals(StoreCode.OK, insert(transaction, TABLE, identity(0xc200L + i + 1, 0)));
            }

            for (int i = 0; i < 500; i++) {
                assertEquals(1, point(transaction, BY_ID, identity(0xc200L, i)).size());
                assertEquals(
                        1,
                        point(transaction, BY_ID, identity(0xc200L + i + 1, 0)).size());
                assertEquals(
                        0,
                        point(transaction, BY_ID, identity(0xc200L + i + 1, 1)).size());
            }
        }
    }

    /** 256 bits that begin and end with a number. */
    private static BsatnWriter identity(long leading, long trailing) {
        return row().writeLong(trailing).writeLong(7).writeLong(7).writeLong(leading);
    }

    @Test
    void aSinkThatChangesRowsDuringItsScanIsToldSo() {
        Transaction transaction = withAdaAndBob();

        IllegalStateException told = assertThrows(
                IllegalStateException.class,
                () -> transaction.scanTable(TABLE, (_, _, _) -> deleteEqual(transaction, TABLE, person(2, "Bob", 40))));

        assertEquals("a row sink used the rows that it was called from", told.getMessage());
        transaction.rollback();
    }

    @Test
    void rowsOfEventTablesAreSeenInTheirTransactionAndVanishAtTheCommit() {
        Datastore events = Datastore.create(module(aTable("event")
                .column("id", Primitive.U32)
                .unique(IndexAlgorithm.BTREE, 0)
                .event()));
        Transaction transaction = events.begin();
        insert(transaction, TABLE, row().writeInt(1));

        assertEquals(1, transaction.rowCount(TABLE));
        assertEquals(1, point(transaction, BY_ID, row().writeInt(1)).size());
        Delta delta = transaction.commit();

        assertEquals(1, delta.tables().getFirst().inserts().count());
        assertEquals(0, events.rowCount(TABLE));
        events.apply(delta);
        assertEquals(0, events.rowCount(TABLE));
        Transaction again = events.begin();
        assertEquals(StoreCode.OK, insert(again, TABLE, row().writeInt(1)));
    }

    @Test
    void aScheduledTimeTooFarAheadIsToldAndTheRowStays() {
        long dayMicros = 24L * 3600 * 1_000_000;
        AlgebraicType interval =
                AlgebraicType.product(AlgebraicType.element("__time_duration_micros__", Primitive.I64));
        AlgebraicType time =
                AlgebraicType.product(AlgebraicType.element("__timestamp_micros_since_unix_epoch__", Primitive.I64));
        AlgebraicType scheduleAt =
                AlgebraicType.sum(AlgebraicType.element("Interval", interval), AlgebraicType.element("Time", time));
        Datastore timers = Datastore.create(module(aTable("timer")
                .column("id", Primitive.U64)
                .column("at", scheduleAt)
                .unique(IndexAlgorithm.BTREE, 0)
                .sequence(0)
                .scheduledAt(1)));
        Transaction transaction = timers.begin(1000 * dayMicros, () -> false);

        BsatnWriter past = row().writeLong(0).writeByte(1).writeLong(-5);
        BsatnWriter soon = row().writeLong(0).writeByte(1).writeLong(1700 * dayMicros);
        BsatnWriter far = row().writeLong(0).writeByte(1).writeLong(1800 * dayMicros);
        BsatnWriter farInterval = row().writeLong(0).writeByte(0).writeLong(-800 * dayMicros);

        assertEquals(StoreCode.OK, insert(transaction, TABLE, past));
        assertEquals(StoreCode.OK, insert(transaction, TABLE, soon));
        assertEquals(StoreCode.SCHEDULE_AT_DELAY_TOO_LONG, insert(transaction, TABLE, far));
        assertEquals(StoreCode.SCHEDULE_AT_DELAY_TOO_LONG, insert(transaction, TABLE, farInterval));
        assertEquals(4, transaction.rowCount(TABLE));
    }
}
