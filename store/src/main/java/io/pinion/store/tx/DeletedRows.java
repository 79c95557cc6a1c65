package io.pinion.store.tx;

import io.pinion.store.table.Table;
import java.util.Arrays;

/**
 * Committed rows that a transaction has deleted, in that order, each once, findable by their bytes. A row that was put
 * back stays listed; whether it is live tells. Hot path: for a few rows neither hashes nor allocates.
 */
final class DeletedRows {
    private static final int PLAIN_MAX = 8;
    private static final int KEPT_MAX = 4096;

    private static final int[] NONE = new int[0];

    private final Table table;
    private int[] pointers = NONE;
    private int[] hashes = NONE;
    private int count;
    /** Position in the list plus one; only used beyond {@link #PLAIN_MAX} rows. */
    private int[] buckets = NONE;

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

    void add(int pointer) {
        int hash = hash(table.page(pointer), table.offset(pointer), table.length(pointer));
        if (contains(pointer, hash)) {
            return;
        }
        reserve();
        pointers[count] = pointer;
        hashes[count] = hash;
        count++;
        if (count == PLAIN_MAX + 1) {
            placeAll();
        } else if (count > PLAIN_MAX) {
            place(count - 1);
        }
    }

    /** A row with these bytes that is not live, or 0. */
    int find(byte[] bytes, int offset, int length) {
        if (count == 0) {
            return 0;
        }
        int hash = hash(bytes, offset, length);
        if (count <= PLAIN_MAX) {
            for (int i = 0; i < count; i++) {
                if (hashes[i] == hash && isDeleted(pointers[i], bytes, offset, length)) {
                    return pointers[i];
                }
            }
            return 0;
        }
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
        } else if (count > PLAIN_MAX) {
            Arrays.fill(buckets, 0);
        }
        count = 0;
    }

    private boolean isDeleted(int pointer, byte[] bytes, int offset, int length) {
        return !table.isLive(pointer) && table.isIdentical(pointer, bytes, offset, length);
    }

    private boolean contains(int pointer, int hash) {
        if (count <= PLAIN_MAX) {
            for (int i = 0; i < count; i++) {
                if (pointers[i] == pointer) {
                    return true;
                }
            }
            return false;
        }
        int mask = buckets.length - 1;
        for (int slot = hash & mask; buckets[slot] != 0; slot = (slot + 1) & mask) {
            if (pointers[buckets[slot] - 1] == pointer) {
                return true;
            }
        }
        return false;
    }

    private void grow() {
        int capacity = Math.max(PLAIN_MAX, Math.multiplyExact(count, 2));
        int[] moreHashes = Arrays.copyOf(hashes, capacity);
        int[] moreBuckets = capacity == PLAIN_MAX ? NONE : new int[Math.multiplyExact(Integer.highestOneBit(capacity), 2)];
        pointers = Arrays.copyOf(pointers, capacity);
        hashes = moreHashes;
        buckets = moreBuckets;
        if (count > PLAIN_MAX) {
            placeAll();
        }
    }

    private void placeAll() {
        for (int i = 0; i < count; i++) {
            place(i);
        }
    }

    private void place(int position) {
        int mask = buckets.length - 1;
        int slot = hashes[position] & mask;
        while (buckets[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        buckets[slot] = position + 1;
    }

    private static int hash(byte[] bytes, int offset, int length) {
        return Table.hash(bytes, offset, length);
    }
}
