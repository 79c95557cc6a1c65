package io.pinion.store.table;

import io.pinion.store.value.AlgebraicType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
    private final Epochs epochs;
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
     * @param rowType with every reference inlined
     * @param epochs those of all tables that are frozen together
     */
    public Table(AlgebraicType.Product rowType, List<IndexSpec> specs, Epochs epochs) {
        this(new TableShape(rowType, specs), epochs);
    }

    /**
     * An empty table.
     *
     * @param epochs those of all tables that are frozen together
     */
    public Table(TableShape shape, Epochs epochs) {
        this(shape, new WritablePages(shape.layout().fixedSize(), epochs), List.of(), epochs);
    }

    /** @param existing indexes over the same rows that are taken over where the specification asks for them */
    private Table(TableShape shape, WritablePages pages, List<TableIndex> existing, Epochs epochs) {
        super(shape.layout(), pages, indexes(shape, pages, existing, epochs));
        this.pages = pages;
        this.epochs = epochs;
        this.shape = shape;
        KeyShape wholeRow = shape.wholeRow();
        this.all = new Index[indexes.length + (wholeRow == null ? 0 : 1)];
        for (int i = 0; i < indexes.length; i++) {
            all[i] = indexes[i].index;
        }
        if (wholeRow == null) {
            this.identity = all[shape.identityPosition()];
        } else {
            this.identity = filled(new HashIndex(wholeRow, pages, epochs));
            all[indexes.length] = identity;
        }
    }

    private static TableIndex[] indexes(
            TableShape shape, RowPages pages, List<TableIndex> existing, Epochs epochs) {
        List<TableIndex> left = new ArrayList<>(existing);
        TableIndex[] indexes = new TableIndex[shape.specs().size()];
        for (int i = 0; i < indexes.length; i++) {
            IndexSpec spec = shape.specs().get(i);
            int position = i;
            indexes[i] = takeOver(spec, left)
                    .orElseGet(() -> new TableIndex(spec, filled(shape.createIndex(position, pages, epochs))));
        }
        return indexes;
    }

    private static Optional<TableIndex> takeOver(IndexSpec spec, List<TableIndex> existing) {
        Optional<TableIndex> same =
                existing.stream().filter(index -> index.spec().equals(spec)).findFirst();
        same.ifPresent(existing::remove);
        return same;
    }

    private static Index filled(Index index) {
        RowPages rows = index.rows;
        for (int row = rows.nextLive(1); row != 0; row = rows.nextLive(row + 1)) {
            index.aimAt(index.probe, row);
            index.insert(index.probe, row);
        }
        return index;
    }

    /**
     * A table over the same rows with other indexes, which are built here. This one must not be used once that one has
     * changed.
     *
     * @param specs whose unique ones hold, see {@link #hasDuplicates}
     */
    public Table withIndexes(List<IndexSpec> specs) {
        return new Table(new TableShape(layout(), specs), pages, List.of(indexes), epochs);
    }

    public List<IndexSpec> specs() {
        return shape.specs();
    }

    /** Bytes of the pages that hold the rows, free space included, indexes not. */
    public long pageBytes() {
        return pages.pageBytes();
    }

    /** As {@link RowLayout#check}. */
    public int check(byte[] bytes, int offset, int length) {
        return layout().check(bytes, offset, length);
    }

    /** Prepares the indexes for a row that may be inserted; its bytes must not change until that is done. */
    public void aim(byte[] bytes, int offset) {
        for (Index index : all) {
            index.shape.probeRow(index.probe, bytes, offset);
        }
    }

    /** The live row with the same bytes as the row aimed at, or 0. */
    public int findIdentical(byte[] bytes, int offset, int length) {
        int hit = identity.find(identity.probe);
        identityHit = hit;
        return hit != 0 && isIdentical(hit, bytes, offset, length) ? hit : 0;
    }

    /** The same for identical rows within one run of the program. */
    public static int hash(byte[] bytes, int offset, int length) {
        return (int) (Words.hash(bytes, offset, length, Words.SEED) >>> 32);
    }

    /** Whether a stored row has these bytes. */
    public boolean isIdentical(int pointer, byte[] bytes, int offset, int length) {
        int start = rows.offset(pointer);
        return rows.length(pointer) == length
                && Arrays.equals(bytes, offset, offset + length, rows.page(pointer), start, start + length);
    }

    /** The live row with the key of the row aimed at in a unique index, or 0. */
    public int findAimed(TableIndex index) {
        return index.index.find(index.index.probe);
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

    /** Above every pointer that {@link #store} can return for a row of that length. */
    public int pointerLimit(int length) {
        return pages.pointerLimit(length);
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
            filled(index);
        }
        broken = false;
    }

    /** Joins pieces of free space if there are too many. Every stored row must be live. */
    public void tidy() {
        if (pages.isFragmented()) {
            broken = true;
            pages.rebuildFree();
            broken = false;
        }
    }

    /** Whether two live rows have the same key, so that an index with this specification could not be unique. */
    public boolean hasDuplicates(IndexSpec spec) {
        Index index = spec.create(spec.keyShape(layout()), pages, epochs);
        for (int row = rows.nextLive(1); row != 0; row = rows.nextLive(row + 1)) {
            index.aimAt(index.probe, row);
            if (index.find(index.probe) != 0) {
                return true;
            }
            index.insert(index.probe, row);
        }
        return false;
    }
}
