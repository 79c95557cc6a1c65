package io.pinion.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pinion.store.table.IndexSpec.Kind;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * Trees of several levels against a sorted map, under changes that begin where a search ended and under changes that come
 * after the tree has become another.
 */
class OrderedIndexTest {
    private static final int KEYS = 6000;
    private static final int STEPS = 12_000;
    private static final int TAGS = 50;

    /** Keys that are in the order of the numbers they are made of. */
    enum Keys {
        WORD,
        /** Many of them with the same leading word. */
        WIDE,
        /** Most of them with the same leading bytes. */
        TEXT;

        AlgebraicType type() {
            return switch (this) {
                case WORD -> Primitive.U32;
                case WIDE -> Primitive.U256;
                case TEXT -> Primitive.STRING;
            };
        }

        BsatnWriter write(int number) {
            BsatnWriter key = new BsatnWriter();
            return switch (this) {
                case WORD -> key.writeInt(number);
                case WIDE -> key.writeLong(number).writeLong(0).writeLong(0).writeLong(number / 7);
                case TEXT -> key.writeString(String.format("account-%06d", number));
            };
        }
    }

    /** Rows are a key and a tag; there is a unique index on the key, and one that is not unique on the tag. */
    private static final class Run {
        private final Epochs epochs = new Epochs();
        private final Random random;
        private final Keys keys;
        private final Table table;
        /** The pointer of each row, by the number of its key. */
        private final TreeMap<Integer, Integer> rows = new TreeMap<>();

        private final Map<Integer, Integer> tags = new TreeMap<>();
        private @Nullable TableRows view;
        private List<String> viewed = List.of();

        Run(Keys keys, long seed) {
            this.keys = keys;
            this.random = new Random(seed);
            AlgebraicType.Product row = AlgebraicType.product(
                    AlgebraicType.element("key", keys.type()), AlgebraicType.element("tag", Primitive.U8));
            List<IndexSpec> specs = List.of(
                    new IndexSpec(Kind.ORDERED, List.of(0), true), new IndexSpec(Kind.ORDERED, List.of(1), false));
            this.table = new Table(new TableShape(row, specs), epochs);
        }

        /** @param growth of ten steps, how many insert */
        void step(int growth) {
            int number = random.nextInt(KEYS);
            if (random.nextInt(10) < growth) {
                insert(number);
            } else if (random.nextBoolean()) {
                delete(number);
            } else {
                update(number);
            }
            if (random.nextInt(200) == 0) {
                freezeOrRelease();
            }
        }

        private BsatnWriter aim(int number, int tag) {
            BsatnWriter row = keys.write(number).writeByte(tag);
            table.aim(row.buffer(), 0);
            return row;
        }

        private void insert(int number) {
            int tag = random.nextInt(TAGS);
            BsatnWriter row = aim(number, tag);
            boolean isThere = table.findIdentical(row.buffer(), 0, row.length()) != 0 || table.collides();
            assertEquals(rows.containsKey(number), isThere);
            if (isThere) {
                return;
            }
            disturb(number);
            int pointer = table.store(row.buffer(), 0, row.length());
            table.link(pointer);
            rows.put(number, pointer);
            tags.put(number, tag);
        }

        /** What may happen between the search for a place and the change there. */
        private void disturb(int number) {
            Integer other = rows.higherKey(number);
            switch (random.nextInt(8)) {
                case 0 -> inOrder(table, 0);
                case 1 -> inOrder(table, 1);
                case 2 -> {
                    if (other != null) {
                        remove(other);
                    }
                }
                case 3 -> find(random.nextInt(KEYS));
                default -> {
                    // Nothing.
                }
            }
        }

        private int find(int number) {
            BsatnWriter key = keys.write(number);
            return table.index(0).find(key.buffer(), 0, key.length());
        }

        private void delete(int number) {
            BsatnWriter key = keys.write(number);
            int pointer = table.index(0).locate(key.buffer(), 0, key.length());
            assertEquals(rows.getOrDefault(number, 0), pointer);
            if (pointer != 0) {
                disturb(number);
                remove(number);
            }
        }

        private void remove(int number) {
            int pointer = Objects.requireNonNull(rows.remove(number));
            tags.remove(number);
            table.unlink(pointer);
            table.release(pointer);
        }

        /** Gives a row another tag, or another key that no row has. */
        private void update(int number) {
            Integer old = rows.get(number);
            if (old == null) {
                return;
            }
            int moved = random.nextBoolean() ? random.nextInt(KEYS) : number;
            int target = rows.containsKey(moved) ? number : moved;
            int tag = random.nextInt(TAGS);
            BsatnWriter row = aim(target, tag);
            assertEquals(target == number ? old : 0, table.findAimed(table.index(0)));
            int pointer = table.store(row.buffer(), 0, row.length());
            table.replace(old, pointer);
            table.release(old);
            rows.remove(number);
            tags.remove(number);
            rows.put(target, pointer);
            tags.put(target, tag);
        }

        private void freezeOrRelease() {
            TableRows seen = view;
            if (seen == null) {
                epochs.freeze();
                view = table.frozen();
                viewed = bytes(table);
            } else {
                assertEquals(viewed, bytes(seen));
                epochs.setNewestView(0);
                view = null;
            }
        }

        private int tag(int number) {
            return Objects.requireNonNull(tags.get(number));
        }

        private int pointer(int number) {
            return Objects.requireNonNull(rows.get(number));
        }

        void check() {
            assertFalse(table.isBroken());
            assertEquals(new ArrayList<>(rows.values()), inOrder(table, 0));
            Comparator<Integer> byTag = Comparator.comparingInt(this::tag);
            assertEquals(
                    rows.keySet().stream()
                            .sorted(byTag.thenComparingInt(this::pointer))
                            .map(this::pointer)
                            .toList(),
                    inOrder(table, 1));
            for (int i = 0; i < 200; i++) {
                int number = random.nextInt(KEYS);
                assertEquals(rows.getOrDefault(number, 0), find(number));
            }
        }
    }

    private static List<Integer> inOrder(TableRows table, int index) {
        PointerList found = new PointerList();
        byte[] unbounded = {2};
        table.index(index).collectRange(unbounded, 0, 0, 0, 0, 1, 0, 1, found);
        List<Integer> pointers = new ArrayList<>();
        for (int i = 0; i < found.count(); i++) {
            pointers.add(found.get(i));
        }
        return pointers;
    }

    private static List<String> bytes(TableRows table) {
        return inOrder(table, 0).stream()
                .map(row -> TableTest.read(table, row).toHex())
                .toList();
    }

    @Property(tries = 4)
    void aTreeThatGrowsAndShrinksHasItsRowsInOrder(@ForAll long seed) {
        for (Keys keys : Keys.values()) {
            growAndShrink(new Run(keys, seed));
        }
    }

    /** Up to several levels, then down to nearly nothing. */
    private static void growAndShrink(Run run) {
        for (int growth : new int[] {9, 5, 1, 8, 0}) {
            for (int step = 0; step < STEPS; step++) {
                run.step(growth);
            }
            run.check();
        }
    }
}
