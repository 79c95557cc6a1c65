package io.pinion.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where rows lie, and what of it is promised. */
class TableTest {
    private final Epochs epochs = new Epochs();

    private static AlgebraicType.Product rowType(AlgebraicType... columns) {
        AlgebraicType.Element[] elements = new AlgebraicType.Element[columns.length];
        for (int i = 0; i < columns.length; i++) {
            elements[i] = AlgebraicType.element("c" + i, columns[i]);
        }
        return AlgebraicType.product(elements);
    }

    private Table table(AlgebraicType.Product rows, IndexSpec... indexes) {
        return new Table(new TableShape(rows, List.of(indexes)), epochs);
    }

    private static int insert(Table table, BsatnWriter row) {
        Bytes bytes = row.toBytes();
        table.aim(bytes.unsafeArray(), 0);
        assertEquals(0, table.findIdentical(bytes.unsafeArray(), 0, bytes.length()));
        int pointer = table.store(bytes.unsafeArray(), 0, bytes.length());
        table.link(pointer);
        return pointer;
    }

    static Bytes read(TableRows table, int pointer) {
        return Bytes.copyOf(table.page(pointer), table.offset(pointer), table.length(pointer));
    }

    private static List<String> rows(TableRows table) {
        List<String> rows = new ArrayList<>();
        for (int row = table.nextLive(1); row != 0; row = table.nextLive(row + 1)) {
            rows.add(read(table, row).toHex());
        }
        rows.sort(null);
        return rows;
    }

    @Test
    void aLayoutBelongsToOneVersionOfATable() {
        AlgebraicType fixed =
                AlgebraicType.sum(AlgebraicType.element("a", Primitive.U8), AlgebraicType.element("b", Primitive.U8));
        Table old = table(rowType(fixed));
        for (int i = 0; i < 300; i++) {
            insert(old, new BsatnWriter().writeByte(i % 2).writeByte(i / 2));
        }
        epochs.freeze();
        TableRows view = old.frozen();
        AlgebraicType wider = AlgebraicType.sum(
                AlgebraicType.element("a", Primitive.U8),
                AlgebraicType.element("b", Primitive.U8),
                AlgebraicType.element("c", Primitive.STRING));
        Table now = table(rowType(wider));
        for (String row : rows(old)) {
            insert(now, new BsatnWriter().writeRaw(Bytes.ofHex(row)));
        }
        insert(now, new BsatnWriter().writeByte(2).writeString("new"));

        assertEquals(2, old.layout().fixedSize());
        assertEquals(-1, now.layout().fixedSize());
        assertEquals(300, rows(view).size());
        assertEquals(rows(old), rows(view));
        assertEquals(301, rows(now).size());
        assertTrue(rows(now).containsAll(rows(view)));
    }

    @Test
    void rowsOfEveryLengthKeepTheirBytesWhereverTheyLie() {
        Table table =
                table(rowType(Primitive.U32, Primitive.STRING), new IndexSpec(IndexSpec.Kind.HASH, List.of(0), true));
        Map<Integer, String> expected = new HashMap<>();
        Random random = new Random(4);
        for (int i = 0; i < 3000; i++) {
            // Around the length from which on rows lie out of line, and far above.
            int length = random.nextInt(3) == 0 ? random.nextInt(40_000) : 4070 + random.nextInt(40);
            BsatnWriter row = new BsatnWriter().writeInt(i).writeString("x".repeat(length));
            expected.put(insert(table, row), row.toBytes().toHex());
            if (random.nextBoolean()) {
                int gone = expected.keySet().iterator().next();
                table.unlink(gone);
                table.release(gone);
                expected.remove(gone);
            }
            if (i % 500 == 0) {
                table.rebuild();
            }
        }

        expected.forEach(
                (pointer, bytes) -> assertEquals(bytes, read(table, pointer).toHex()));
        assertEquals(expected.size(), table.rowCount());
        long bytes =
                expected.values().stream().mapToLong(hex -> hex.length() / 2).sum();
        assertEquals(bytes, table.rowBytes());
        assertTrue(table.pageBytes() >= bytes && table.pageBytes() < 2 * bytes + 100_000, table.pageBytes() + " bytes");
    }

    @Test
    void aTableOfAFewRowsIsSmall() {
        Table table = table(rowType(Primitive.U32, Primitive.STRING));
        insert(table, new BsatnWriter().writeInt(1).writeString("one"));

        assertEquals(256, table.pageBytes());
    }
}
