package io.pinion.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.table.IndexSpec.Kind;
import io.pinion.store.table.KeyShape.Sort;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which keys have ways of their own through point operations. */
class KeyShapeTest {
    private static final AlgebraicType ENUM = AlgebraicType.sum(
            AlgebraicType.element("a", AlgebraicType.UNIT), AlgebraicType.element("b", AlgebraicType.UNIT));

    /** A unique index on columns of these types that stand in a row in that order, after one of varying size. */
    private static Index index(Kind kind, AlgebraicType... types) {
        AlgebraicType.Element[] elements = new AlgebraicType.Element[types.length + 1];
        Integer[] columns = new Integer[types.length];
        elements[0] = AlgebraicType.element("name", Primitive.STRING);
        for (int i = 0; i < types.length; i++) {
            elements[i + 1] = AlgebraicType.element("c" + i, types[i]);
            columns[i] = i + 1;
        }
        IndexSpec spec = new IndexSpec(kind, List.of(columns), true);
        Table table = new Table(new TableShape(AlgebraicType.product(elements), List.of(spec)), new Epochs());
        return table.index(0).index;
    }

    private static void assertWide(AlgebraicType type, int size, Kind kind) {
        Index index = index(kind, type);

        assertSame(kind == Kind.HASH ? HashIndex.class : OrderedIndex.class, index.getClass());
        assertSame(Sort.WIDE, index.shape.sort(), type + " in an index of kind " + kind);
        byte[] key = new byte[size];
        key[size - 1] = 5;
        index.shape.probeKey(index.probe, key, 0, size);
        assertEquals(size, index.probe.length);
        assertEquals(5L << 56, index.probe.summary);
    }

    @ParameterizedTest
    @EnumSource(names = {"HASH", "ORDERED"})
    void identitiesAndOtherWideIntegersAreComparedInWords(Kind kind) {
        assertWide(AlgebraicType.IDENTITY, 32, kind);
        assertWide(Primitive.U256, 32, kind);
        assertWide(AlgebraicType.CONNECTION_ID, 16, kind);
        assertWide(AlgebraicType.UUID, 16, kind);
        assertWide(Primitive.U128, 16, kind);
    }

    @ParameterizedTest
    @EnumSource(names = {"HASH", "ORDERED"})
    void integersOfAtMostEightBytesAndPlainEnumsAreOneNumber(Kind kind) {
        for (AlgebraicType type : List.of(
                Primitive.U8,
                Primitive.I16,
                Primitive.U32,
                Primitive.I64,
                Primitive.BOOL,
                ENUM,
                AlgebraicType.TIMESTAMP)) {
            assertSame(Sort.WORD, index(kind, type).shape.sort(), type + " in an index of kind " + kind);
        }
    }

    @Test
    void allOtherKeysAreCompared() {
        assertSame(Sort.OTHER, index(Kind.HASH, Primitive.STRING).shape.sort());
        assertSame(Sort.OTHER, index(Kind.ORDERED, Primitive.F64).shape.sort());
        assertSame(
                Sort.OTHER,
                index(Kind.HASH, AlgebraicType.IDENTITY, Primitive.U32).shape.sort());
    }

    /** What a row's key is hashed and compared as must be what a key from outside is. */
    @ParameterizedTest
    @EnumSource(names = {"HASH", "ORDERED"})
    void anIdentityInARowIsFoundByTheSameIdentityFromOutside(Kind kind) {
        Index index = index(kind, AlgebraicType.IDENTITY);
        Identity identity = Identity.parse("c2000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e");
        BsatnWriter row = new BsatnWriter().writeString("somebody").writeIdentity(identity);
        BsatnWriter key = new BsatnWriter().writeIdentity(identity);

        index.shape.probeRow(index.probe, row.buffer(), 0);
        index.shape.probeKey(index.other, key.buffer(), 0, key.length());

        assertEquals(index.shape.hash(index.probe), index.shape.hash(index.other));
        assertEquals(index.probe.summary, index.other.summary);
        assertTrue(index.shape.equalsRow(index.other, row.buffer(), 0));
        assertEquals(0, index.shape.compareRow(index.other, row.buffer(), 0));
    }
}
