package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.hex;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
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

    private static final BigInteger I128_MAX = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
    private static final List<Primitive> INTEGERS =
            Arrays.stream(Primitive.values()).filter(Primitive::isInteger).toList();
    private static final int INTEGERS_MAX = 11;

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

    /** Every width and sign: what a sequence hands out, by arithmetic without limits, cut to the column. */
    @Property(tries = 300)
    void aSequenceFollowsItsRuleInColumnsOfEveryType(
            @ForAll long seed, @ForAll @IntRange(max = INTEGERS_MAX) int typeIndex) {
        Random random = new Random(seed);
        Primitive type = INTEGERS.get(typeIndex);
        int bits = 2 + random.nextInt(126);
        BigInteger min = new BigInteger(bits, random).subtract(BigInteger.ONE.shiftLeft(bits - 1));
        BigInteger span =
                new BigInteger(bits, random).add(BigInteger.valueOf(8)).min(I128_MAX.subtract(min));
        BigInteger max = min.add(span);
        BigInteger increment =
                new BigInteger(bits, random).mod(span.subtract(BigInteger.ONE)).add(BigInteger.ONE);
        increment = random.nextBoolean() ? increment : increment.negate();
        BigInteger next = min.add(new BigInteger(bits, random).mod(span));
        Datastore store = Datastore.create(module(
                aTable("t").column("id", type).column("other", Primitive.U8).sequence(0, next, min, max, increment)));
        Transaction transaction = store.begin();

        for (int i = 0; i < 40; i++) {
            BsatnWriter row =
                    row().writeBigInteger(BigInteger.ZERO, type.size()).writeByte(i);
            BsatnWriter expected = row().writeBigInteger(cut(next, type), type.size());
            assertEquals(hex(expected), hex(insert(transaction, row)), "seed " + seed);
            BigInteger after = step(next, min, max, increment);
            SequenceDef def = store.table(TABLE).orElseThrow().def().sequences().getFirst();
            // Come round exactly to the start, a sequence cannot be told from one that was never used.
            if (!after.equals(def.start())) {
                assertEquals(next, RunningRows.allocated(def, after), "seed " + seed);
            }
            next = after;
        }
        assertEquals(next, transaction.commit().sequences().getFirst().next());
    }

    /** One number after the other round the ring of the range. */
    private static BigInteger step(BigInteger from, BigInteger min, BigInteger max, BigInteger increment) {
        BigInteger span = max.subtract(min).add(BigInteger.ONE);
        return from.subtract(min).add(increment).mod(span).add(min);
    }

    private static BigInteger cut(BigInteger value, Primitive type) {
        BigInteger unsigned = value.mod(BigInteger.ONE.shiftLeft(8 * type.size()));
        boolean isNegative = type.isSigned() && unsigned.testBit(8 * type.size() - 1);
        return isNegative ? unsigned.subtract(BigInteger.ONE.shiftLeft(8 * type.size())) : unsigned;
    }

    /** Whatever is deleted, undone or lost with a crash: a committed value does not come again. */
    @Property(tries = 100)
    void aValueThatWasCommittedIsNeverHandedOutAgain(@ForAll @Size(max = 60) List<@IntRange(max = 9) Integer> steps) {
        Datastore store = Datastore.create(COUNTED);
        List<Delta> journal = new ArrayList<>();
        Set<Long> committed = new HashSet<>();
        int rowNumber = 0;
        for (int step : steps) {
            if (step == 0) {
                store = Datastore.create(COUNTED);
                journal.forEach(store::apply);
            }
            Transaction transaction = store.begin();
            List<Long> values = new ArrayList<>();
            for (int i = 0; i < step; i++) {
                BsatnWriter row =
                        row().writeString("r" + rowNumber++).writeByte(1).writeLong(0);
                values.add(new BsatnReader(insert(transaction, row).toBytes()).readLong());
            }
            assertTrue(Collections.disjoint(committed, values), () -> values + " after " + committed);
            if (step % 3 == 1) {
                transaction.rollback();
            } else {
                transaction.clear(TABLE);
                committed.addAll(values);
                journal.add(transaction.commit());
            }
        }
    }
}
