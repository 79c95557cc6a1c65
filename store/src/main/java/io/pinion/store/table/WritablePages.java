package io.pinion.store.table;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The pages of a table's rows, with what it takes to change them. Used by the writer's thread alone.
 *
 * <p>Copied on write, each at its first change after a freeze that a view of still lives: the lists of pages (a few bytes
 * for each page), a page when a row is stored in it ({@value #PAGE_BYTES} bytes at most), a page's live bits when a row
 * of it comes or goes ({@value #PAGE_BYTES} bits at most). Rows out of line are never copied.
 */
final class WritablePages extends RowPages {
    private static final byte[] NO_ROW = new byte[0];
    private static final long[] NO_EPOCHS = new long[0];

    private Epochs epochs;
    private final FreeUnits free;
    private long listsEpoch;
    /** By page: when its bytes, and when its live bits, were made. */
    private long[] pageEpochs;

    private long[] liveEpochs;

    /** The page that rows go to when no freed space fits, and the first unit never used in it. */
    private int currentPage;

    private int currentUnit;

    private boolean addedInVain;
    /** Since the free space was last put together. */
    private long freedUnits;

    private final PointerList freeBig = new PointerList();
    private long[] bigEpochs = NO_EPOCHS;
    private int bigCount;
    private long bigBytes;

    WritablePages(int fixedSize, Epochs epochs) {
        super(fixedSize);
        this.epochs = epochs;
        this.free = new FreeUnits(isFixed ? 1 : pageUnits / 2);
        this.listsEpoch = epochs.now();
        this.pageEpochs = new long[pages.length];
        this.liveEpochs = new long[pages.length];
        addPage(Math.max(2, FIRST_PAGE_BYTES / unitBytes));
        currentUnit = 1;
    }

    /** See {@link Table#join}. */
    void join(Epochs other) {
        epochs = other;
    }

    /** Bytes that the pages and the rows out of line take. */
    long pageBytes() {
        long sum = bigBytes;
        for (int i = 0; i < pageCount; i++) {
            sum += pages[i].length;
        }
        return sum;
    }

    /** Copies a row in; it is not live yet. */
    int store(byte[] source, int sourceOffset, int length) {
        int pointer = place(units(length));
        byte[] page = writablePage(pointer >>> pageShift);
        int at = unitStart(pointer);
        if (isFixed) {
            System.arraycopy(source, sourceOffset, page, at, length);
        } else if (length <= IN_PAGE_MAX) {
            Words.setInt(page, at, length);
            System.arraycopy(source, sourceOffset, page, at + LENGTH_BYTES, length);
        } else {
            Words.setInt(page, at + LENGTH_BYTES, addBig(source, sourceOffset, length));
            Words.setInt(page, at, -length);
        }
        return pointer;
    }

    /** Makes the space of a row that is not live available again. */
    void free(int pointer) {
        int units = units(length(pointer));
        if (isBig(pointer)) {
            removeBig(bigNumber(pointer));
        }
        free.put(pointer, units);
        freedUnits += units;
    }

    private int units(int length) {
        return isFixed || length > IN_PAGE_MAX ? 1 : (length + LENGTH_BYTES + UNIT_BYTES - 1) / UNIT_BYTES;
    }

    private int place(int units) {
        int pointer = free.take(units);
        return pointer != 0 ? pointer : extend(units);
    }

    private int extend(int units) {
        if (currentUnit + units > pageUnits) {
            addedInVain |= free.units() > (long) pageCount * pageUnits / 2;
            int rest = pageUnits - currentUnit;
            int page = addPage(pageUnits);
            if (rest > 0) {
                growPage(pageUnits);
                free.putAny(pointer(currentPage, currentUnit), rest);
            }
            currentPage = page;
            currentUnit = 0;
        }
        growPage(currentUnit + units);
        int pointer = pointer(currentPage, currentUnit);
        currentUnit += units;
        return pointer;
    }

    private int addPage(int units) {
        if (pageCount > Integer.MAX_VALUE >>> pageShift) {
            throw new IllegalStateException("the table is full: it has " + pageCount + " pages");
        }
        byte[] page = new byte[units * unitBytes];
        long[] bits = new long[liveWords(units)];
        if (pageCount == pages.length) {
            growLists();
        } else {
            ownLists();
        }
        pages[pageCount] = page;
        live[pageCount] = bits;
        pageEpochs[pageCount] = epochs.now();
        liveEpochs[pageCount] = epochs.now();
        return pageCount++;
    }

    private int pointer(int page, int unit) {
        return (page << pageShift) | unit;
    }

    /** Only the first page ever grows. */
    private void growPage(int units) {
        byte[] page = pages[currentPage];
        if (page.length < units * unitBytes) {
            int grown = Math.min(Math.max(units, 2 * page.length / unitBytes), pageUnits);
            ownLists();
            live[currentPage] = Arrays.copyOf(live[currentPage], liveWords(grown));
            liveEpochs[currentPage] = epochs.now();
            pages[currentPage] = Arrays.copyOf(page, grown * unitBytes);
            pageEpochs[currentPage] = epochs.now();
        }
    }

    private static int liveWords(int units) {
        return (units + Long.SIZE - 1) / Long.SIZE;
    }

    // Copies on write. What is marked as ours is so already, so that an error in between costs one copy more at most.

    private void ownLists() {
        if (epochs.isShared(listsEpoch)) {
            pages = pages.clone();
            live = live.clone();
            big = big.clone();
            listsEpoch = epochs.now();
        }
    }

    private void growLists() {
        int capacity = 2 * pageCount;
        pageEpochs = Arrays.copyOf(pageEpochs, capacity);
        liveEpochs = Arrays.copyOf(liveEpochs, capacity);
        live = Arrays.copyOf(live, capacity);
        pages = Arrays.copyOf(pages, capacity);
        ownLists();
    }

    private byte[] writablePage(int number) {
        if (epochs.isShared(pageEpochs[number])) {
            ownLists();
            pages[number] = pages[number].clone();
            pageEpochs[number] = epochs.now();
        }
        return pages[number];
    }

    private long[] writableBits(int number) {
        if (epochs.isShared(liveEpochs[number])) {
            ownLists();
            live[number] = live[number].clone();
            liveEpochs[number] = epochs.now();
        }
        return live[number];
    }

    // Rows out of line

    private boolean isBig(int pointer) {
        return !isFixed && header(pointer) < 0;
    }

    private int bigNumber(int pointer) {
        return Words.getInt(pages[pointer >>> pageShift], unitStart(pointer) + LENGTH_BYTES);
    }

    private int addBig(byte[] source, int offset, int length) {
        byte[] row = Arrays.copyOfRange(source, offset, offset + length);
        int number = freeBig.count() > 0 ? freeBig.removeLast() : newBigNumber();
        setBig(number, row);
        bigBytes += length;
        return number;
    }

    private int newBigNumber() {
        int piece = bigCount >>> BIG_SHIFT;
        if (piece == big.length) {
            byte[][][] more = Arrays.copyOf(big, piece + 1);
            more[piece] = new byte[1 << BIG_SHIFT][];
            bigEpochs = Arrays.copyOf(bigEpochs, piece + 1);
            bigEpochs[piece] = epochs.now();
            big = more;
        }
        return bigCount++;
    }

    private void removeBig(int number) {
        bigBytes -= bigRow(number).length;
        setBig(number, NO_ROW);
        freeBig.add(number);
    }

    private void setBig(int number, byte[] row) {
        int piece = number >>> BIG_SHIFT;
        if (epochs.isShared(bigEpochs[piece])) {
            ownLists();
            big[piece] = big[piece].clone();
            bigEpochs[piece] = epochs.now();
        }
        big[piece][number & BIG_MASK] = row;
    }

    // Free space made anew

    /**
     * Finds the free space and the counts anew from the live rows, neighbouring free units as one. No row may be stored
     * that is neither live nor free.
     */
    void rebuildFree() {
        free.clear();
        addedInVain = false;
        freedUnits = 0;
        liveCount = 0;
        liveBytes = 0;
        BitSet usedBig = new BitSet(bigCount);
        for (int page = 0; page < pageCount; page++) {
            rebuildPage(page, usedBig);
        }
        rebuildBig(usedBig);
    }

    private void rebuildPage(int page, BitSet usedBig) {
        int first = pointer(page, 0);
        int end = first + (page == currentPage ? currentUnit : pageUnits);
        int position = page == 0 ? 1 : first;
        int row = nextLive(position);
        while (row != 0 && row < end) {
            free.putAny(position, row - position);
            liveCount++;
            liveBytes += length(row);
            if (isBig(row)) {
                usedBig.set(bigNumber(row));
            }
            position = row + units(length(row));
            row = nextLive(position);
        }
        free.putAny(position, end - position);
    }

    private void rebuildBig(BitSet used) {
        freeBig.clear();
        bigBytes = 0;
        for (int number = 0; number < bigCount; number++) {
            if (used.get(number)) {
                bigBytes += bigRow(number).length;
            } else {
                setBig(number, NO_ROW);
                freeBig.add(number);
            }
        }
    }

    /** Whether {@link #rebuildFree} would be worth its while: pages were added though half of the space was free. */
    boolean isFragmented() {
        return addedInVain && freedUnits > (long) pageCount * pageUnits / 4;
    }

    // Which rows are live

    void setLive(int pointer) {
        int unit = unit(pointer);
        writableBits(pointer >>> pageShift)[unit >>> 6] |= 1L << unit;
        liveCount++;
        liveBytes += length(pointer);
    }

    void clearLive(int pointer) {
        int unit = unit(pointer);
        writableBits(pointer >>> pageShift)[unit >>> 6] &= ~(1L << unit);
        liveCount--;
        liveBytes -= length(pointer);
    }
}
