package io.pinion.store.table;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A node of an ordered index: a run of entries, each a key summary and a row pointer. Not threadsafe.
 *
 * <p>In a leaf an entry is a row. In an inner node entry {@code i} is a lower bound of what child {@code i} holds, and
 * what child {@code i − 1} holds is below it; entry 0 is never looked at. Rows that bounds were made of may be gone, so
 * where the summary does not decide, an inner node keeps copies of the keys.
 */
abstract sealed class Node {
    static final int ENTRIES_MAX = 64;

    long[] summaries;
    int[] pointers;
    int count;

    Node(int capacity) {
        summaries = new long[capacity];
        pointers = new int[capacity];
    }

    final boolean isFull() {
        return count == ENTRIES_MAX;
    }

    /** Opens a gap at the slot, and makes room for it if needed. */
    void open(int slot) {
        if (count == summaries.length) {
            int capacity = Math.min(2 * count, ENTRIES_MAX);
            summaries = Arrays.copyOf(summaries, capacity);
            pointers = Arrays.copyOf(pointers, capacity);
        }
        System.arraycopy(summaries, slot, summaries, slot + 1, count - slot);
        System.arraycopy(pointers, slot, pointers, slot + 1, count - slot);
        count++;
    }

    void close(int slot) {
        count--;
        System.arraycopy(summaries, slot + 1, summaries, slot, count - slot);
        System.arraycopy(pointers, slot + 1, pointers, slot, count - slot);
    }

    void moveTail(int from, Node target) {
        target.count = count - from;
        System.arraycopy(summaries, from, target.summaries, 0, target.count);
        System.arraycopy(pointers, from, target.pointers, 0, target.count);
        count = from;
    }

    static final class Leaf extends Node {
        private static final int CAPACITY_FIRST = 8;

        @Nullable
        Leaf previous;

        @Nullable
        Leaf next;

        Leaf() {
            super(CAPACITY_FIRST);
        }

        private Leaf(int capacity) {
            super(capacity);
        }

        /** Takes the entries from the slot on into a new leaf to the right. */
        Leaf split(int from) {
            Leaf right = new Leaf(ENTRIES_MAX);
            moveTail(from, right);
            right.previous = this;
            right.next = next;
            if (next != null) {
                next.previous = right;
            }
            next = right;
            return right;
        }

        void unlink() {
            if (previous != null) {
                previous.next = next;
            }
            if (next != null) {
                next.previous = previous;
            }
        }
    }

    static final class Inner extends Node {
        final Node[] children = new Node[ENTRIES_MAX];
        final byte @Nullable [][] keys;

        Inner(boolean withKeys) {
            super(ENTRIES_MAX);
            keys = withKeys ? new byte[ENTRIES_MAX][] : null;
        }

        @Override
        void open(int slot) {
            System.arraycopy(children, slot, children, slot + 1, count - slot);
            if (keys != null) {
                System.arraycopy(keys, slot, keys, slot + 1, count - slot);
            }
            super.open(slot);
        }

        @Override
        void close(int slot) {
            System.arraycopy(children, slot + 1, children, slot, count - slot - 1);
            clearTail(children, count - 1, count);
            if (keys != null) {
                System.arraycopy(keys, slot + 1, keys, slot, count - slot - 1);
                clearTail(keys, count - 1, count);
            }
            super.close(slot);
        }

        Inner split(int from) {
            Inner right = new Inner(keys != null);
            System.arraycopy(children, from, right.children, 0, count - from);
            clearTail(children, from, count);
            if (keys != null && right.keys != null) {
                System.arraycopy(keys, from, right.keys, 0, count - from);
                clearTail(keys, from, count);
            }
            moveTail(from, right);
            return right;
        }

        @SuppressWarnings("NullAway") // slots at and after the count are never read
        private static void clearTail(Object[] array, int from, int to) {
            Arrays.fill(array, from, to, null);
        }
    }
}
