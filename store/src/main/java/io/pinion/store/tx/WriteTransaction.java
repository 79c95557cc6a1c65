package io.pinion.store.tx;

import io.pinion.store.table.Epochs;
import io.pinion.store.table.PointerList;
import io.pinion.store.table.Table;
import io.pinion.store.table.TableIndex;
import io.pinion.store.table.TableRows;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.Schema.IndexPlace;
import io.pinion.store.tx.TableInfo.TableKind;
import io.pinion.store.value.BsatnWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The open transaction. Hot path: operations on single rows allocate nothing once warm. */
final class WriteTransaction extends RowReads implements Transaction {
    private final Datastore store;
    private final long nowMicros;
    private final List<TableState> touched;
    private boolean isOpen = true;

    WriteTransaction(Datastore store, long nowMicros, BooleanSupplier stopRequested) {
        super(stopRequested, store.found());
        this.store = store;
        this.nowMicros = nowMicros;
        this.touched = store.touched();
    }

    @Override
    public int tableId(String name) {
        return isOpen ? store.tableId(name) : -StoreCode.NOT_IN_TRANSACTION;
    }

    @Override
    public int indexId(String name) {
        return isOpen ? store.indexId(name) : -StoreCode.NOT_IN_TRANSACTION;
    }

    @Override
    public long rowCount(int tableId) {
        TableState state = store.tableState(tableId);
        if (!isOpen) {
            return -StoreCode.NOT_IN_TRANSACTION;
        }
        TableRows rows = state != null ? whole(state) : hostRows(tableId);
        return rows == null ? -StoreCode.NO_SUCH_TABLE : rows.rowCount();
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        TableState state = store.tableState(tableId);
        if (!isOpen) {
            return StoreCode.NOT_IN_TRANSACTION;
        }
        TableRows rows = state != null ? whole(state) : hostRows(tableId);
        return rows == null ? StoreCode.NO_SUCH_TABLE : scanTable(rows, sink);
    }

    /** Rows of a table that the module can only read. */
    private @Nullable TableRows hostRows(int tableId) {
        beginOperation();
        TableState state = store.catalog().hostTable(tableId);
        if (state != null) {
            return whole(state);
        }
        TableSchema table = store.catalog().schema().table(tableId);
        if (table == null || table.kind() == TableKind.SYSTEM) {
            return store.systemRows().rows(tableId);
        }
        return table.newTable(new Epochs());
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        IndexState index = store.indexState(indexId);
        if (!isOpen) {
            return StoreCode.NOT_IN_TRANSACTION;
        }
        if (index != null) {
            return scanPoint(whole(index.owner()), index.index(), bytes, pointOffset, pointLength, sink);
        }
        IndexPlace place = store.catalog().schema().index(indexId);
        TableRows rows = place == null ? null : hostRows(place.table().id());
        return place == null || rows == null
                ? StoreCode.NO_SUCH_INDEX
                : scanPoint(rows, rows.index(place.position()), bytes, pointOffset, pointLength, sink);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        IndexState index = store.indexState(indexId);
        if (!isOpen) {
            return StoreCode.NOT_IN_TRANSACTION;
        }
        if (index != null) {
            return scanRange(whole(index.owner()), index.index(), range, sink);
        }
        IndexPlace place = store.catalog().schema().index(indexId);
        TableRows rows = place == null ? null : hostRows(place.table().id());
        return place == null || rows == null
                ? StoreCode.NO_SUCH_INDEX
                : scanRange(rows, rows.index(place.position()), range, sink);
    }

    @Override
    public RowSource nested() {
        return new NestedReads(store, stopRequested());
    }

    @Override
    public long deletePoint(int indexId, byte[] bytes, int pointOffset, int pointLength) {
        IndexState index = store.indexState(indexId);
        if (!isOpen || index == null) {
            return -(isOpen ? StoreCode.NO_SUCH_INDEX : StoreCode.NOT_IN_TRANSACTION);
        }
        whole(index.owner());
        if (index.index().isUnique()) {
            return deleteUnique(index, bytes, pointOffset, pointLength);
        }
        int code = findPoint(index.index(), bytes, pointOffset, pointLength);
        return code != StoreCode.OK ? -code : deleteFound(index.owner());
    }

    private long deleteUnique(IndexState index, byte[] bytes, int offset, int length) {
        int row = index.index().locate(bytes, offset, length);
        if (row < 0) {
            return -StoreCode.BSATN_DECODE_ERROR;
        }
        touch(index.owner());
        if (row == 0) {
            return 0;
        }
        index.owner().delete(row);
        return 1;
    }

    @Override
    public long deleteRange(int indexId, IndexRange range) {
        IndexState index = store.indexState(indexId);
        if (!isOpen || index == null) {
            return -(isOpen ? StoreCode.NO_SUCH_INDEX : StoreCode.NOT_IN_TRANSACTION);
        }
        whole(index.owner());
        int code = findRange(index.index(), range);
        return code != StoreCode.OK ? -code : deleteFound(index.owner());
    }

    private long deleteFound(TableState state) {
        touch(state);
        PointerList found = found();
        for (int i = 0; i < found.count(); i++) {
            poll(i + 1);
            state.delete(found.get(i));
        }
        return found.count();
    }

    @Override
    public long deleteAllByEq(int tableId, byte[] bytes, int offset, int length) {
        TableState state = store.tableState(tableId);
        if (!isOpen || state == null) {
            return -(isOpen ? StoreCode.NO_SUCH_TABLE : StoreCode.NOT_IN_TRANSACTION);
        }
        RowArray rows = new RowArray(whole(state).layout(), bytes, offset, length);
        if (!rows.isValid()) {
            return -StoreCode.BSATN_DECODE_ERROR;
        }
        touch(state);
        long deleted = 0;
        int done = 0;
        while (rows.next()) {
            poll(++done);
            state.table.aim(bytes, rows.rowOffset());
            int row = state.table.findIdentical(bytes, rows.rowOffset(), rows.rowLength());
            if (row != 0) {
                state.delete(row);
                deleted++;
            }
        }
        return deleted;
    }

    @Override
    public long clear(int tableId) {
        TableState state = store.tableState(tableId);
        if (!isOpen || state == null) {
            return -(isOpen ? StoreCode.NO_SUCH_TABLE : StoreCode.NOT_IN_TRANSACTION);
        }
        Table table = whole(state);
        touch(state);
        int deleted = 0;
        for (int row = table.nextLive(1); row != 0; row = table.nextLive(row + 1)) {
            poll(++deleted);
            state.delete(row);
        }
        return deleted;
    }

    @Override
    public int insert(int tableId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        TableState state = store.tableState(tableId);
        if (!isOpen || state == null) {
            return isOpen ? StoreCode.NO_SUCH_TABLE : StoreCode.NOT_IN_TRANSACTION;
        }
        int rowLength = whole(state).check(bytes, offset, length);
        if (rowLength < 0) {
            return StoreCode.BSATN_DECODE_ERROR;
        }
        touch(state);
        if (state.sequences.length == 0) {
            return insert(state, bytes, offset, rowLength);
        }
        int code = insert(state, state.complete(bytes, offset, rowLength), 0, rowLength);
        if (code == StoreCode.OK || code == StoreCode.SCHEDULE_AT_DELAY_TOO_LONG) {
            state.writeGenerated(generated);
        }
        return code;
    }

    /** For a row that has been checked and completed, of a table that has been touched. */
    private int insert(TableState state, byte[] row, int offset, int length) {
        Table table = state.table;
        table.aim(row, offset);
        if (table.findIdentical(row, offset, length) != 0) {
            return StoreCode.OK;
        }
        if (table.collides()) {
            return StoreCode.UNIQUE_ALREADY_EXISTS;
        }
        state.insert(row, offset, length);
        return scheduleCode(state, row, offset);
    }

    @Override
    public int update(int tableId, int indexId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        TableState state = store.tableState(tableId);
        if (!isOpen || state == null) {
            return isOpen ? StoreCode.NO_SUCH_TABLE : StoreCode.NOT_IN_TRANSACTION;
        }
        IndexState index = store.indexState(indexId);
        if (index == null || index.owner() != state) {
            return StoreCode.NO_SUCH_INDEX;
        }
        if (!index.index().isUnique()) {
            return StoreCode.INDEX_NOT_UNIQUE;
        }
        int rowLength = whole(state).check(bytes, offset, length);
        if (rowLength < 0) {
            return StoreCode.BSATN_DECODE_ERROR;
        }
        touch(state);
        if (state.sequences.length == 0) {
            return update(state, index.index(), bytes, offset, rowLength);
        }
        int code = update(state, index.index(), state.complete(bytes, offset, rowLength), 0, rowLength);
        if (code == StoreCode.OK || code == StoreCode.SCHEDULE_AT_DELAY_TOO_LONG) {
            state.writeGenerated(generated);
        }
        return code;
    }

    private int update(TableState state, TableIndex index, byte[] row, int offset, int length) {
        Table table = state.table;
        table.aim(row, offset);
        int old = table.findAimed(index);
        if (old == 0) {
            return StoreCode.NO_SUCH_ROW;
        }
        if (table.isIdentical(old, row, offset, length)) {
            return StoreCode.OK;
        }
        if (table.collides(old, index)) {
            return StoreCode.UNIQUE_ALREADY_EXISTS;
        }
        state.replace(old, row, offset, length);
        return scheduleCode(state, row, offset);
    }

    private int scheduleCode(TableState state, byte[] row, int offset) {
        if (state.atColumn < 0) {
            return StoreCode.OK;
        }
        int at = state.table.layout().columnStart(row, offset, state.atColumn);
        return ScheduleDelay.isTooLong(row, at, nowMicros) ? StoreCode.SCHEDULE_AT_DELAY_TOO_LONG : StoreCode.OK;
    }

    /**
     * A guest may survive the error that interrupted a change, and go on. It must not see what is half done, let alone
     * commit it.
     */
    private Table whole(TableState state) {
        beginOperation();
        Table table = state.table;
        if (table.isBroken()) {
            throw new IllegalStateException("a change of table " + state.def.name()
                    + " was interrupted; the transaction can only be rolled back");
        }
        return table;
    }

    // Tables that the module can only read

    /** A table that only the host writes, ready to be changed. */
    TableState touchHostTable(int tableId) {
        TableState state = store.catalog().writableHostTable(tableId);
        if (state == null) {
            throw new IllegalArgumentException("the host writes no table " + tableId);
        }
        whole(state);
        touch(state);
        return state;
    }

    /** Inserts a row that the host made; as {@link #insert(int, byte[], int, int, BsatnWriter)}. */
    int insertHostRow(TableState state, byte[] bytes, int offset, int length) {
        if (whole(state).check(bytes, offset, length) != length) {
            return StoreCode.BSATN_DECODE_ERROR;
        }
        return insert(state, bytes, offset, length);
    }

    private void touch(TableState state) {
        if (!state.isTouched) {
            touched.add(state);
            state.isTouched = true;
        }
    }

    @Override
    public Delta commit() {
        requireOpen("committed");
        Delta delta = delta();
        store.keep();
        isOpen = false;
        store.committed(delta);
        return delta;
    }

    private Delta delta() {
        if (touched.size() > 1) {
            touched.sort(TableState.BY_ID);
        }
        List<TableDelta> tables = List.of();
        List<TableDelta> views = List.of();
        List<SequencePosition> positions = List.of();
        for (int i = 0; i < touched.size(); i++) {
            TableState state = touched.get(i);
            whole(state);
            if (state.hasChanges() && state.kind == TableKind.VIEW) {
                views = with(views, state.delta());
            } else if (state.hasChanges()) {
                tables = with(tables, state.delta());
            }
            for (Sequence sequence : state.sequences) {
                if (sequence.isMoved()) {
                    positions = with(positions, state.position(sequence));
                }
            }
        }
        boolean isEmpty = tables.isEmpty() && positions.isEmpty() && views.isEmpty();
        return isEmpty ? Delta.EMPTY : new Delta(tables, positions, views);
    }

    /** Mostly there is one element or none; a list with more is copied once more by what it becomes part of. */
    private static <T> List<T> with(List<T> list, T element) {
        if (list.isEmpty()) {
            return List.of(element);
        }
        List<T> longer = list.size() == 1 ? new ArrayList<>(list) : list;
        longer.add(element);
        return longer;
    }

    @Override
    public void rollback() {
        requireOpen("rolled back");
        store.undo();
        isOpen = false;
    }

    private void requireOpen(String what) {
        if (!isOpen) {
            throw new IllegalStateException("the transaction has ended already and cannot be " + what);
        }
    }

    @Override
    public boolean isOpen() {
        return isOpen;
    }
}
