package io.pinion.store.table;

import java.util.Arrays;

/**
 * The bytes of a table's rows, in pages of up to {@value #PAGE_BYTES} bytes, addressed by row pointers.
 *
 * <pre>
 *   row pointer, 31 bits:   | page number ... | unit within the page |
 *   fixed-size rows:        a unit is one row
 *   rows of varying size:   a unit is 8 bytes; a row is | u32 length | bytes ... | filled up to whole units
 *   rows too big for that:  a page of their own, as long as the row needs
 * </pre>
 *
 * <p>Pointer 0 is no row. The first page starts at {@value #FIRST_PAGE_BYTES} bytes and doubles; the others have their
 * full size at once. One bit per unit says whether a live row starts there: these bits and the bytes alone are the truth
 * about a table; everything else can be rebuilt from them. A row that is stored but not live is invisible to scans.
 */
final class RowPages {
    static final int PAGE_BYTES = 65_536;
    static final int FIRST_PAGE_BYTES = 256;
    private static final int UNIT_BYTES = 8;
    private static final int LENGTH_BYTES = 4;

    private static final byte[] NO_PAGE = new byte[0];

    private final int fixedSize;
    private final int unitBytes;
    private final int headerBytes;
    private final int pageShift;
    private final int pageUnits;
    private final FreeUnits free;
    /** Numbers of pages that had been a big row's own. */
    private final PointerList freePages = new PointerList();

    private byte[][] pages = new byte[4][];
    private int pageCount;
    /** The page that rows go to when no freed space fits, and the first unit never used in it. */
    private int currentPage;

    private int currentUnit;

    private boolean addedInVain;
    /** Since the free space was last put together. */
    private long freedUnits;

    private long[] live = new long[1];
    private long liveCount;
    private long liveBytes;

    RowPages(int fixedSize) {
        this.fixedSize = fixedSize;
        this.unitBytes = fixedSize < 0 ? UNIT_BYTES : Math.max(1, fixedSize);
        this.headerBytes = fixedSize < 0 ? LENGTH_BYTES : 0;
        this.pageShift = 31 - Integer.numberOfLeadingZeros(Math.max(2, PAGE_BYTES / unitBytes));
        this.pageUnits = 1 << pageShift;
        this.free = new FreeUnits(fixedSize < 0 ? pageUnits / 2 : 1);
        pages[0] = new byte[Math.max(FIRST_PAGE_BYTES, 2 * unitBytes)];
        pageCount = 1;
        currentUnit = 1;
    }

    byte[] page(int pointer) {
        return pages[pointer >>> pageShift];
    }

    int offset(int pointer) {
        return (pointer & (pageUnits - 1)) * unitBytes + headerBytes;
    }

    int length(int pointer) {
        return fixedSize >= 0 ? fixedSize : Words.getInt(page(pointer), offset(pointer) - LENGTH_BYTES);
    }

    long liveCount() {
        return liveCount;
    }

    /** Bytes of the live rows, without any overhead. */
    long liveBytes() {
        return liveBytes;
    }

    /** Bytes that the pages take. */
    long pageBytes() {
        long sum = 0;
        for (int i = 0; i < pageCount; i++) {
            sum += pages[i].length;
        }
        return sum;
    }

    /** Copies a row in; it is not live yet. */
    int store(byte[] source, int sourceOffset, int length) {
        int units = units(length);
        int pointer = units > pageUnits / 2 && fixedSize < 0 ? ownPage(units) : place(units);
        ensureLiveBit(pointer);
        byte[] page = page(pointer);
        int offset = offset(pointer);
        if (fixedSize < 0) {
            Words.setInt(page, offset - LENGTH_BYTES, length);
        }
        System.arraycopy(source, sourceOffset, page, offset, length);
        return pointer;
    }

    /** Makes the space of a row that is not live available again. */
    void free(int pointer) {
        int units = units(length(pointer));
        if (units > pageUnits / 2 && fixedSize < 0) {
            pages[pointer >>> pageShift] = NO_PAGE;
            freePages.add(pointer >>> pageShift);
        } else {
            free.put(pointer, units);
            freedUnits += units;
        }
    }

    private int units(int length) {
        return fixedSize >= 0 ? 1 : (int) (((long) length + LENGTH_BYTES + UNIT_BYTES - 1) / UNIT_BYTES);
    }

    private int place(int units) {
        int pointer = free.take(units);
        return pointer != 0 ? pointer : extend(units);
    }

    private int extend(int units) {
        if (currentUnit + units > pageUnits) {
            addedInVain |= free.units() > (long) pageCount * pageUnits / 2;
            int rest = pageUnits - currentUnit;
            int page = newPage();
            pages[page] = new byte[pageUnits * unitBytes];
            if (rest > 0) {
                ensurePage(pageUnits * unitBytes);
                free.putAny(pointer(currentPage, currentUnit), rest);
            }
            currentPage = page;
            currentUnit = 0;
        }
        ensurePage((currentUnit + units) * unitBytes);
        int pointer = pointer(currentPage, currentUnit);
        currentUnit += units;
        return pointer;
    }

    private int ownPage(int units) {
        int page = newPage();
        pages[page] = new byte[Math.multiplyExact(units, UNIT_BYTES)];
        return pointer(page, 0);
    }

    private int newPage() {
        if (freePages.count() > 0) {
            return freePages.removeLast();
        }
        if (pageCount > Integer.MAX_VALUE >>> pageShift) {
            throw new IllegalStateException("the table is full: it has " + pageCount + " pages");
        }
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pageCount);
        }
        pages[pageCount] = NO_PAGE;
        return pageCount++;
    }

    private int pointer(int page, int unit) {
        return (page << pageShift) | unit;
    }

    /** Only the first page ever grows. */
    private void ensurePage(int bytes) {
        byte[] page = pages[currentPage];
        if (page.length < bytes) {
            int size = Math.min(Math.max(bytes, 2 * page.length), pageUnits * unitBytes);
            pages[currentPage] = Arrays.copyOf(page, size);
        }
    }

    private void ensureLiveBit(int pointer) {
        int word = pointer >>> 6;
        if (word >= live.length) {
            live = Arrays.copyOf(live, Math.max(word + 1, live.length + (live.length >> 1)));
        }
    }

    /**
     * Finds the free space and the counts anew from the live rows, neighbouring free units as one. No row may be stored
     * that is neither live nor free.
     */
    void rebuildFree() {
        free.clear();
        freePages.clear();
        addedInVain = false;
        freedUnits = 0;
        liveCount = 0;
        liveBytes = 0;
        for (int page = 0; page < pageCount; page++) {
            rebuildPage(page);
        }
    }

    private void rebuildPage(int page) {
        int first = pointer(page, 0);
        int end = first + (page == currentPage ? currentUnit : pageUnits);
        int position = page == 0 ? 1 : first;
        int row = nextLive(position);
        if (page != 0 && pages[page].length != pageUnits * unitBytes) {
            rebuildOwnPage(page, row == first);
            return;
        }
        while (row != 0 && row < end) {
            free.putAny(position, row - position);
            count(row);
            position = row + units(length(row));
            row = nextLive(position);
        }
        free.putAny(position, end - position);
    }

    private void rebuildOwnPage(int page, boolean isLive) {
        if (isLive) {
            count(pointer(page, 0));
        } else {
            pages[page] = NO_PAGE;
            freePages.add(page);
        }
    }

    private void count(int pointer) {
        liveCount++;
        liveBytes += length(pointer);
    }

    /** Whether {@link #rebuildFree} would be worth its while: pages were added though half of the space was free. */
    boolean isFragmented() {
        return addedInVain && freedUnits > (long) pageCount * pageUnits / 4;
    }

    boolean isLive(int pointer) {
        return (live[pointer >>> 6] & (1L << pointer)) != 0;
    }

    void setLive(int pointer) {
        live[pointer >>> 6] |= 1L << pointer;
        liveCount++;
        liveBytes += length(pointer);
    }

    void clearLive(int pointer) {
        live[pointer >>> 6] &= ~(1L << pointer);
        liveCount--;
        liveBytes -= length(pointer);
    }

    /** The first live row at or after the pointer, or 0. */
    int nextLive(int from) {
        int word = from >>> 6;
        if (word >= live.length) {
            return 0;
        }
        long bits = live[word] & (-1L << from);
        while (bits == 0) {
            if (++word == live.length) {
                return 0;
            }
            bits = live[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(bits);
    }
}
