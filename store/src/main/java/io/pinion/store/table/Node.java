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

    /** See {@link Epochs}. */
    final long epoch;

    long[] summaries;
    int[] pointers;
    int count;

    Node(int capacity, long epoch) {
        this.epoch = epoch;
        summaries = new long[capacity];
        pointers = new int[capacity];
    }

    Node(Node other, long epoch) {
        this.epoch = epoch;
        summaries = other.summaries.clone();
        pointers = other.pointers.clone();
        count = other.count;
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
        private static final int CAPACITY_FIRST = 4;

        Leaf(long epoch) {
            super(CAPACITY_FIRST, epoch);
        }

        private Leaf(int capacity, long epoch) {
            super(capacity, epoch);
        }

        private Leaf(Leaf other, long epoch) {
            super(other, epoch);
        }

        /** Takes the entries from the slot on into a new leaf to the right. */
        Leaf split(int from, long rightEpoch) {
            Leaf right = new Leaf(ENTRIES_MAX, rightEpoch);
            moveTail(from, right);
            return right;
        }

        Leaf copy(long copyEpoch) {
            return new Leaf(this, copyEpoch);
        }
    }

    static final class Inner extends Node {
        final Node[] children;
        final byte @Nullable [][] keys;

        Inner(boolean withKeys, long epoch) {
            super(ENTRIES_MAX, epoch);
            children = new Node[ENTRIES_MAX];
            keys = withKeys ? new byte[ENTRIES_MAX][] : null;
        }

        private Inner(Inner other, long epoch) {
            super(other, epoch);
            children = other.children.clone();
            keys = other.keys == null ? null : other.keys.clone();
        }

        Inner copy(long copyEpoch) {
            return new Inner(this, copyEpoch);
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

        Inner split(int from, long rightEpoch) {
            Inner right = new Inner(keys != null, rightEpoch);
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
