package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.PointerList;
import io.pinion.store.table.Table;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.TableInfo.TableKind;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnWriter;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;

/**
 * One table of a datastore, and what the open transaction has done to it.
 *
 * <p>No log of operations is kept. As no slot is used twice within a transaction, a pointer stands for one row all that
 * time, and two lists say everything: rows stored by the transaction, and committed rows it has deleted at least once.
 * Undone, none of the first is live and all of the second are; what the transaction did on balance is what differs from
 * that. A row enters its list before anything else happens to it, so that an error at any point can be undone: every
 * change begins by declaring the table broken and ends by declaring it whole, and a broken one can only be undone.
 */
final class TableState {
    static final Comparator<TableState> BY_ID = Comparator.comparingInt(state -> state.id);

    private static final byte[] NO_BYTES = new byte[0];
    private static final int COMPLETED_MIN = 64;

    final int id;
    final TableDef def;
    final TableKind kind;
    final Table table;
    /** By ascending column. */
    final Sequence[] sequences;
    /** Column that says when a scheduled function is due, or −1. */
    final int atColumn;

    private final PointerList inserted = new PointerList();
    private final DeletedRows deleted;
    /** The rows in one of the two lists. */
    private final PointerSet listed = new PointerSet();
    /** Whether the open transaction has to do with this table. */
    boolean isTouched;

    private byte[] completed = NO_BYTES;
    /** By sequence: whether it filled in the row completed last. */
    private final boolean[] generated;

    TableState(int id, TableDef def, TableKind kind, Table table) {
        this.id = id;
        this.def = def;
        this.kind = kind;
        this.table = table;
        this.deleted = new DeletedRows(table);
        this.atColumn = def.schedule().map(ScheduleDef::atColumn).orElse(-1);
        this.sequences = def.sequences().stream()
                .sorted(Comparator.comparingInt(SequenceDef::column))
                .map(sequence -> new Sequence(sequence, columnSize(sequence.column())))
                .toArray(Sequence[]::new);
        this.generated = new boolean[sequences.length];
    }

    private int columnSize(int column) {
        AlgebraicType type = def.columns().get(column).type();
        if (type instanceof AlgebraicType.Primitive primitive && primitive.isInteger()) {
            return primitive.size();
        }
        throw new IllegalArgumentException("sequence column "
                + def.columns().get(column).name() + " of table " + def.name() + " is not an integer");
    }

    // Sequences

    /** The row with its zero sequence columns filled in; the buffer is used again for the next row. */
    byte[] complete(byte[] bytes, int offset, int length) {
        if (completed.length < length) {
            completed = new byte[Math.max(COMPLETED_MIN, Math.max(length, 2 * completed.length))];
        }
        System.arraycopy(bytes, offset, completed, 0, length);
        for (int i = 0; i < sequences.length; i++) {
            int at = table.layout().columnStart(completed, 0, sequences[i].def.column());
            generated[i] = sequences[i].isZero(completed, at);
            if (generated[i]) {
                sequences[i].generate(completed, at);
            }
        }
        return completed;
    }

    void writeGenerated(BsatnWriter target) {
        for (int i = 0; i < sequences.length; i++) {
            if (generated[i]) {
                int at = table.layout().columnStart(completed, 0, sequences[i].def.column());
                target.writeRaw(completed, at, sequences[i].size());
            }
        }
    }

    // Changes by the open transaction

    /** Inserts the row that the table was aimed at and that neither is there nor collides. */
    void insert(byte[] bytes, int offset, int length) {
        reserveInsert();
        table.markBroken();
        int revived = deleted.find(bytes, offset, length);
        table.link(revived != 0 ? revived : store(bytes, offset, length));
    }

    /** Puts the row that the table was aimed at in the place of another, with which it has a unique key in common. */
    void replace(int old, byte[] bytes, int offset, int length) {
        reserveInsert();
        reserveDelete();
        table.markBroken();
        // A row that has been there all along shares its keys with none that the transaction has deleted.
        int revived = listed.contains(old) ? deleted.find(bytes, offset, length) : 0;
        recordDelete(old);
        table.replace(old, revived != 0 ? revived : store(bytes, offset, length));
    }

    void delete(int pointer) {
        reserveDelete();
        table.markBroken();
        recordDelete(pointer);
        table.unlink(pointer);
    }

    /** Gets the memory that undo will need before anything is changed: without it nothing has to be undone. */
    private void reserveInsert() {
        inserted.reserve();
        listed.reserve(2);
    }

    private void reserveDelete() {
        deleted.reserve();
        listed.reserve(2);
    }

    private int store(byte[] bytes, int offset, int length) {
        int pointer = table.store(bytes, offset, length);
        inserted.add(pointer);
        listed.add(pointer);
        return pointer;
    }

    private void recordDelete(int pointer) {
        if (!listed.contains(pointer)) {
            deleted.add(pointer);
            listed.add(pointer);
        }
    }

    // The end of the transaction

    /** Whether {@link #delta} would hold a row. */
    boolean hasChanges() {
        for (int i = 0; i < inserted.count(); i++) {
            if (table.isLive(inserted.get(i))) {
                return true;
            }
        }
        for (int i = 0; i < deleted.count(); i++) {
            if (!table.isLive(deleted.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** Yields the rows of {@link #delta}, inserted and deleted ones alike, where they stand. */
    void forEachChange(RowSink sink) {
        for (int i = 0; i < inserted.count(); i++) {
            int row = inserted.get(i);
            if (table.isLive(row)) {
                sink.row(table.page(row), table.offset(row), table.length(row));
            }
        }
        for (int i = 0; i < deleted.count(); i++) {
            int row = deleted.get(i);
            if (!table.isLive(row)) {
                sink.row(table.page(row), table.offset(row), table.length(row));
            }
        }
    }

    TableDelta delta() {
        return new TableDelta(id, netInserts(), netDeletes());
    }

    private RowList netInserts() {
        int count = 0;
        int bytes = 0;
        for (int i = 0; i < inserted.count(); i++) {
            int row = inserted.get(i);
            if (table.isLive(row)) {
                count++;
                bytes = Math.addExact(bytes, table.length(row));
            }
        }
        RowList rows = new RowList(bytes, count);
        for (int i = 0; i < inserted.count(); i++) {
            int row = inserted.get(i);
            if (table.isLive(row)) {
                rows.row(table.page(row), table.offset(row), table.length(row));
            }
        }
        return rows;
    }

    private RowList netDeletes() {
        int count = 0;
        int bytes = 0;
        for (int i = 0; i < deleted.count(); i++) {
            int row = deleted.get(i);
            if (!table.isLive(row)) {
                count++;
                bytes = Math.addExact(bytes, table.length(row));
            }
        }
        RowList rows = new RowList(bytes, count);
        for (int i = 0; i < deleted.count(); i++) {
            int row = deleted.get(i);
            if (!table.isLive(row)) {
                rows.row(table.page(row), table.offset(row), table.length(row));
            }
        }
        return rows;
    }

    /** Where the sequence of the same column stands. */
    BigInteger next(SequenceDef wanted) {
        for (Sequence sequence : sequences) {
            if (sequence.def.column() == wanted.column()) {
                return sequence.next();
            }
        }
        throw new IllegalStateException("table " + def.name() + " has no sequence on column " + wanted.column());
    }

    SequencePosition position(Sequence sequence) {
        return new SequencePosition(id, sequence.def.column(), sequence.next());
    }

    /** Goes on counting where a column's sequence stood under an earlier schema. */
    void takeOver(int column, TableState earlier) {
        for (Sequence before : earlier.sequences) {
            if (before.def.column() == column && replayPosition(earlier.position(before))) {
                return;
            }
        }
        throw new IllegalStateException(
                "table " + def.name() + " has no sequence on column " + column + " before and after");
    }

    boolean hasSequenceLike(SequenceDef wanted) {
        return Arrays.stream(sequences).anyMatch(sequence -> sequence.def.equals(wanted));
    }

    /** Moves a sequence outside any transaction; false if the column has none. */
    boolean replayPosition(SequencePosition position) {
        for (Sequence sequence : sequences) {
            if (sequence.def.column() == position.column()) {
                sequence.moveTo(position.next());
                return true;
            }
        }
        return false;
    }

    /** Lets the transaction's rows be, but for those of event tables, and gives up what it deleted. */
    void keep() {
        for (Sequence sequence : sequences) {
            sequence.keep();
        }
        try {
            keepRows();
        } catch (StackOverflowError | OutOfMemoryError e) {
            table.markBroken();
        }
        if (table.isBroken()) {
            keepBroken();
        }
        forget();
    }

    private void keepRows() {
        for (int i = 0; i < inserted.count(); i++) {
            int row = inserted.get(i);
            if (def.isEvent() && table.isLive(row)) {
                table.unlink(row);
            }
            if (!table.isLive(row)) {
                table.release(row);
            }
        }
        for (int i = 0; i < deleted.count(); i++) {
            if (!table.isLive(deleted.get(i))) {
                table.release(deleted.get(i));
            }
        }
    }

    private void keepBroken() {
        for (int i = 0; i < inserted.count() && def.isEvent(); i++) {
            table.setLiveOnly(inserted.get(i), false);
        }
        table.rebuild();
    }

    /** Makes the table what it was before the transaction. May be repeated if it fails for lack of stack or memory. */
    void undo() {
        for (Sequence sequence : sequences) {
            sequence.undo();
        }
        if (!table.isBroken()) {
            try {
                undoRows();
            } catch (StackOverflowError | OutOfMemoryError e) {
                table.markBroken();
            }
        }
        if (table.isBroken()) {
            undoBroken();
        }
        forget();
    }

    private void undoRows() {
        for (int i = 0; i < inserted.count(); i++) {
            if (table.isLive(inserted.get(i))) {
                table.unlink(inserted.get(i));
            }
        }
        for (int i = 0; i < deleted.count(); i++) {
            if (!table.isLive(deleted.get(i))) {
                table.relink(deleted.get(i));
            }
        }
        for (int i = 0; i < inserted.count(); i++) {
            table.release(inserted.get(i));
        }
    }

    /** Which rows are live is certain whatever happened; the rest is made anew from that. */
    private void undoBroken() {
        for (int i = 0; i < inserted.count(); i++) {
            table.setLiveOnly(inserted.get(i), false);
        }
        for (int i = 0; i < deleted.count(); i++) {
            table.setLiveOnly(deleted.get(i), true);
        }
        table.rebuild();
    }

    private void forget() {
        for (int i = 0; i < inserted.count(); i++) {
            listed.empty(inserted.get(i));
        }
        for (int i = 0; i < deleted.count(); i++) {
            listed.empty(deleted.get(i));
        }
        listed.emptied();
        inserted.clear();
        deleted.clear();
        table.tidy();
        isTouched = false;
    }
}
