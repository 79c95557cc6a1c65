package io.pinion.store.tx;

import io.pinion.store.table.Epochs;
import io.pinion.store.table.PointerList;
import io.pinion.store.table.Table;
import io.pinion.store.table.TableIndex;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;

/**
 * The rows that views yielded when they were last evaluated, in the tables behind them. A view has one instance for every
 * value of its arguments; an instance is named by a hash of them. Changes take place in the datastore's open transaction
 * and are undone with it; on balance they are in {@link Delta#views()} and nowhere else. Used by the writer's thread.
 *
 * <p>Every method but {@link #argHash} throws {@link IllegalStateException} if no transaction is open.
 */
public final class ViewRows {
    private static final Bytes HASH_PREFIX = Bytes.ofUtf8("spacetimedb::view::args::v1\0");
    private static final int ARG_HASH_INDEX = 0;

    private final Datastore store;

    ViewRows(Datastore store) {
        this.store = store;
    }

    /**
     * The name of an instance.
     *
     * @param arguments BSATN of the argument product: empty for an anonymous view, the caller's identity for others
     * @return 32 bytes, a number with the least significant byte first
     */
    public static Bytes argHash(Bytes arguments) {
        return Hashes.blake3(
                new BsatnWriter().writeRaw(HASH_PREFIX).writeRaw(arguments).toBytes());
    }

    /**
     * Makes rows those of an instance, in place of those that it had.
     *
     * @param tableId of the table behind the view
     * @param rows without the hidden column; identical ones count once
     * @return {@link StoreCode#OK}; with any other code nothing has changed: {@link StoreCode#NO_SUCH_TABLE},
     *     {@link StoreCode#BSATN_DECODE_ERROR} for bytes that are no row of the view,
     *     {@link StoreCode#UNIQUE_ALREADY_EXISTS} if two rows have the same primary key
     */
    public int replace(int tableId, Bytes argHash, RowList rows) {
        WriteTransaction transaction = store.openTransaction();
        TableSchema schema = store.catalog().schema().table(tableId);
        if (schema == null || schema.kind() != TableInfo.TableKind.VIEW) {
            return StoreCode.NO_SUCH_TABLE;
        }
        Table wanted = schema.newTable(new Epochs());
        int code = fill(wanted, argHash, rows, transaction);
        if (code == StoreCode.OK) {
            exchange(transaction, transaction.touchHostTable(tableId), argHash, wanted);
        }
        return code;
    }

    private static int fill(Table target, Bytes argHash, RowList rows, WriteTransaction transaction) {
        BsatnWriter row = new BsatnWriter();
        for (int i = 0; i < rows.count(); i++) {
            transaction.poll(i + 1);
            row.reset();
            row.writeRaw(argHash).writeRaw(rows.unsafeArray(), rows.start(i), rows.end(i) - rows.start(i));
            if (target.check(row.buffer(), 0, row.length()) != row.length()) {
                return StoreCode.BSATN_DECODE_ERROR;
            }
            target.aim(row.buffer(), 0);
            if (target.findIdentical(row.buffer(), 0, row.length()) != 0) {
                continue;
            }
            if (target.collides()) {
                return StoreCode.UNIQUE_ALREADY_EXISTS;
            }
            target.link(target.store(row.buffer(), 0, row.length()));
        }
        return StoreCode.OK;
    }

    /** First what goes, so that a new row can have the key of an old one; what stays is not touched. */
    private static void exchange(WriteTransaction transaction, TableState state, Bytes argHash, Table wanted) {
        Table table = state.table;
        PointerList old = instance(state, argHash);
        for (int i = 0; i < old.count(); i++) {
            transaction.poll(i + 1);
            int row = old.get(i);
            wanted.aim(table.page(row), table.offset(row));
            if (wanted.findIdentical(table.page(row), table.offset(row), table.length(row)) == 0) {
                state.delete(row);
            }
        }
        int inserted = 0;
        for (int row = wanted.nextLive(1); row != 0; row = wanted.nextLive(row + 1)) {
            transaction.poll(++inserted);
            int code = transaction.insertHostRow(state, wanted.page(row), wanted.offset(row), wanted.length(row));
            if (code != StoreCode.OK) {
                throw new IllegalStateException("a row of view " + state.def.name() + " is refused with code " + code);
            }
        }
    }

    /** Removes the rows of an instance; how many there were, or the negated {@link StoreCode#NO_SUCH_TABLE}. */
    public int drop(int tableId, Bytes argHash) {
        WriteTransaction transaction = store.openTransaction();
        TableSchema schema = store.catalog().schema().table(tableId);
        if (schema == null || schema.kind() != TableInfo.TableKind.VIEW) {
            return -StoreCode.NO_SUCH_TABLE;
        }
        TableState state = transaction.touchHostTable(tableId);
        PointerList old = instance(state, argHash);
        for (int i = 0; i < old.count(); i++) {
            transaction.poll(i + 1);
            state.delete(old.get(i));
        }
        return old.count();
    }

    /** The rows of an instance, without the hidden column; none if there is no such view. */
    public RowList rows(int tableId, Bytes argHash) {
        store.openTransaction();
        RowList rows = new RowList();
        TableState state = store.catalog().hostTable(tableId);
        if (state == null || state.kind != TableInfo.TableKind.VIEW) {
            return rows;
        }
        PointerList pointers = instance(state, argHash);
        for (int i = 0; i < pointers.count(); i++) {
            int row = pointers.get(i);
            Table table = state.table;
            int hidden = argHash.length();
            rows.row(table.page(row), table.offset(row) + hidden, table.length(row) - hidden);
        }
        return rows;
    }

    private static PointerList instance(TableState state, Bytes argHash) {
        PointerList rows = new PointerList();
        TableIndex index = state.table.index(ARG_HASH_INDEX);
        index.collect(argHash.unsafeArray(), 0, argHash.length(), rows);
        return rows;
    }
}
