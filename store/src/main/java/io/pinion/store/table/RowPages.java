package io.pinion.store.table;

/**
 * The bytes of a table's rows, in pages of up to {@value #PAGE_BYTES} bytes, addressed by row pointers: what of them can
 * be read.
 *
 * <pre>
 *   row pointer, 31 bits:   | page number ... | unit within the page |
 *   fixed-size rows:        a unit is one row
 *   rows of varying size:   a unit is 8 bytes; a row is | u32 length | bytes ... | filled up to whole units
 *   rows above 4,096 bytes: one unit | −length | number |; the bytes are an array of their own under that number
 * </pre>
 *
 * <p>A row lies out of line as a whole: a guest gets and gives whole rows, so single values apart would have to be put
 * together for every scan. The array of such a row is never written again, so that neither a copied page nor joined free
 * space moves it; it is garbage as soon as no table and no frozen view refers to it.
 *
 * <p>Pointer 0 is no row. The first page starts at {@value #FIRST_PAGE_BYTES} bytes and doubles; the others have their
 * full size at once. One bit per unit says whether a live row starts there: these bits and the bytes alone are the truth
 * about a table; everything else can be rebuilt from them. A row that is stored but not live is invisible to scans.
 *
 * <p>Instances made by {@link #frozen} never change: {@link WritablePages} copies what they share before it writes.
 */
class RowPages {
    static final int PAGE_BYTES = 16_384;
    static final int FIRST_PAGE_BYTES = 256;
    /** Longer rows lie out of line. */
    static final int IN_PAGE_MAX = 4096;

    static final int UNIT_BYTES = 8;
    static final int LENGTH_BYTES = 4;
    static final int BIG_SHIFT = 10;
    static final int BIG_MASK = (1 << BIG_SHIFT) - 1;
    private static final byte[][][] NO_BIG_ROWS = new byte[0][][];

    /** Whether pages hold rows of one size and nothing else. */
    final boolean isFixed;

    final int fixedSize;
    final int unitBytes;
    final int pageShift;
    final int pageUnits;

    byte[][] pages;
    /** By page. */
    long[][] live;
    /** The bytes of big rows by their number, in pieces of 1,024. */
    byte[][][] big;

    int pageCount;
    long liveCount;
    long liveBytes;

    /** @param fixedSize of every row, −1 if rows differ */
    RowPages(int fixedSize) {
        this.fixedSize = fixedSize;
        this.isFixed = fixedSize >= 0 && fixedSize <= IN_PAGE_MAX;
        this.unitBytes = isFixed ? Math.max(1, fixedSize) : UNIT_BYTES;
        this.pageShift = 31 - Integer.numberOfLeadingZeros(PAGE_BYTES / unitBytes);
        this.pageUnits = 1 << pageShift;
        this.pages = new byte[1][];
        this.live = new long[1][];
        this.big = NO_BIG_ROWS;
    }

    private RowPages(RowPages other) {
        this.fixedSize = other.fixedSize;
        this.isFixed = other.isFixed;
        this.unitBytes = other.unitBytes;
        this.pageShift = other.pageShift;
        this.pageUnits = other.pageUnits;
        this.pages = other.pages;
        this.live = other.live;
        this.big = other.big;
        this.pageCount = other.pageCount;
        this.liveCount = other.liveCount;
        this.liveBytes = other.liveBytes;
    }

    /** These rows as they are now, for ever, if a view lives in {@link Epochs} that began now. */
    final RowPages frozen() {
        return new RowPages(this);
    }

    /** The array that holds the row. */
    final byte[] page(int pointer) {
        byte[] page = pages[pointer >>> pageShift];
        return isFixed ? page : pageOrBigRow(page, unitStart(pointer));
    }

    private byte[] pageOrBigRow(byte[] page, int at) {
        return Words.getInt(page, at) >= 0 ? page : bigRow(Words.getInt(page, at + LENGTH_BYTES));
    }

    final byte[] bigRow(int number) {
        return big[number >>> BIG_SHIFT][number & BIG_MASK];
    }

    /** Where in {@link #page} the row begins. */
    final int offset(int pointer) {
        int at = unitStart(pointer);
        if (isFixed) {
            return at;
        }
        return header(pointer) >= 0 ? at + LENGTH_BYTES : 0;
    }

    final int length(int pointer) {
        return isFixed ? fixedSize : Math.abs(header(pointer));
    }

    /** Of rows of varying size: the length, negated where the row lies out of line. */
    final int header(int pointer) {
        return Words.getInt(pages[pointer >>> pageShift], unitStart(pointer));
    }

    final int unitStart(int pointer) {
        return unit(pointer) * unitBytes;
    }

    /** Within the page: also the number of its live bit there. */
    final int unit(int pointer) {
        return pointer & (pageUnits - 1);
    }

    final long liveCount() {
        return liveCount;
    }

    /** Bytes of the live rows, without any overhead. */
    final long liveBytes() {
        return liveBytes;
    }

    final boolean isLive(int pointer) {
        int unit = unit(pointer);
        return (live[pointer >>> pageShift][unit >>> 6] & (1L << unit)) != 0;
    }

    /** The first live row at or after the pointer, or 0. */
    final int nextLive(int from) {
        int page = from >>> pageShift;
        return page < pageCount ? nextLive(page, unit(from)) : 0;
    }

    private int nextLive(int page, int unit) {
        long[] bits = live[page];
        int word = unit >>> 6;
        if (word < bits.length) {
            long rest = bits[word] & (-1L << unit);
            if (rest != 0) {
                return (page << pageShift) + (word << 6) + Long.numberOfTrailingZeros(rest);
            }
        }
        return nextLiveWord(page, word + 1);
    }

    private int nextLiveWord(int fromPage, int fromWord) {
        int word = fromWord;
        for (int page = fromPage; page < pageCount; page++) {
            long[] bits = live[page];
            for (; word < bits.length; word++) {
                if (bits[word] != 0) {
                    return (page << pageShift) + (word << 6) + Long.numberOfTrailingZeros(bits[word]);
                }
            }
            word = 0;
        }
        return 0;
    }
}
