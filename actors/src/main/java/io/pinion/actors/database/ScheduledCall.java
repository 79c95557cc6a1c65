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
 * One firing of a row of a schedule table: the function is called with the row as it is now. A row that is gone fires
 * nothing, and neither does one that was inserted anew since it was due.
 *
 * <p>A reducer runs first, in a transaction; afterwards, in a second one, a one-shot row is deleted, and one with an
 * interval waits for its next tick. If the node dies in between, a one-shot reducer runs again. The one-shot row of a
 * procedure is deleted first, so that it never runs twice; one with an interval waits for its next tick when the procedure
 * has ended, so that it never runs beside itself.
 */
final class ScheduledCall {
    private static final long LATE_MICROS = 30_000;

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
        long now = now();
        FunctionCall function = reducer == null
                ? asDatabase(0, now, row)
                : asDatabase(reducer.id(), Math.max(due.dueMicros(), now), row);
        if (reducer == null) {
            environment.say(
                    Level.ERROR, due.functionName(), now, "the schedule names it, and the module has no such function");
        } else {
            noteLateness(now);
            logic.runUnheard(function, CallKind.SCHEDULED_REDUCER, instance);
        }
        settle(function, instance);
        return reducer != null;
    }

    /** For a procedure: what is to be begun once the row is dealt with; null if there is nothing. */
    DatabaseLogic.@Nullable ProcedureStart settleFirst() {
        Procedure procedure = logic.program().procedure(due.functionName());
        Bytes row = schedule.isReplaced(due) ? null : row();
        if (row == null) {
            return null;
        }
        long now = now();
        noteLateness(now);
        FunctionCall call = asDatabase(procedure == null ? 0 : procedure.id(), Math.max(due.dueMicros(), now), row);
        boolean isOneShot = !schedule.isInterval(due, row.unsafeArray(), 0, row.length());
        if (isOneShot) {
            settle(call, null);
        }
        return new DatabaseLogic.ProcedureStart(call, isOneShot);
    }

    /** After a procedure: one with an interval waits for its next tick. */
    void settleLast() {
        if (!schedule.isReplaced(due) && logic.program().procedure(due.functionName()) != null) {
            settle(asDatabase(0, now(), Bytes.EMPTY), null);
        }
    }

    private long now() {
        return environment.clock().epochMicros();
    }

    private FunctionCall asDatabase(int functionId, long timestampMicros, Bytes row) {
        return new FunctionCall(
                functionId, due.functionName(), environment.database(), ConnectionId.NONE, timestampMicros, row);
    }

    private void noteLateness(long nowMicros) {
        if (nowMicros - due.dueMicros() > LATE_MICROS) {
            environment.vitals().noteLateness(due.functionName(), nowMicros - due.dueMicros());
        }
    }

    /** @param instance for views that read the row, null if there is none at hand */
    private void settle(FunctionCall function, @Nullable Instance instance) {
        Bytes row = row();
        long now = now();
        if (row == null || !schedule.done(due, row.unsafeArray(), 0, row.length(), now)) {
            return;
        }
        Transaction cleanup = logic.store().begin();
        byte[] key = key();
        cleanup.deletePoint(keyIndex(), key, 0, key.length);
        logic.committedUnheard(
                logic.commitOfHost(cleanup, instance),
                asDatabase(function.functionId(), now, Bytes.EMPTY),
                CallKind.SCHEDULE_CLEANUP);
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
