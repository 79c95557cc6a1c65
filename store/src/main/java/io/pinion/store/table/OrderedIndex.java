package io.pinion.store.table;

import io.pinion.store.table.Node.Inner;
import io.pinion.store.table.Node.Leaf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A B+tree of row pointers in key order; equal keys in pointer order. Rows are compared by the key's summary, and only
 * where that does not decide by the bytes in the row. A leaf that becomes empty is taken out; others are not joined.
 *
 * <p>Nodes know nothing of their neighbours and parents, so that one that a frozen view shares can be replaced by a copy:
 * a change copies at most the nodes from the root to its leaf, each once after a freeze.
 *
 * <p>A change happens at the place (a slot of a leaf) where {@link #locate} ended just before, if it did; the way there
 * from the root is recorded only where nodes have to be copied, split or taken out, in a search of its own. Hot path: no
 * allocation but for growth, and {@link #find} stores no reference. Measured by {@code StoreBenchmark}.
 */
final class OrderedIndex extends Index {
    /** Stands for "before every row with the key", as no row has pointer 0. */
    static final int BEFORE = 0;
    /** Stands for "after every row with the key". */
    static final int AFTER = Integer.MAX_VALUE;

    /** In a unique index: the row with the key, whichever it is. */
    private static final int ANY = -1;

    private static final int DEPTH_MAX = 16;
    /** Entries that a search steps over at a time: the root of how many there are. */
    private static final int BLOCK = 8;

    private static final Leaf NOWHERE = new Leaf(0);
    private static final Inner[] NO_PATH = new Inner[0];
    private static final int[] NO_SLOTS = new int[0];

    private final boolean isUnique;
    private final boolean copiesKeys;
    private final Probe bound = new Probe();
    /** Empty as long as the root is a leaf. */
    private Inner[] path = NO_PATH;

    private int[] pathSlots = NO_SLOTS;
    private Node root;
    private int depth;

    /** Where the last search ended: a slot of a leaf, maybe the one after its last. The leaf is of this tree, or empty. */
    private Leaf leaf;

    private int slot;
    /** Counts searches and changes: the place is a probe's as long as that has the number of its search. */
    private long place = 1;

    OrderedIndex(KeyShape shape, RowPages rows, Epochs epochs, boolean isUnique) {
        super(shape, rows, epochs);
        this.isUnique = isUnique;
        this.copiesKeys = !shape.isExact();
        this.leaf = new Leaf(epochs.now());
        this.root = leaf;
    }

    private OrderedIndex(OrderedIndex other, RowPages rows) {
        super(other.shape, rows, other.epochs);
        this.isUnique = other.isUnique;
        this.copiesKeys = other.copiesKeys;
        this.root = other.root;
        this.leaf = NOWHERE;
        if (root instanceof Inner) {
            makePath();
        }
    }

    @Override
    OrderedIndex frozen(RowPages pages) {
        return new OrderedIndex(this, pages);
    }

    @Override
    int find(Probe key) {
        Leaf found = leafFor(key, ANY);
        int at = slotFor(found, key, ANY);
        return at < found.count && isKeyOf(found, at, key) ? found.pointers[at] : 0;
    }

    @Override
    int locate(Probe key) {
        goTo(key, ANY);
        if (slot == leaf.count || key.summary != leaf.summaries[slot]) {
            key.place = place;
            return 0;
        }
        // A key with the same summary may be on either side of that entry's; it is not known on which.
        return isKeyOf(leaf, slot, key) ? leaf.pointers[slot] : 0;
    }

    @Override
    void insert(Probe key, int pointer) {
        if (key.place != place) {
            goTo(key, pointer);
        }
        if (leaf.isFull() || epochs.anyViews()) {
            insertOnPath(key, pointer);
        } else {
            put(key, pointer);
        }
    }

    private void put(Probe key, int pointer) {
        place++;
        leaf.open(slot);
        leaf.summaries[slot] = key.summary;
        leaf.pointers[slot] = pointer;
    }

    private void insertOnPath(Probe key, int pointer) {
        seek(key, pointer);
        ownPath();
        if (leaf.isFull()) {
            splitLeaf();
        }
        put(key, pointer);
        if (leaf.count == 1 && depth > 0) {
            // A fresh leaf at the right end: its bound is the new entry.
            addToParent(leaf, depth - 1);
        }
    }

    @Override
    void remove(Probe key, int pointer) {
        goToEntry(key, pointer);
        if (leaf.count == 1 || epochs.anyViews()) {
            seek(key, pointer);
            ownPath();
        }
        place++;
        leaf.close(slot);
        if (leaf.count == 0 && depth > 0) {
            removeChild(depth - 1);
        }
    }

    @Override
    void replace(Probe key, int from, int to) {
        if (isUnique) {
            goToEntry(key, from);
            if (epochs.anyViews()) {
                seek(key, from);
                ownPath();
            }
            leaf.pointers[slot] = to;
        } else {
            remove(key, from);
            insert(key, to);
        }
    }

    /** Does nothing where a search for the row has just ended. */
    private void goToEntry(Probe key, int pointer) {
        if (isAt(pointer)) {
            return;
        }
        goTo(key, pointer);
        if (!isAt(pointer)) {
            throw new IllegalStateException("row " + pointer + " is not in its ordered index");
        }
    }

    private boolean isAt(int pointer) {
        return slot < leaf.count && leaf.pointers[slot] == pointer;
    }

    @Override
    void collect(Probe key, PointerList target) {
        collect(key, BEFORE, key, AFTER, target);
    }

    @Override
    void collect(@Nullable Probe lower, int lowerTie, @Nullable Probe upper, int upperTie, PointerList target) {
        if (lower == null) {
            seekFirst();
        } else {
            seek(lower, lowerTie);
        }
        do {
            for (; slot < leaf.count; slot++) {
                if (upper != null && compare(upper, upperTie, leaf, slot) <= 0) {
                    return;
                }
                target.add(leaf.pointers[slot]);
            }
        } while (nextLeaf());
    }

    /** Appends the rows whose key is a number below the given one, in key order. */
    void collectBelow(long number, PointerList target) {
        seekFirst();
        do {
            for (; slot < leaf.count; slot++) {
                if (Long.compareUnsigned(shape.number(leaf.summaries[slot]), number) >= 0) {
                    return;
                }
                target.add(leaf.pointers[slot]);
            }
        } while (nextLeaf());
    }

    @Override
    void clear() {
        leaf = new Leaf(epochs.now());
        root = leaf;
        slot = 0;
        depth = 0;
        place++;
    }

    private void seekFirst() {
        place++;
        descend(root, 0);
    }

    /** Goes to the first entry below a node, and records the way there. */
    private void descend(Node from, int fromLevel) {
        Node node = from;
        int level = fromLevel;
        while (node instanceof Inner inner) {
            path[level] = inner;
            pathSlots[level] = 0;
            level++;
            node = inner.children[0];
        }
        depth = level;
        leaf = (Leaf) node;
        slot = 0;
    }

    /** Steps to the start of the next leaf; false, and no step, if there is none. */
    private boolean nextLeaf() {
        int level = depth - 1;
        while (level >= 0 && pathSlots[level] + 1 == path[level].count) {
            level--;
        }
        if (level < 0) {
            return false;
        }
        pathSlots[level]++;
        descend(path[level].children[pathSlots[level]], level + 1);
        return true;
    }

    private boolean isInLastLeaf() {
        for (int level = 0; level < depth; level++) {
            if (pathSlots[level] + 1 != path[level].count) {
                return false;
            }
        }
        return true;
    }

    /** Copies the nodes on the way that a frozen view shares, from the root on. */
    private void ownPath() {
        if (!epochs.anyViews()) {
            return;
        }
        for (int level = 0; level < depth; level++) {
            if (epochs.isShared(path[level].epoch)) {
                path[level] = path[level].copy(epochs.now());
                putOnPath(level, path[level]);
            }
        }
        if (epochs.isShared(leaf.epoch)) {
            leaf = leaf.copy(epochs.now());
            putOnPath(depth, leaf);
        }
    }

    private void putOnPath(int level, Node node) {
        if (level == 0) {
            root = node;
        } else {
            path[level - 1].children[pathSlots[level - 1]] = node;
        }
    }

    /** Goes to the first entry that is not below the key. */
    private void goTo(Probe key, int tie) {
        place++;
        leaf = leafFor(key, tie);
        slot = slotFor(leaf, key, tie);
    }

    private Leaf leafFor(Probe key, int tie) {
        Node node = root;
        while (node instanceof Inner inner) {
            node = inner.children[childFor(inner, key, tie)];
        }
        return (Leaf) node;
    }

    /** As {@link #goTo}, and records the way there. */
    private void seek(Probe key, int tie) {
        place++;
        Node node = root;
        int level = 0;
        while (node instanceof Inner inner) {
            int child = childFor(inner, key, tie);
            path[level] = inner;
            pathSlots[level] = child;
            level++;
            node = inner.children[child];
        }
        depth = level;
        leaf = (Leaf) node;
        slot = slotFor(leaf, key, tie);
    }

    private int slotFor(Leaf node, Probe key, int tie) {
        if (isDecidedBySummary(key, tie)) {
            return countBelow(node, 0, key, tie == AFTER);
        }
        int low = countBelow(node, 0, key, false);
        int high = countBelow(node, low, key, true);
        if (tie == ANY && high - low <= 1) {
            // Identities and the like: one candidate at most, so that no key needs to be compared on the way to it.
            return low;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compare(key, tie, node, middle) > 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int childFor(Inner node, Probe key, int tie) {
        if (isDecidedBySummary(key, tie)) {
            return countBelow(node, 1, key, tie != BEFORE) - 1;
        }
        int low = 1;
        int high = node.count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compareBound(key, tie, node, middle) >= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private boolean isDecidedBySummary(Probe key, int tie) {
        return key.exact && (isUnique || tie == BEFORE || tie == AFTER);
    }

    /** The number of entries whose summary is below the key's, or is it if those count; the skipped ones included. */
    private static int countBelow(Node node, int skipped, Probe key, boolean countsEqual) {
        long[] summaries = node.summaries;
        long mask = key.summaryMask;
        // Flipping the top bit makes the unsigned order the signed one.
        long limit = (key.summary & mask) ^ Long.MIN_VALUE;
        if (countsEqual) {
            if (limit == Long.MAX_VALUE) {
                return node.count;
            }
            limit++;
        }
        // Block by block, then within one. Unlike when halving, no look waits for the outcome of another: what is not
        // in the processor's caches is fetched all at once.
        int count = node.count;
        int block = skipped;
        for (int last = skipped + BLOCK - 1; last < count; last += BLOCK) {
            block += ((summaries[last] & mask) ^ Long.MIN_VALUE) < limit ? BLOCK : 0;
        }
        int low = block;
        int end = Math.min(count, block + BLOCK - 1);
        for (int i = block; i < end; i++) {
            low += ((summaries[i] & mask) ^ Long.MIN_VALUE) < limit ? 1 : 0;
        }
        return low;
    }

    /** For whole keys. */
    private boolean isKeyOf(Leaf node, int at, Probe key) {
        return key.summary == node.summaries[at] && (key.exact || equalsRow(key, node.pointers[at]));
    }

    private int compare(Probe key, int tie, Leaf node, int at) {
        int order = compareKeys(key, node, at);
        return order != 0 ? order : compareTies(tie, node.pointers[at]);
    }

    private int compareKeys(Probe key, Leaf node, int at) {
        int order = Long.compareUnsigned(key.summary & key.summaryMask, node.summaries[at] & key.summaryMask);
        return order != 0 || key.exact ? order : compareRow(key, node.pointers[at]);
    }

    private int compareBound(Probe key, int tie, Inner node, int at) {
        int order = Long.compareUnsigned(key.summary & key.summaryMask, node.summaries[at] & key.summaryMask);
        if (order == 0 && !key.exact && node.keys != null) {
            order = shape.compareKey(key, node.keys[at], 0);
        }
        return order != 0 ? order : compareTies(tie, node.pointers[at]);
    }

    /** In a unique index a row may take over another's entry, so pointers of rows say nothing about order there. */
    private int compareTies(int tie, int pointer) {
        return isUnique && tie != BEFORE && tie != AFTER ? 0 : Integer.compare(tie, pointer);
    }

    /** Makes room where {@link #seek} ended, and moves there. */
    private void splitLeaf() {
        Leaf left = leaf;
        if (slot == left.count && isInLastLeaf()) {
            leaf = left.split(slot, epochs.now());
            slot = 0;
            if (depth == 0) {
                growRoot(left);
            }
            return;
        }
        Leaf right = left.split(Node.ENTRIES_MAX / 2, epochs.now());
        if (depth == 0) {
            growRoot(left);
        }
        addToParent(right, depth - 1);
        if (slot > left.count) {
            slot -= left.count;
            leaf = right;
        }
    }

    private void makePath() {
        path = new Inner[DEPTH_MAX];
        pathSlots = new int[DEPTH_MAX];
    }

    private void growRoot(Node child) {
        if (path.length == 0) {
            makePath();
        }
        Inner grown = new Inner(copiesKeys, epochs.now());
        grown.children[0] = child;
        grown.count = 1;
        root = grown;
        System.arraycopy(path, 0, path, 1, depth);
        System.arraycopy(pathSlots, 0, pathSlots, 1, depth);
        path[0] = grown;
        pathSlots[0] = 0;
        depth++;
    }

    /** Puts a new leaf to the right of the child that the path goes through at that level. */
    private void addToParent(Leaf right, int level) {
        addChild(right, right.summaries[0], right.pointers[0], copiesKeys ? keyOf(right.pointers[0]) : null, level);
    }

    private byte[] keyOf(int pointer) {
        aimAt(bound, pointer);
        return Arrays.copyOfRange(bound.bytes, bound.offset, bound.offset + bound.length);
    }

    private void addChild(Node child, long summary, int pointer, byte @Nullable [] key, int level) {
        Inner parent = path[level];
        int at = pathSlots[level] + 1;
        if (parent.isFull()) {
            int middle = at == parent.count ? parent.count - 1 : parent.count / 2;
            Inner right = parent.split(middle, epochs.now());
            int parentLevel = level;
            if (level == 0) {
                growRoot(parent);
                parentLevel = 1;
            }
            byte[] middleKey = right.keys == null ? null : right.keys[0];
            addChild(right, right.summaries[0], right.pointers[0], middleKey, parentLevel - 1);
            if (at > middle) {
                parent = right;
                at -= middle;
            }
        }
        parent.open(at);
        parent.children[at] = child;
        parent.summaries[at] = summary;
        parent.pointers[at] = pointer;
        if (parent.keys != null && key != null) {
            parent.keys[at] = key;
        }
    }

    private void removeChild(int level) {
        Inner parent = path[level];
        parent.close(pathSlots[level]);
        if (parent.count == 0) {
            // Only a root may be left without children for a moment; it has at least two.
            removeChild(level - 1);
        }
        while (root instanceof Inner inner && inner.count == 1) {
            root = inner.children[0];
        }
    }
}
