package io.pinion.store.tx;

import io.pinion.store.schema.MigrationPlan;
import io.pinion.store.tx.Delta.TableDelta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An update of the schema on its way: the tables that have to be made anew are made here, beside those in use, while the
 * writer goes on.
 *
 * <p>{@link Datastore#beginUpdate} → {@link #build} on any thread → what {@link #next} says, until it says finish: take
 * the changes on the writer's thread, {@link #catchUp} where it says → {@link Datastore#finishUpdate}. Handing over from
 * one thread to another is the caller's business, as is that one step is over before the next. {@link #abandon} at any
 * time from any thread: what runs then ends within 1,024 rows with {@link OperationStoppedException}.
 *
 * <p>A thread aside that follows more slowly than the writer changes never comes to an end. So when a round aside has left
 * more than half of what the round before had, the writer follows by itself, a slice between any two transactions: that
 * ends whatever it commits.
 *
 * <p>Memory: the tables made anew, the parts of the old ones that the writer changes meanwhile (see {@link FrozenView}),
 * and the changes not yet caught up with, {@value #PENDING_BYTES} bytes or {@value #PENDING_BYTES_PER_ROW} for each row
 * at the beginning, whichever is more; beyond that the update is refused.
 */
public final class MigrationBuild {
    static final long PENDING_BYTES = 256L << 20;
    static final long PENDING_BYTES_PER_ROW = 64;

    /** Rows that are caught up with at the end, or between two transactions. */
    private static final int SLICE_ROWS = 512;

    private final MigrationPlan.Possible plan;
    private final Schema schema;
    private final ResolvedMigration migration;
    private final Map<Integer, TableBuild> tables;
    private final @Nullable FrozenView view;

    private volatile boolean isAbandoned;
    private volatile boolean isBehind;

    // The writer's.
    private final ArrayDeque<RowChanges> pending = new ArrayDeque<>();
    /** By table: the last of those pending. */
    private final Map<Integer, RowChanges> open = new HashMap<>();

    private final long pendingBytesMax;
    private long pendingRows;
    private long pendingBytes;
    private long pendingRowsBefore = Long.MAX_VALUE;
    private boolean isTooSlow;
    /** Taken and perhaps not yet caught up with. */
    private long takenBytes;

    /** What is to be done about the changes that are pending. */
    public enum Next {
        /** {@link #takeChanges} all and {@link #catchUp} on another thread. */
        CATCH_UP_ASIDE,
        /** {@link #catchUpHere} on the writer's thread, then let it do something else. */
        CATCH_UP_HERE,
        /** {@link Datastore#finishUpdate}, which catches up with the few that are left. */
        FINISH
    }

    /** Changes that were committed since the last time. */
    public static final class Changes {
        private final List<RowChanges> parts;

        private Changes(List<RowChanges> parts) {
            this.parts = parts;
        }
    }

    /**
     * @param schema that is to be in force
     * @param rowCount of the tables that are looked at
     */
    MigrationBuild(
            MigrationPlan.Possible plan,
            Schema schema,
            ResolvedMigration migration,
            Map<Integer, TableBuild> tables,
            long rowCount,
            @Nullable FrozenView view) {
        this.pendingBytesMax = Math.max(PENDING_BYTES, PENDING_BYTES_PER_ROW * rowCount);
        this.plan = plan;
        this.schema = schema;
        this.migration = migration;
        this.tables = new TreeMap<>(tables);
        this.view = view;
    }

    /** Whether {@link #build} has anything to do. */
    public boolean hasWork() {
        return !tables.isEmpty();
    }

    /**
     * Makes the tables as they were when the update began. To be called once.
     *
     * @throws OperationStoppedException if it is abandoned
     */
    public void build() {
        FrozenView source = view;
        if (source == null) {
            return;
        }
        try (source) {
            source.enter();
            try {
                tables.forEach((id, table) -> table.copy(source.rows(id), this::isAbandoned));
            } finally {
                source.leave();
            }
        }
    }

    /**
     * Follows the changes, which must be the next after those before.
     *
     * @throws OperationStoppedException if it is abandoned
     */
    public void catchUp(Changes changes) {
        for (RowChanges part : changes.parts) {
            Objects.requireNonNull(tables.get(part.tableId)).apply(part, this::isAbandoned);
        }
    }

    /** What stands against the update as far as was looked; every reason. Not while a step is running. */
    public List<String> reasons() {
        List<String> all = new ArrayList<>();
        if (isBehind) {
            all.add("the tables change faster than they can be made anew");
        }
        tables.values().forEach(table -> all.addAll(table.reasons()));
        return all;
    }

    /** Gives it up; does nothing the second time. */
    public void abandon() {
        isAbandoned = true;
        if (view != null) {
            view.close();
        }
    }

    boolean isAbandoned() {
        return isAbandoned;
    }

    // On the writer's thread

    /** Notes what a commit has changed. */
    void committed(Delta delta) {
        for (int i = 0; i < delta.tables().size(); i++) {
            TableDelta table = delta.tables().get(i);
            if (tables.containsKey(table.tableId()) && !isAbandoned) {
                add(table);
            }
        }
        if (pendingBytes + takenBytes > pendingBytesMax) {
            isBehind = true;
            abandon();
            takeChanges();
        }
    }

    private void add(TableDelta delta) {
        int rows = delta.inserts().count() + delta.deletes().count();
        RowChanges part = open.get(delta.tableId());
        if (part == null || !part.hasRoom(rows)) {
            part = new RowChanges(delta.tableId());
            open.put(delta.tableId(), part);
            pending.add(part);
            pendingBytes += part.bytes();
        }
        pendingBytes -= part.bytes();
        part.add(delta);
        pendingBytes += part.bytes();
        pendingRows += rows;
    }

    /** How many rows came and went since the changes were last taken. On the writer's thread. */
    public long pendingRows() {
        return pendingRows;
    }

    /** What is best done now. On the writer's thread, when the step before is over. */
    public Next next() {
        if (pendingRows <= SLICE_ROWS) {
            return Next.FINISH;
        }
        isTooSlow |= pendingRows > pendingRowsBefore / 2;
        pendingRowsBefore = pendingRows;
        return isTooSlow ? Next.CATCH_UP_HERE : Next.CATCH_UP_ASIDE;
    }

    /** Everything that was committed since the last time. On the writer's thread. */
    public Changes takeChanges() {
        return take(Long.MAX_VALUE);
    }

    /**
     * Follows about {@value #SLICE_ROWS} rows, or one transaction if it has more. On the writer's thread.
     *
     * @throws OperationStoppedException if it is abandoned
     */
    public void catchUpHere() {
        catchUp(take(SLICE_ROWS));
    }

    private Changes take(long rowsMax) {
        List<RowChanges> taken = new ArrayList<>();
        takenBytes = 0;
        long left = rowsMax;
        while (!pending.isEmpty() && left > 0) {
            RowChanges part = pending.remove();
            open.remove(part.tableId, part);
            taken.add(part);
            left -= part.count();
            pendingRows -= part.count();
            takenBytes += part.bytes();
        }
        pendingBytes -= takenBytes;
        return new Changes(taken);
    }

    MigrationPlan.Possible plan() {
        return plan;
    }

    Schema schema() {
        return schema;
    }

    ResolvedMigration migration() {
        return migration;
    }

    Map<Integer, TableBuild> tables() {
        return tables;
    }
}
