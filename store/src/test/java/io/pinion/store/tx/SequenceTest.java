package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.hex;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.row;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceTest {
    private static final int TABLE = Datastore.FIRST_ID;
    private static final ModuleDef COUNTED = module(aTable("t")
            .column("text", Primitive.STRING)
            .column("small", Primitive.U8)
            .column("id", Primitive.U64)
            .unique(IndexAlgorithm.BTREE, 2)
            .sequence(2)
            .sequence(1, 10, 1, 200, 5));

    private static BsatnWriter insert(Transaction transaction, BsatnWriter row) {
        BsatnWriter generated = new BsatnWriter();
        assertEquals(StoreCode.OK, transaction.insert(TABLE, row.buffer(), 0, row.length(), generated));
        return generated;
    }

    @Test
    void onlyColumnsSentAsZeroAreGeneratedAndWrittenBackInColumnOrder() {
        Transaction transaction = Datastore.create(COUNTED).begin();

        BsatnWriter both =
                insert(transaction, row().writeString("a").writeByte(0).writeLong(0));
        BsatnWriter one =
                insert(transaction, row().writeString("b").writeByte(7).writeLong(0));
        BsatnWriter none =
                insert(transaction, row().writeString("c").writeByte(7).writeLong(99));

        assertEquals(hex(row().writeByte(10).writeLong(1)), hex(both));
        assertEquals(hex(row().writeLong(2)), hex(one));
        assertEquals("", hex(none));
        String first = hex(row().writeString("a").writeByte(10).writeLong(1));
        assertEquals(List.of(first), Fixtures.point(transaction, TABLE, row().writeLong(1)));
    }

    @Test
    void anUpdateGeneratesToo() {
        Transaction transaction = Datastore.create(COUNTED).begin();
        insert(transaction, row().writeString("a").writeByte(3).writeLong(7));
        BsatnWriter generated = new BsatnWriter();
        BsatnWriter changed = row().writeString("b").writeByte(0).writeLong(7);

        assertEquals(StoreCode.OK, transaction.update(TABLE, TABLE, changed.buffer(), 0, changed.length(), generated));

        assertEquals(hex(row().writeByte(10)), hex(generated));
    }

    @Test
    void positionsAreUndoneWithTheTransactionAndPartOfTheDelta() {
        Datastore store = Datastore.create(COUNTED);
        Transaction undone = store.begin();
        insert(undone, row().writeString("a").writeByte(0).writeLong(0));
        undone.rollback();
        Transaction kept = store.begin();
        insert(kept, row().writeString("b").writeByte(1).writeLong(0));
        Delta delta = kept.commit();

        assertEquals(List.of(new SequencePosition(TABLE, 2, BigInteger.TWO)), delta.sequences());
    }

    @Test
    void aReplayedStoreNeverHandsOutACommittedValueAgain() {
        Datastore store = Datastore.create(COUNTED);
        Datastore replica = Datastore.create(COUNTED);
        for (int i = 0; i < 5; i++) {
            Transaction transaction = store.begin();
            insert(transaction, row().writeString("a" + i).writeByte(1).writeLong(0));
            replica.apply(transaction.commit());
        }
        Transaction deleting = store.begin();
        deleting.clear(TABLE);
        replica.apply(deleting.commit());

        BsatnWriter generated =
                insert(replica.begin(), row().writeString("x").writeByte(1).writeLong(0));

        assertEquals(hex(row().writeLong(6)), hex(generated));
    }

    @Test
    void aSequenceMovesOnFromAValueThatIsTaken() {
        Transaction transaction = Datastore.create(COUNTED).begin();
        insert(transaction, row().writeString("taken").writeByte(1).writeLong(1));
        BsatnWriter row = row().writeString("new").writeByte(1).writeLong(0);
        BsatnWriter generated = new BsatnWriter();

        int first = transaction.insert(TABLE, row.buffer(), 0, row.length(), generated);
        int second = transaction.insert(TABLE, row.buffer(), 0, row.length(), generated);

        assertEquals(StoreCode.UNIQUE_ALREADY_EXISTS, first);
        assertEquals(StoreCode.OK, second);
        assertEquals(hex(row().writeLong(2)), hex(generated));
    }

    @Test
    void aSequenceWrapsInBothDirections() {
        // Steps of 4 over the span 1 to 10: 9 + 4 = 13 is 3 past the end, so it goes on at 1 + 2.
        assertEquals(List.of(5L, 9L, 3L, 7L, 1L, 5L), values(5, 1, 10, 4));
        // Down from 3 to -5: -5 - 3 = -8 is 3 past the end, so it goes on at 3 - 2.
        assertEquals(List.of(-2L, -5L, 1L, -2L, -5L, 1L), values(-2, -5, 3, -3));
    }

    private static List<Long> values(long start, long min, long max, long increment) {
        Datastore store = Datastore.create(
                module(aTable("t").column("id", Primitive.I64).sequence(0, start, min, max, increment)));
        Transaction transaction = store.begin();
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            values.add(new BsatnReader(insert(transaction, row().writeLong(0)).toBytes()).readLong());
        }
        return values;
    }

    @Test
    void valuesBeyond64BitsAreHandedOutAndCutToTheColumn() {
        BigInteger start = BigInteger.ONE.shiftLeft(63).subtract(BigInteger.ONE);
        BigInteger max = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
        Datastore store = Datastore.create(module(
                aTable("t").column("id", Primitive.U128).sequence(0, start, BigInteger.ONE, max, BigInteger.ONE),
                aTable("u").column("id", Primitive.U8).sequence(0, start, BigInteger.ONE, max, BigInteger.ONE)));
        Transaction transaction = store.begin();
        List<BigInteger> values = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            BsatnWriter generated = insert(transaction, row().writeLong(0).writeLong(0));
            values.add(new BsatnReader(generated.toBytes()).readBigInteger(16, false));
        }
        BsatnWriter cut = new BsatnWriter();
        transaction.insert(TABLE + 1, new byte[1], 0, 1, cut);

        assertEquals(List.of(start, start.add(BigInteger.ONE), start.add(BigInteger.TWO)), values);
        assertEquals("ff", hex(cut));
        BigInteger next = transaction.commit().sequences().getFirst().next();
        assertEquals(start.add(BigInteger.valueOf(3)), next);
    }
}
