package io.pinion.store.query;

import io.pinion.store.tx.RowList;
import io.pinion.store.value.Bytes;
import java.util.HashMap;
import java.util.Map;

/**
 * What a commit does to the rows of one fragment of a subscription: packed BSATN rows, never changed once they have been
 * handed out. No row is in both lists. The rows of an event table are inserts.
 */
public record RowsChange(RowList inserts, RowList deletes) {
    static final RowsChange NONE = new RowsChange(new RowList(0, 0), new RowList(0, 0));

    public boolean isEmpty() {
        return inserts.count() == 0 && deletes.count() == 0;
    }

    /** Lets equal rows on both sides cancel out, each as often as it can. */
    static RowsChange net(RowList inserts, RowList deletes) {
        if (inserts.count() == 0 || deletes.count() == 0) {
            return new RowsChange(inserts, deletes);
        }
        Map<Bytes, Integer> deleted = new HashMap<>();
        for (int i = 0; i < deletes.count(); i++) {
            deleted.merge(deletes.get(i), 1, Integer::sum);
        }
        RowList netInserts = new RowList();
        Map<Bytes, Integer> cancelled = new HashMap<>();
        for (int i = 0; i < inserts.count(); i++) {
            Bytes row = inserts.get(i);
            int left = deleted.getOrDefault(row, 0);
            if (left == 0) {
                netInserts.row(row.unsafeArray(), 0, row.length());
            } else {
                deleted.put(row, left - 1);
                cancelled.merge(row, 1, Integer::sum);
            }
        }
        return cancelled.isEmpty()
                ? new RowsChange(inserts, deletes)
                : new RowsChange(netInserts, without(deletes, cancelled));
    }

    private static RowList without(RowList rows, Map<Bytes, Integer> cancelled) {
        RowList rest = new RowList();
        for (int i = 0; i < rows.count(); i++) {
            Bytes row = rows.get(i);
            int count = cancelled.getOrDefault(row, 0);
            if (count > 0) {
                cancelled.put(row, count - 1);
            } else {
                rest.row(row.unsafeArray(), 0, row.length());
            }
        }
        return rest;
    }
}
