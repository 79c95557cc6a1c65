package io.pinion.store.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A set of rows, each once, in pages, and the indexes over them, to be changed. Used by one thread at a time, the writer. Hot path: changing a row
 * allocates nothing but for growth.
 *
 * <p>A row is <em>stored</em> (its bytes are in a page) and may be <em>live</em> (scans and indexes know it). Taking a
 * live row out keeps its bytes until {@link #release}, so that it can be put back under the same pointer.
 *
 * <p>An insert goes: {@link #check}, {@link #aim} at the new row, {@link #findIdentical}, {@link #collides},
 * {@link #store}, {@link #link}. If anything is thrown in the middle of a change the table is {@link #isBroken}: which
 * rows are live is then still certain, but {@link #rebuild} must run before anything else is asked.
 */
public final class Table extends TableRows {
    private final WritablePages pages;
    private final TableShape shape;
    /** Those of the specification, then the one over whole rows if there is one. */
    private final Index[] all;
    /** Finds the row that could be identical to a given one. */
    private final Index identity;
    /** What {@link #findIdentical} found in the identity index. */
    private int identityHit;

    private boolean broken;

    /**
     * An empty table.
     *
     * @param epochs those of all tables that are frozen together
     */
    public Table(TableShape shape, Epochs epochs) {
        this(shape, new WritablePages(shape.layout().fixedSize(), epochs), epochs);
    }

    private Table(TableShape shape, WritablePages pages, Epochs epochs) {
        this(shape, pages, indexes(shape, pages, epochs), wholeRow(shape, pages, epochs));
    }

    /** @param wholeRow is needed if no other index can tell rows apart */
    private Table(TableShape shape, WritablePages pages, TableIndex[] indexes, @Nullable Index wholeRow) {
        super(shape.layout(), pages, indexes);
        this.pages = pages;
        this.shape = shape;
        boolean needsWholeRow = shape.identityPosition() < 0;
        this.all = new Index[indexes.length + (needsWholeRow ? 1 : 0)];
        for (int i = 0; i < indexes.length; i++) {
            all[i] = indexes[i].index;
        }
        if (needsWholeRow) {
            all[indexes.length] = Objects.requireNonNull(wholeRow);
        }
        this.identity = all[needsWholeRow ? indexes.length : shape.identityPosition()];
    }

    private static TableIndex[] indexes(TableShape shape, RowPages pages, Epochs epochs) {
        TableIndex[] indexes = new TableIndex[shape.specs().size()];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = new TableIndex(shape.specs().get(i), shape.createIndex(i, pages, epochs));
        }
        return indexes;
    }

    private static @Nullable Index wholeRow(TableShape shape, RowPages pages, Epochs epochs) {
        KeyShape wholeRow = shape.wholeRow();
        return wholeRow == null ? null : new HashIndex(wholeRow, pages, epochs);
    }

    /** Whether these indexes, and what else is needed, are all here, so that {@link #withShape} can be asked. */
    public boolean hasIndexes(List<IndexSpec> wanted) {
        List<IndexSpec> left = new ArrayList<>(shape.specs());
        boolean tellRowsApart = shape.identityPosition() < 0 || wanted.stream().anyMatch(IndexSpec::isUnique);
        return tellRowsApart && wanted.stream().allMatch(left::remove);
    }

    /**
     * A table over the same rows with some of these indexes, in another order maybe. This one must not be used once that
     * one has changed.
     *
     * @param wanted of rows of the same type, with indexes for which {@link #hasIndexes} is true
     */
    public Table withShape(TableShape wanted) {
        List<TableIndex> left = new ArrayList<>(List.of(indexes));
        TableIndex[] chosen =
                wanted.specs().stream().map(spec -> take(spec, left)).toArray(TableIndex[]::new);
        return new Table(wanted, pages, chosen, shape.identityPosition() < 0 ? identity : null);
    }

    private static TableIndex take(IndexSpec spec, List<TableIndex> from) {
        TableIndex same = from.stream()
                .filter(index -> index.spec().equals(spec))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no index " + spec));
        from.remove(same);
        return same;
    }

    /**
     * Moves a table that nobody has frozen yet to the epochs of the tables it will be frozen with from now on. What it is
     * made of counts as old there.
     */
    public void join(Epochs epochs) {
        pages.join(epochs);
        for (Index index : all) {
            index.join(epochs);
        }
    }

    public TableShape shape() {
        return shape;
    }

    /** Bytes of the pages that hold the rows, free space included, indexes not. */
    public long pageBytes() {
        return pages.pageBytes();
    }

    /** As {@link RowLayout#check}. */
    public int check(byte[] bytes, int offset, int length) {
        return layout().check(bytes, offset, length);
    }

    /** Adds a checked row, outside any transaction; false if it is there already or has a unique key of another. */
    public boolean add(byte[] bytes, int offset, int length) {
        aim(bytes, offset);
        if (findIdentical(bytes, offset, length) != 0 || collides()) {
            return false;
        }
        link(store(bytes, offset, length));
        return true;
    }

    /** Takes a row out and gives its bytes up, outside any transaction; false if it is not there. */
    public boolean remove(byte[] bytes, int offset, int length) {
        aim(bytes, offset);
        int row = findIdentical(bytes, offset, length);
        if (row == 0) {
            return false;
        }
        unlink(row);
        release(row);
        return true;
    }

    /** Prepares the indexes for a row that may be inserted; its bytes must not change until that is done. */
    public void aim(byte[] bytes, int offset) {
        for (Index index : all) {
            index.shape.probeRow(index.probe, bytes, offset);
        }
    }

    /** The live row with the same bytes as the row aimed at, or 0. */
    public int findIdentical(byte[] bytes, int offset, int length) {
        int hit = identity.locate(identity.probe);
        identityHit = hit;
        return hit != 0 && isIdentical(hit, bytes, offset, length) ? hit : 0;
    }

    /**
     * Of the row aimed at: the same for identical rows within one run of the program, and, as it is of a unique key where
     * there is one, for few others that were ever live together.
     */
    public int aimedHash() {
        return identity.shape.hash(identity.probe);
    }

    /** The same of a stored row. */
    public int hash(int pointer) {
        identity.aimAt(identity.other, pointer);
        return identity.shape.hash(identity.other);
    }

    /** Whether a stored row has these bytes. */
    public boolean isIdentical(int pointer, byte[] bytes, int offset, int length) {
        int start = rows.offset(pointer);
        return rows.length(pointer) == length
                && Arrays.equals(bytes, offset, offset + length, rows.page(pointer), start, start + length);
    }

    /** The live row with the key of the row aimed at in a unique index, or 0. */
    public int findAimed(TableIndex index) {
        return index.index.locate(index.index.probe);
    }

    /** Whether the row aimed at, for which {@link #findIdentical} was asked, has a unique key of a live row. */
    public boolean collides() {
        int identityPosition = shape.identityPosition();
        for (int i = 0; i < indexes.length; i++) {
            if (indexes[i].isUnique()) {
                int found = i == identityPosition ? identityHit : findAimed(indexes[i]);
                if (found != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the row aimed at has a unique key of another live row than the one it replaces. */
    public boolean collides(int replaced, TableIndex checkedAlready) {
        for (TableIndex index : indexes) {
            if (index != checkedAlready && index.isUnique()) {
                int found = findAimed(index);
                if (found != 0 && found != replaced) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Copies a checked row in; it is not live yet. The table counts as broken until {@link #link} or {@link #replace}
     * has made it so.
     */
    public int store(byte[] bytes, int offset, int length) {
        broken = true;
        return pages.store(bytes, offset, length);
    }

    /** Makes the stored row that was aimed at live. */
    public void link(int pointer) {
        broken = true;
        for (Index index : all) {
            index.insert(index.probe, pointer);
        }
        pages.setLive(pointer);
        broken = false;
    }

    /** Puts a row back that {@link #unlink} took out. */
    public void relink(int pointer) {
        aim(rows.page(pointer), rows.offset(pointer));
        link(pointer);
    }

    /** Takes a live row out; its bytes stay. */
    public void unlink(int pointer) {
        broken = true;
        for (Index index : all) {
            index.aimAt(index.other, pointer);
            index.remove(index.other, pointer);
        }
        pages.clearLive(pointer);
        broken = false;
    }

    /** Takes a live row out and makes the stored row that was aimed at live in its place. */
    public void replace(int from, int to) {
        broken = true;
        for (Index index : all) {
            if (index.equalsRow(index.probe, from)) {
                index.replace(index.probe, from, to);
            } else {
                index.aimAt(index.other, from);
                index.remove(index.other, from);
                index.insert(index.probe, to);
            }
        }
        pages.clearLive(from);
        pages.setLive(to);
        broken = false;
    }

    /** Gives up the bytes of a row that is not live. Its pointer may be used again. */
    public void release(int pointer) {
        broken = true;
        pages.free(pointer);
        broken = false;
    }

    /** Whether a change has begun and not ended. */
    public boolean isBroken() {
        return broken;
    }

    /** Begins a change: indexes and counts are not to be trusted until {@link #link} or its like has ended it. */
    public void markBroken() {
        broken = true;
    }

    /** Says which rows are live while the table is broken. */
    public void setLiveOnly(int pointer, boolean isLive) {
        if (rows.isLive(pointer) != isLive) {
            if (isLive) {
                pages.setLive(pointer);
            } else {
                pages.clearLive(pointer);
            }
        }
    }

    /** Builds free space, counts and indexes anew from the live rows. No other stored row may be needed any more. */
    public void rebuild() {
        pages.rebuildFree();
        for (Index index : all) {
            index.clear();
            fill(index);
        }
        broken = false;
    }

    private void fill(Index index) {
        for (int row = rows.nextLive(1); row != 0; row = rows.nextLive(row + 1)) {
            index.aimAt(index.probe, row);
            index.insert(index.probe, row);
        }
    }

    /** Joins pieces of free space if there are too many. Every stored row must be live. */
    public void tidy() {
        if (pages.isFragmented()) {
            broken = true;
            pages.rebuildFree();
            broken = false;
        }
    }
}
