package io.pinion.bench;

import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;

/**
 * A plain map of records by boxed id. It has no transactions: {@link #rollback} undoes the last batch by doing the
 * opposite. Every record has a name and a payload of its own, as those have that come from outside; one that is read is
 * written into a buffer.
 */
final class MapSubject implements StoreSubject {
    private final Map<Integer, StoreRow> rows;
    private final Bytes name;
    private final Bytes payload;
    private final BsatnWriter guest = new BsatnWriter();
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
            StoreRow before = rows.put(ids[i], StoreRow.owning(ids[i], ids[i], name, payload));
            StoreSubject.require(before == null, "insert");
        }
        undo = () -> delete(ids, from, to);
    }

    @Override
    public void update(int[] ids, int from, int to, long balance) {
        for (int i = from; i < to; i++) {
            StoreRow before = rows.put(ids[i], StoreRow.owning(ids[i], balance, name, payload));
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
            sum += handOver(Objects.requireNonNull(rows.get(ids[i])));
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

    private long sum(Map<Integer, StoreRow> some) {
        long sum = 0;
        for (StoreRow row : some.values()) {
            sum += handOver(row);
        }
        return sum;
    }

    private long handOver(StoreRow row) {
        row.write(guest);
        return row.balance();
    }

    @Override
    public void close() {
        rows.clear();
    }
}
