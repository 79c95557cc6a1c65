package io.pinion.actors.database;

import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.schedule.Due;
import io.pinion.actors.schedule.Schedule;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One firing of a row of a schedule table: the reducer is called with the row as it is now, in a transaction; afterwards,
 * in a second one, a one-shot row is deleted, and one with an interval waits for its next tick. If the node dies in
 * between, a one-shot reducer runs again.
 */
final class ScheduledCall {
    private final DatabaseLogic logic;
    private final DatabaseEnvironment environment;
    private final Schedule schedule;
    private final Due due;

    ScheduledCall(DatabaseLogic logic, DatabaseEnvironment environment, Schedule schedule, Due due) {
        this.logic = logic;
        this.environment = environment;
        this.schedule = schedule;
        this.due = due;
    }

    /** @return whether the guest ran */
    boolean fire(Instance instance) {
        Bytes row = row();
        if (row == null) {
            return false;
        }
        Reducer reducer = logic.program().reducer(due.functionName());
        long now = environment.clock().epochMicros();
        if (reducer == null) {
            environment.say(
                    Level.ERROR,
                    due.functionName(),
                    now,
                    "the schedule names " + due.functionName() + ", which is no reducer; only reducers are run, and the"
                            + " row stays");
            return false;
        }
        FunctionCall function = logic.asDatabase(reducer, Math.max(due.dueMicros(), now), row);
        logic.runUnheard(function, CallKind.SCHEDULED_REDUCER, instance);
        settle(function);
        return true;
    }

    private void settle(FunctionCall function) {
        Bytes row = row();
        if (row == null) {
            return;
        }
        long now = environment.clock().epochMicros();
        if (schedule.done(due, row.unsafeArray(), 0, row.length(), now)) {
            Transaction cleanup = logic.store().begin();
            byte[] key = key();
            cleanup.deletePoint(keyIndex(), key, 0, key.length);
            logic.committedUnheard(
                    cleanup.commit(),
                    new FunctionCall(
                            function.functionId(),
                            function.functionName(),
                            environment.database(),
                            ConnectionId.NONE,
                            now,
                            Bytes.EMPTY),
                    CallKind.SCHEDULE_CLEANUP);
        }
    }

    private @Nullable Bytes row() {
        Transaction reading = logic.store().begin();
        try {
            Found found = new Found();
            byte[] key = key();
            reading.scanPoint(keyIndex(), key, 0, key.length, found::row);
            return found.row;
        } finally {
            reading.rollback();
        }
    }

    private static final class Found {
        private @Nullable Bytes row;

        void row(byte[] bytes, int offset, int length) {
            row = Bytes.copyOf(bytes, offset, length);
        }
    }

    private byte[] key() {
        return new BsatnWriter(Long.BYTES).writeLong(due.key()).toBytes().unsafeArray();
    }

    /** The unique index over the primary key, which every schedule table has. */
    private int keyIndex() {
        Datastore store = logic.store();
        Optional<TableInfo> table = store.table(due.tableId());
        return table.flatMap(info -> info.indexes().stream()
                        .filter(index -> index.isUnique()
                                && index.columns()
                                        .equals(List.of(info.def().primaryKey().orElse(-1))))
                        .findFirst())
                .map(TableInfo.IndexInfo::id)
                .orElseThrow(() -> new IllegalStateException(
                        "schedule table " + due.tableId() + " has no index over its primary key"));
    }
}
