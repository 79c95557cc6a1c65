package io.pinion.actors.subscription;

import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.Bytes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What one commit did to one fragment of a query. The same object goes to everybody who subscribes to the query, so that
 * whoever encodes it first in some format has encoded it for all. Immutable but for that memory; threadsafe.
 */
public final class ChangedRows {
    private final int tableId;
    private final String table;
    private final Product rowType;
    private final boolean isEvent;
    private final RowList inserts;
    private final RowList deletes;
    private final Map<Format, Bytes> encodings = new ConcurrentHashMap<>(4);

    /** The spellings of rows. */
    public enum Format {
        BSATN_V2,
        BSATN_V1,
        JSON_V1
    }

    /**
     * @param table canonical name
     * @param rowType without references
     * @param isEvent whether the rows are there in this commit only; they are inserts then
     */
    public ChangedRows(int tableId, String table, Product rowType, boolean isEvent, RowList inserts, RowList deletes) {
        this.tableId = tableId;
        this.table = table;
        this.rowType = rowType;
        this.isEvent = isEvent;
        this.inserts = inserts;
        this.deletes = deletes;
    }

    public int tableId() {
        return tableId;
    }

    public String table() {
        return table;
    }

    public Product rowType() {
        return rowType;
    }

    public boolean isEvent() {
        return isEvent;
    }

    public RowList inserts() {
        return inserts;
    }

    public RowList deletes() {
        return deletes;
    }

    /** The rows in a format; {@code encoder} runs for the first who asks, and others who ask meanwhile wait for it. */
    public Bytes encoded(Format format, Function<ChangedRows, Bytes> encoder) {
        return encodings.computeIfAbsent(format, _ -> encoder.apply(this));
    }
}
