package io.pinion.store.table;

import org.jspecify.annotations.Nullable;

/**
 * An index of a {@link Table}, for looking rows up by keys that come from outside. Used by one thread at a time; what a
 * method collects is only valid until the table changes.
 */
public final class TableIndex {
    private static final int BOUND_INCLUDED = 0;
    private static final int BOUND_EXCLUDED = 1;
    private static final int BOUND_UNBOUNDED = 2;

    final Index index;
    private final IndexSpec spec;
    /** For ranges; made for the first. */
    private @Nullable Probe lower;

    private @Nullable Probe upper;

    TableIndex(IndexSpec spec, Index index) {
        this.spec = spec;
        this.index = index;
    }

    TableIndex frozen(RowPages pages) {
        return new TableIndex(spec, index.frozen(pages));
    }

    public IndexSpec spec() {
        return spec;
    }

    public boolean isUnique() {
        return spec.isUnique();
    }

    /** Whether it can be asked for ranges. */
    public boolean isOrdered() {
        return spec.kind() != IndexSpec.Kind.HASH;
    }

    /**
     * A row of a unique index by its whole key, BSATN of the columns back to back.
     *
     * @return the row pointer, 0 if there is none, −1 if the bytes are not a key
     */
    public int find(byte[] bytes, int offset, int length) {
        return index.shape.probeKey(index.other, bytes, offset, length) ? index.find(index.other) : -1;
    }

    /** As {@link #find}, for somebody who then changes the row. */
    public int locate(byte[] bytes, int offset, int length) {
        return index.shape.probeKey(index.other, bytes, offset, length) ? index.locate(index.other) : -1;
    }

    /** Appends every row with the key; false if the bytes are not a key. */
    public boolean collect(byte[] bytes, int offset, int length, PointerList target) {
        if (!index.shape.probeKey(index.other, bytes, offset, length)) {
            return false;
        }
        index.collect(index.other, target);
        return true;
    }

    /**
     * Appends every row inside a range of an ordered index: the first {@code prefixParts} parts of the key equal those in
     * the prefix, the next one lies between the bounds (BSATN: 0 included, 1 excluded, 2 unbounded, then the value).
     *
     * @return false if the prefix or a bound is malformed
     */
    public boolean collectRange(
            byte[] bytes,
            int prefixParts,
            int prefixOffset,
            int prefixLength,
            int startOffset,
            int startLength,
            int endOffset,
            int endLength,
            PointerList target) {
        if (prefixParts < 0 || prefixParts >= index.shape.partCount()) {
            return false;
        }
        int prefixEnd = prefixParts == 0
                ? prefixOffset
                : index.shape.checkParts(bytes, prefixOffset, prefixOffset + prefixLength, 0, prefixParts);
        if (prefixEnd < 0) {
            return false;
        }
        int prefixSize = prefixEnd - prefixOffset;
        Probe start = lower();
        Probe end = upper();
        int startKind = aimBound(start, bytes, prefixParts, prefixOffset, prefixSize, startOffset, startLength);
        int endKind = aimBound(end, bytes, prefixParts, prefixOffset, prefixSize, endOffset, endLength);
        if (startKind < 0 || endKind < 0) {
            return false;
        }
        int lowerTie = startKind == BOUND_EXCLUDED ? OrderedIndex.AFTER : OrderedIndex.BEFORE;
        int upperTie = endKind == BOUND_EXCLUDED ? OrderedIndex.BEFORE : OrderedIndex.AFTER;
        index.collect(used(start), lowerTie, used(end), upperTie, target);
        return true;
    }

    private Probe lower() {
        Probe probe = lower;
        if (probe == null) {
            probe = new Probe();
            lower = probe;
        }
        return probe;
    }

    private Probe upper() {
        Probe probe = upper;
        if (probe == null) {
            probe = new Probe();
            upper = probe;
        }
        return probe;
    }

    private static @Nullable Probe used(Probe bound) {
        return bound.parts == 0 ? null : bound;
    }

    /** Aims at the prefix and the bound's value in one piece; the bound's tag, or −1 if it is malformed. */
    private int aimBound(
            Probe probe,
            byte[] bytes,
            int prefixParts,
            int prefixOffset,
            int prefixSize,
            int boundOffset,
            int boundLength) {
        int tag = boundLength < 1 ? -1 : bytes[boundOffset];
        if (tag == BOUND_UNBOUNDED) {
            index.shape.aim(probe, bytes, prefixOffset, prefixSize, prefixParts);
            return tag;
        }
        if (tag != BOUND_INCLUDED && tag != BOUND_EXCLUDED) {
            return -1;
        }
        int valueEnd = index.shape.checkParts(bytes, boundOffset + 1, boundOffset + boundLength, prefixParts, 1);
        if (valueEnd < 0) {
            return -1;
        }
        int valueSize = valueEnd - boundOffset - 1;
        byte[] key = probe.scratch(prefixSize + valueSize);
        System.arraycopy(bytes, prefixOffset, key, 0, prefixSize);
        System.arraycopy(bytes, boundOffset + 1, key, prefixSize, valueSize);
        index.shape.aim(probe, key, 0, prefixSize + valueSize, prefixParts + 1);
        return tag;
    }
}
