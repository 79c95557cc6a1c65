package io.pinion.store.table;

import org.jspecify.annotations.Nullable;

/**
 * A unique index without order: open addressing with linear probing, at most three quarters full.
 *
 * <pre>
 *   entry, 64 bits:   | upper half of the key's hash | row pointer |     0 is empty
 * </pre>
 *
 * <p>Removal shifts later entries back, so there are no tombstones. Hot path: no allocation but for growth.
 */
final class HashIndex extends Index {
    private static final int CAPACITY_MIN = 8;

    private long[] entries = new long[CAPACITY_MIN];
    private int count;

    HashIndex(KeyShape shape, RowPages rows) {
        super(shape, rows);
    }

    @Override
    int find(Probe key) {
        long[] table = entries;
        int mask = table.length - 1;
        int hash = hash(key);
        for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
            long entry = table[slot];
            if (entry == 0) {
                return 0;
            }
            if ((int) (entry >>> 32) == hash && equalsRow(key, (int) entry)) {
                return (int) entry;
            }
        }
    }

    @Override
    void insert(Probe key, int pointer) {
        if (count + 1 > entries.length - (entries.length >> 2)) {
            grow();
        }
        place(entries, entry(hash(key), pointer));
        count++;
    }

    @Override
    void remove(Probe key, int pointer) {
        int slot = slotOf(key, pointer);
        entries[slot] = 0;
        count--;
        shiftBack(slot);
    }

    @Override
    void replace(Probe key, int from, int to) {
        entries[slotOf(key, from)] = entry(hash(key), to);
    }

    @Override
    void collect(Probe key, PointerList target) {
        int pointer = find(key);
        if (pointer != 0) {
            target.add(pointer);
        }
    }

    @Override
    void collect(@Nullable Probe lower, int lowerTie, @Nullable Probe upper, int upperTie, PointerList target) {
        throw new IllegalStateException("a hash index has no order");
    }

    @Override
    void clear() {
        entries = new long[CAPACITY_MIN];
        count = 0;
    }

    private int hash(Probe key) {
        return (int) (shape.hash(key) >>> 32);
    }

    private static long entry(int hash, int pointer) {
        return ((long) hash << 32) | pointer;
    }

    private int slotOf(Probe key, int pointer) {
        int mask = entries.length - 1;
        int slot = hash(key) & mask;
        while ((int) entries[slot] != pointer) {
            if (entries[slot] == 0) {
                throw new IllegalStateException("row " + pointer + " is not in its hash index");
            }
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] larger = new long[Math.multiplyExact(entries.length, 2)];
        for (long entry : entries) {
            if (entry != 0) {
                place(larger, entry);
            }
        }
        entries = larger;
    }

    private static void place(long[] table, long entry) {
        int mask = table.length - 1;
        int slot = (int) (entry >>> 32) & mask;
        while (table[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        table[slot] = entry;
    }

    /** Moves entries that were pushed past the emptied slot back towards where they belong. */
    private void shiftBack(int emptied) {
        int mask = entries.length - 1;
        int hole = emptied;
        int slot = (hole + 1) & mask;
        while (entries[slot] != 0) {
            int home = (int) (entries[slot] >>> 32) & mask;
            if (((slot - home) & mask) >= ((slot - hole) & mask)) {
                entries[hole] = entries[slot];
                entries[slot] = 0;
                hole = slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}
