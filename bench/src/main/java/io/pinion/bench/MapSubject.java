package io.pinion.bench;

import io.pinion.store.value.Bytes;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;

/**
 * A plain map of records by boxed id. It has no transactions: {@link #rollback} undoes the last batch by doing the
 * opposite. Records share their name and payload.
 */
final class MapSubject implements StoreSubject {
    private final Map<Integer, StoreRow> rows;
    private final String name;
    private final Bytes payload;
    private Runnable undo = () -> {};

    MapSubject(Map<Integer, StoreRow> empty, int width) {
        this.rows = empty;
        this.name = StoreRow.name(width);
        this.payload = StoreRow.payload(width);
    }

    @Override
    public void begin() {
        undo = () -> {};
    }

    @Override
    public void commit() {
        undo = () -> {};
    }

    @Override
    public void rollback() {
        undo.run();
    }

    @Override
    public void insert(int[] ids, int from, int to) {
        for (int i = from; i < to; i++) {
            StoreRow before = rows.put(ids[i], new StoreRow(ids[i], ids[i], name, payload));
            StoreSubject.require(before == null, "insert");
        }
        undo = () -> delete(ids, from, to);
    }

    @Override
    public void update(int[] ids, int from, int to, long balance) {
        for (int i = from; i < to; i++) {
            StoreRow before = rows.put(ids[i], new StoreRow(ids[i], balance, name, payload));
            StoreSubject.require(before != null, "update");
        }
    }

    @Override
    public void delete(int[] ids, int from, int to) {
        for (int i = from; i < to; i++) {
            StoreSubject.require(rows.remove(ids[i]) != null, "delete");
        }
        undo = () -> insert(ids, from, to);
    }

    @Override
    public long find(int[] ids, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += Objects.requireNonNull(rows.get(ids[i])).balance();
        }
        return sum;
    }

    @Override
    public long range(int fromId, int toId) {
        if (!(rows instanceof NavigableMap<Integer, StoreRow> ordered)) {
            throw new IllegalArgumentException("a HashMap has no ranges");
        }
        return sum(ordered.subMap(fromId, toId));
    }

    @Override
    public long scan() {
        return sum(rows);
    }

    private static long sum(Map<Integer, StoreRow> some) {
        long sum = 0;
        for (StoreRow row : some.values()) {
            sum += row.balance();
        }
        return sum;
    }

    @Override
    public void close() {
        rows.clear();
    }
}
