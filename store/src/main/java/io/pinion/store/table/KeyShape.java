package io.pinion.store.table;

import java.util.Arrays;

/**
 * What the keys of one index look like and where they lie in rows. Immutable.
 *
 * <p>A key has one or more parts: the columns, or the fields of the single column if that is a product. The
 * <em>summary</em> of a key is a 64-bit number, compared unsigned, that never decreases from one key to a greater one.
 * Where it decides the key completely (integers up to eight bytes together, floats, plain enums) rows are never looked
 * at to compare keys.
 *
 * <p>Two sorts of keys, which nearly all primary keys are, have ways of their own through the methods that point
 * operations use: <em>words</em> (one integer of up to eight bytes, one bool or plain enum), which are read, hashed and
 * compared as one number, and <em>wide</em> integers (one of 16 or 32 bytes, as identities and UUIDs are), compared in
 * words of eight bytes. Measured by {@code StoreBenchmark}.
 */
final class KeyShape {
    private static final int MAX_WIDE = 32;

    private final RowLayout layout;
    private final int[] columns;
    private final Shape[] parts;
    /** Whether a key is one run of bytes in the row. */
    private final boolean contiguous;
    /** Whether keys are equal only when their bytes are. */
    private final boolean byBytes;

    private final boolean hasFloat;
    /** Where the first column begins in every row, or −1 if that depends on the row. */
    private final int fixedStart;
    /** Size of a key that is a word, else 0. */
    private final int wordSize;
    /** Size of a key that is a wide integer, else 0. */
    private final int wideSize;
    /** What makes an unsigned number of the leading word. */
    private final long signFlip;

    private final int[] summaryBits;
    private final boolean[] summaryExact;

    KeyShape(RowLayout layout, int[] columns, boolean byBytes) {
        this.layout = layout;
        this.columns = columns.clone();
        this.byBytes = byBytes;
        this.parts = parts(layout, columns);
        this.contiguous = isContiguous(columns);
        this.hasFloat = ProductShape.hasFloat(parts);
        this.fixedStart = columns.length == 0 ? 0 : layout.fixedOffset(columns[0]);
        this.wordSize = parts.length == 1 && isWord(parts[0]) ? parts[0].fixedSize : 0;
        this.wideSize = parts.length == 1 && isWide(parts[0]) ? parts[0].fixedSize : 0;
        this.signFlip = wordSize != 0 || wideSize != 0 ? parts[0].leading(new byte[MAX_WIDE], 0) : 0;
        this.summaryBits = new int[parts.length + 1];
        this.summaryExact = new boolean[parts.length + 1];
        measureSummary();
    }

    /** The whole row as a key: rows are equal when their bytes are. */
    static KeyShape wholeRow(RowLayout layout) {
        int[] all = new int[layout.columnCount()];
        Arrays.setAll(all, column -> column);
        return new KeyShape(layout, all, true);
    }

    /**
     * Whether a hash index on these columns compares bytes: it does for several parts of bounded size, floats included.
     */
    static boolean hashesBytes(RowLayout layout, int[] columns) {
        return parts(layout, columns).length > 1
                && Arrays.stream(columns)
                        .allMatch(column -> layout.column(column).isBounded());
    }

    private static boolean isWord(Shape part) {
        return part.fixedSize > 0 && part.exactBits == 8 * part.fixedSize && !part.hasFloat;
    }

    private static boolean isWide(Shape part) {
        return part instanceof IntegerShape && part.fixedSize > Long.BYTES;
    }

    private static Shape[] parts(RowLayout layout, int[] columns) {
        if (columns.length == 1 && layout.column(columns[0]) instanceof ProductShape product) {
            return product.fields();
        }
        return Arrays.stream(columns).mapToObj(layout::column).toArray(Shape[]::new);
    }

    private static boolean isContiguous(int[] columns) {
        for (int i = 1; i < columns.length; i++) {
            if (columns[i] != columns[i - 1] + 1) {
                return false;
            }
        }
        return true;
    }

    private void measureSummary() {
        int bits = 0;
        boolean exact = true;
        summaryExact[0] = true;
        for (int i = 0; i < parts.length; i++) {
            int partBits = parts[i].exactBits;
            boolean fits = parts[i].fixedSize == 0 || (partBits != 0 && bits + partBits <= 64);
            exact = exact && fits;
            bits = exact ? bits + partBits : 64;
            summaryBits[i + 1] = bits;
            summaryExact[i + 1] = exact && !(byBytes && hasFloat);
        }
    }

    /** How point operations handle keys. */
    enum Sort {
        /** Read, hashed and compared as one number. */
        WORD,
        /** Compared in words of eight bytes. */
        WIDE,
        /** Part by part. */
        OTHER
    }

    Sort sort() {
        if (wordSize != 0) {
            return Sort.WORD;
        }
        return wideSize != 0 ? Sort.WIDE : Sort.OTHER;
    }

    int partCount() {
        return parts.length;
    }

    /** Whether the summary decides everything about a key. */
    boolean isExact() {
        return summaryExact[parts.length];
    }

    /** The unsigned number that a whole key is, where the key is one. */
    long number(Probe key) {
        return number(key.summary);
    }

    long number(long summary) {
        return summary >>> (64 - summaryBits[parts.length]);
    }

    /** Aims the probe at the key of a checked row. */
    void probeRow(Probe probe, byte[] row, int rowOffset) {
        if (wordSize != 0 || wideSize != 0) {
            aimAtInteger(probe, row, start(row, rowOffset));
            return;
        }
        probe.parts = parts.length;
        if (contiguous) {
            int start = start(row, rowOffset);
            int end = columns.length == 0 ? start : layout.columnEnd(row, rowOffset, columns[columns.length - 1]);
            probe.at(row, start, end - start);
        } else {
            gather(probe, row, rowOffset);
        }
        summarize(probe);
    }

    private int start(byte[] row, int rowOffset) {
        return fixedStart >= 0 ? rowOffset + fixedStart : layout.columnStart(row, rowOffset, columns[0]);
    }

    private void aimAtInteger(Probe probe, byte[] bytes, int at) {
        probe.parts = 1;
        probe.isHashed = false;
        probe.place = 0;
        if (wordSize != 0) {
            probe.summary = word(bytes, at);
            probe.summaryMask = -1L << (Long.SIZE - 8 * wordSize);
            probe.exact = true;
        } else {
            probe.at(bytes, at, wideSize);
            probe.summary = Words.getLong(bytes, at + wideSize - Long.BYTES) ^ signFlip;
            probe.summaryMask = -1;
            probe.exact = false;
        }
    }

    /** The summary of a word. */
    private long word(byte[] bytes, int at) {
        return signFlip
                ^ switch (wordSize) {
                    case 8 -> Words.getLong(bytes, at);
                    case 4 -> (long) Words.getInt(bytes, at) << 32;
                    case 2 -> (long) Words.getShort(bytes, at) << 48;
                    default -> (long) bytes[at] << 56;
                };
    }

    private void gather(Probe probe, byte[] row, int rowOffset) {
        int length = 0;
        for (int column : columns) {
            length += layout.columnEnd(row, rowOffset, column) - layout.columnStart(row, rowOffset, column);
        }
        byte[] target = probe.scratch(length);
        int position = 0;
        for (int column : columns) {
            int start = layout.columnStart(row, rowOffset, column);
            int size = layout.columnEnd(row, rowOffset, column) - start;
            System.arraycopy(row, start, target, position, size);
            position += size;
        }
        probe.at(target, 0, length);
    }

    /** Aims the probe at bytes from outside; bytes after the key are ignored. False if they are not a key. */
    boolean probeKey(Probe probe, byte[] bytes, int offset, int length) {
        if (wordSize + wideSize != 0 && parts[0].anyBytes) {
            if (length < wordSize + wideSize) {
                return false;
            }
            aimAtInteger(probe, bytes, offset);
            return true;
        }
        int end = checkParts(bytes, offset, offset + length, 0, parts.length);
        if (end < 0) {
            return false;
        }
        aim(probe, bytes, offset, end - offset, parts.length);
        return true;
    }

    /** Aims the probe at the leading {@code count} parts, which are checked. */
    void aim(Probe probe, byte[] bytes, int offset, int length, int count) {
        probe.at(bytes, offset, length);
        probe.parts = count;
        summarize(probe);
    }

    /** The position after {@code count} parts from the given one on, or −1 if they are not there. */
    int checkParts(byte[] bytes, int at, int end, int from, int count) {
        int position = at;
        for (int i = from; i < from + count; i++) {
            position = parts[i].check(bytes, position, end);
            if (position < 0) {
                return -1;
            }
        }
        return position;
    }

    private void summarize(Probe probe) {
        probe.isHashed = false;
        probe.place = 0;
        int bits = summaryBits[probe.parts];
        probe.summaryMask = bits == 0 ? 0 : -1L << (64 - bits);
        probe.exact = summaryExact[probe.parts];
        probe.summary = summary(probe.bytes, probe.offset, probe.parts);
    }

    private long summary(byte[] bytes, int offset, int count) {
        if (count == 1) {
            return parts[0].leading(bytes, offset);
        }
        long summary = 0;
        int shift = 0;
        int position = offset;
        for (int i = 0; i < count && shift < 64; i++) {
            summary |= parts[i].leading(bytes, position) >>> shift;
            position = parts[i].skip(bytes, position);
            shift = summaryBits[i + 1];
        }
        return summary;
    }

    /** Compares the probe's parts with the same parts of a row. */
    int compareRow(Probe probe, byte[] row, int rowOffset) {
        return contiguous ? compareKey(probe, row, start(row, rowOffset)) : compareScattered(probe, row, rowOffset);
    }

    /** Compares the probe's parts with a key that lies in one piece. */
    int compareKey(Probe probe, byte[] key, int keyOffset) {
        int left = probe.offset;
        int right = keyOffset;
        for (int i = 0; i < probe.parts; i++) {
            int order = comparePart(parts[i], probe.bytes, left, key, right);
            if (order != 0) {
                return order;
            }
            left = parts[i].skip(probe.bytes, left);
            right = parts[i].skip(key, right);
        }
        return 0;
    }

    private int compareScattered(Probe probe, byte[] row, int rowOffset) {
        int left = probe.offset;
        for (int i = 0; i < probe.parts; i++) {
            int right = layout.columnStart(row, rowOffset, columns[i]);
            int order = comparePart(parts[i], probe.bytes, left, row, right);
            if (order != 0) {
                return order;
            }
            left = parts[i].skip(probe.bytes, left);
        }
        return 0;
    }

    private int comparePart(Shape part, byte[] left, int leftAt, byte[] right, int rightAt) {
        return byBytes && part.hasFloat
                ? Arrays.compareUnsigned(
                        left, leftAt, part.skip(left, leftAt), right, rightAt, part.skip(right, rightAt))
                : part.compare(left, leftAt, right, rightAt);
    }

    /** Whether a row has the probe's key; the probe is a whole key. */
    boolean equalsRow(Probe probe, byte[] row, int rowOffset) {
        if (wordSize != 0) {
            return word(row, start(row, rowOffset)) == probe.summary;
        }
        if (wideSize != 0) {
            return equalsWide(probe, row, start(row, rowOffset));
        }
        if (!contiguous || (hasFloat && !byBytes)) {
            return compareRow(probe, row, rowOffset) == 0;
        }
        int start = start(row, rowOffset);
        // Encodings of one type are never prefixes of each other: as many equal bytes mean an equal key.
        return probe.length <= row.length - start
                && Arrays.equals(
                        probe.bytes, probe.offset, probe.offset + probe.length, row, start, start + probe.length);
    }

    private boolean equalsWide(Probe probe, byte[] row, int at) {
        for (int i = 0; i < wideSize; i += Long.BYTES) {
            if (Words.getLong(probe.bytes, probe.offset + i) != Words.getLong(row, at + i)) {
                return false;
            }
        }
        return true;
    }

    /** The same for keys that are equal. */
    int hash(Probe probe) {
        if (!probe.isHashed) {
            probe.hash = (int) (longHash(probe) >>> 32);
            probe.isHashed = true;
        }
        return probe.hash;
    }

    private long longHash(Probe probe) {
        if (wordSize != 0) {
            return Words.mix(number(probe) ^ Words.SEED);
        }
        if (byBytes || !hasFloat) {
            return Words.hash(probe.bytes, probe.offset, probe.length, Words.SEED);
        }
        long hash = Words.SEED;
        int position = probe.offset;
        for (Shape part : parts) {
            hash = part.hash(probe.bytes, position, hash);
            position = part.skip(probe.bytes, position);
        }
        return hash;
    }
}
