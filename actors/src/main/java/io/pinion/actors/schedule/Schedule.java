package io.pinion.actors.schedule;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is due when in one database: read from its schedule tables, and kept in step with every commit. Times are
 * microseconds since the Unix epoch. Used by one thread at a time.
 *
 * <p>A row is waiting, or taken while its function runs, or unknown. Unknown → waiting: it is inserted. Waiting → waiting:
 * it is replaced, its time counts from then. Waiting → unknown: it is deleted. Waiting → taken: it is due. Taken →
 * waiting: it has an interval and is still there, or it was inserted anew meanwhile. Taken → unknown: else.
 */
public final class Schedule {
    /** No row is waiting, in {@link #nextDueMicros}. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final Comparator<Entry> BY_TIME =
            Comparator.comparingLong(Entry::dueMicros).thenComparingLong(Entry::order);

    private final Map<Integer, ScheduleTable> tables = new HashMap<>();
    private final Map<Row, Entry> byRow = new HashMap<>();
    /** A set and no queue: rows go from its middle too, when they are deleted or replaced. No two are equal in this order. */
    private final TreeSet<Entry> byTime = new TreeSet<>(BY_TIME);

    private int[] tableIds = new int[0];
    private final long beganMicros;
    /** Rows that came or went while those of the beginning are not all entered; then null. */
    private @Nullable Set<Row> changed;

    private long order;

    private record Row(int tableId, long key) {}

    private record Entry(ScheduleTable table, long key, long dueMicros, long order) {}

    private Schedule(long beganMicros) {
        this.beganMicros = beganMicros;
    }

    /** A schedule that does not know yet what rows there are; see {@link #begin}. */
    public static Schedule of(ModuleDef definition, Datastore store, long nowMicros) {
        Schedule schedule = new Schedule(nowMicros);
        for (ModuleDef.TableDef table : definition.tables()) {
            if (table.schedule().isPresent()) {
                int tableId = store.tableId(table.name());
                schedule.tables.put(tableId, ScheduleTable.of(table, tableId));
            }
        }
        schedule.tableIds =
                schedule.tables.keySet().stream().mapToInt(Integer::intValue).toArray();
        return schedule;
    }

    /**
     * Begins with the rows that are there now, between two transactions. Few are entered here and now. If there are more,
     * the others are due when they are read and entered, and commits are followed meanwhile.
     *
     * @param store of which nothing was applied since the schedule was made
     * @return what is left to be done
     */
    public Optional<ScheduleReading> begin(Datastore store) {
        if (tableIds.length == 0) {
            return Optional.empty();
        }
        FrozenView view = store.freeze("a schedule");
        ScheduleReading reading = new ScheduleReading(this, view);
        RowSource source = view.reader();
        long rowCount = Arrays.stream(tableIds).mapToLong(source::rowCount).sum();
        if (rowCount > ScheduleReading.SLICE_ROWS) {
            changed = new HashSet<>();
            return Optional.of(reading);
        }
        reading.read();
        while (reading.enter()) {}
        return Optional.empty();
    }

    List<ScheduleTable> tables() {
        return List.copyOf(tables.values());
    }

    /** A row that was there at the beginning. If it came or went since then, what was said of it then counts. */
    void enter(ScheduleRows rows, int row) {
        long key = rows.key(row);
        Set<Row> known = changed;
        if (known == null || !known.contains(new Row(rows.table.tableId(), key))) {
            await(rows.table, key, rows.when(row), beganMicros);
        }
    }

    /** All rows of the beginning are there. */
    void entered() {
        changed = null;
    }

    /** Whether a commit means anything here, so that it has to be followed. */
    public boolean isConcernedBy(Delta delta) {
        for (int i = 0; tableIds.length > 0 && i < delta.tables().size(); i++) {
            if (isScheduleTable(delta.tables().get(i).tableId())) {
                return true;
            }
        }
        return false;
    }

    /** Follows a commit. */
    public void apply(Delta delta, long nowMicros) {
        for (int i = 0; i < delta.tables().size(); i++) {
            Delta.TableDelta table = delta.tables().get(i);
            if (isScheduleTable(table.tableId())) {
                deleted(table.tableId(), table.deletes());
                inserted(table.tableId(), table.inserts(), nowMicros);
            }
        }
    }

    /** Asked for every table of every commit: without boxing the id. */
    private boolean isScheduleTable(int tableId) {
        for (int id : tableIds) {
            if (id == tableId) {
                return true;
            }
        }
        return false;
    }

    private void deleted(int tableId, RowList rows) {
        ScheduleTable table = table(tableId);
        for (int row = 0; row < rows.count(); row++) {
            Row gone = new Row(tableId, table.key(rows.unsafeArray(), rows.start(row), rows.end(row)));
            noteChange(gone);
            forget(gone);
        }
    }

    private void inserted(int tableId, RowList rows, long nowMicros) {
        for (int row = 0; row < rows.count(); row++) {
            inserted(tableId, rows.unsafeArray(), rows.start(row), rows.end(row), nowMicros);
        }
    }

    private void inserted(int tableId, byte[] bytes, int start, int end, long nowMicros) {
        ScheduleTable table = table(tableId);
        long key = table.key(bytes, start, end);
        noteChange(new Row(tableId, key));
        await(table, key, table.when(bytes, start, end), nowMicros);
    }

    private void noteChange(Row row) {
        Set<Row> known = changed;
        if (known != null) {
            known.add(row);
        }
    }

    private void await(ScheduleTable table, long key, ScheduleTable.When when, long nowMicros) {
        await(table, key, when.isInterval() ? later(nowMicros, magnitude(when.micros())) : when.micros());
    }

    private void await(ScheduleTable table, long key, long dueMicros) {
        Row row = new Row(table.tableId(), key);
        forget(row);
        Entry entry = new Entry(table, key, dueMicros, order++);
        byRow.put(row, entry);
        byTime.add(entry);
    }

    private void forget(Row row) {
        Entry old = byRow.remove(row);
        if (old != null) {
            byTime.remove(old);
        }
    }

    /** When the next row is due, or {@link #NEVER}. */
    public long nextDueMicros() {
        return byTime.isEmpty() ? NEVER : byTime.first().dueMicros();
    }

    /** The function of the row that is due next; empty if no row waits. */
    public Optional<String> nextFunctionName() {
        return byTime.isEmpty()
                ? Optional.empty()
                : Optional.of(byTime.first().table().functionName());
    }

    /** The row that is due longest, if one is; it is taken out and has to be settled with {@link #done}. */
    public @Nullable Due takeDue(long nowMicros) {
        if (nextDueMicros() > nowMicros) {
            return null;
        }
        Entry next = byTime.removeFirst();
        byRow.remove(new Row(next.table().tableId(), next.key()));
        return new Due(next.table().functionName(), next.table().tableId(), next.key(), next.dueMicros());
    }

    /** Whether the row was inserted anew since it was taken, so that its time has yet to come. */
    public boolean isReplaced(Due due) {
        return byRow.containsKey(new Row(due.tableId(), due.key()));
    }

    /** Whether the row of what was taken has an interval now. */
    public boolean isInterval(Due due, byte[] row, int start, int end) {
        return table(due.tableId()).when(row, start, end).isInterval();
    }

    /**
     * Settles what was taken, from its row as it is after the call: one with an interval waits for its next tick. Ticks are
     * anchored at the previous due time; missed ones are skipped.
     *
     * @return true if the row is of the one-shot kind and has to be deleted
     */
    public boolean done(Due due, byte[] row, int start, int end, long nowMicros) {
        ScheduleTable.When when = table(due.tableId()).when(row, start, end);
        if (!when.isInterval()) {
            return true;
        }
        if (!isReplaced(due)) {
            await(table(due.tableId()), due.key(), nextTick(due.dueMicros(), magnitude(when.micros()), nowMicros));
        }
        return false;
    }

    static long nextTick(long lastDueMicros, long intervalMicros, long nowMicros) {
        if (intervalMicros == 0) {
            return nowMicros;
        }
        if (nowMicros < lastDueMicros) {
            return later(lastDueMicros, intervalMicros);
        }
        long ticks = (nowMicros - lastDueMicros) / intervalMicros + 1;
        long ahead = ticks * intervalMicros;
        return Math.multiplyHigh(ticks, intervalMicros) == 0 && ahead >= 0 ? later(lastDueMicros, ahead) : NEVER - 1;
    }

    private static long magnitude(long intervalMicros) {
        return intervalMicros == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(intervalMicros);
    }

    /** The sum, or a time that never comes. */
    private static long later(long fromMicros, long byMicros) {
        long sum = fromMicros + byMicros;
        return sum < fromMicros ? NEVER - 1 : sum;
    }

    private ScheduleTable table(int tableId) {
        ScheduleTable table = tables.get(tableId);
        if (table == null) {
            throw new IllegalArgumentException("table " + tableId + " is no schedule table");
        }
        return table;
    }
}
