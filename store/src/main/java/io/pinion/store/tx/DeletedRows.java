package io.pinion.store.tx;

import io.pinion.store.table.Table;
import java.util.Arrays;

/**
 * Committed rows that a transaction has deleted, in that order, each once, findable by their bytes. A row that was put
 * back stays listed; whether it is live tells. Hot path: no allocation but for growth; rows are hashed only when one is
 * looked for, and then no more of them than the table needs to tell rows apart.
 */
final class DeletedRows {
    private static final int CAPACITY_FIRST = 8;
    private static final int KEPT_MAX = 4096;

    private static final int[] NONE = new int[0];

    private final Table table;
    private int[] pointers = NONE;
    private int count;

    /** Of the first {@link #hashed} rows. */
    private int[] hashes = NONE;
    /** Position in the list plus one; at most half full. */
    private int[] buckets = NONE;

    private int hashed;

    DeletedRows(Table table) {
        this.table = table;
    }

    int count() {
        return count;
    }

    int get(int position) {
        return pointers[position];
    }

    /** Makes room, so that the next {@link #add} needs no memory. */
    void reserve() {
        if (count == pointers.length) {
            grow();
        }
    }

    /** Adds a row that is not listed. */
    void add(int pointer) {
        reserve();
        pointers[count++] = pointer;
    }

    /** A row with the bytes of the row that the table is aimed at, which are these, that is not live; or 0. */
    int find(byte[] bytes, int offset, int length) {
        if (count == 0) {
            return 0;
        }
        for (; hashed < count; hashed++) {
            hashAndPlace(hashed);
        }
        int hash = table.aimedHash();
        int mask = buckets.length - 1;
        for (int slot = hash & mask; buckets[slot] != 0; slot = (slot + 1) & mask) {
            int position = buckets[slot] - 1;
            if (hashes[position] == hash && isDeleted(pointers[position], bytes, offset, length)) {
                return pointers[position];
            }
        }
        return 0;
    }

    void clear() {
        if (pointers.length > KEPT_MAX) {
            pointers = NONE;
            hashes = NONE;
            buckets = NONE;
        } else if (hashed > 0) {
            Arrays.fill(buckets, 0);
        }
        hashed = 0;
        count = 0;
    }

    private boolean isDeleted(int pointer, byte[] bytes, int offset, int length) {
        return !table.isLive(pointer) && table.isIdentical(pointer, bytes, offset, length);
    }

    private void grow() {
        int capacity = Math.max(CAPACITY_FIRST, Math.multiplyExact(count, 2));
        int[] morePointers = Arrays.copyOf(pointers, capacity);
        int[] moreHashes = Arrays.copyOf(hashes, capacity);
        int[] moreBuckets = new int[Math.multiplyExact(capacity, 2)];
        pointers = morePointers;
        hashes = moreHashes;
        buckets = moreBuckets;
        for (int i = 0; i < hashed; i++) {
            place(i);
        }
    }

    private void hashAndPlace(int position) {
        hashes[position] = table.hash(pointers[position]);
        place(position);
    }

    private void place(int position) {
        int mask = buckets.length - 1;
        int slot = hashes[position] & mask;
        while (buckets[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        buckets[slot] = position + 1;
    }
}
