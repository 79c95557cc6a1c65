package io.pinion.actors.database;

import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The beginning and the end of a connection: its rows in the system tables, and the module's reducers for it, in one
 * transaction. Driven by the database's thread.
 */
final class ConnectionRun {
    private final DatabaseLogic logic;
    private final DatabaseEnvironment environment;
    private final GuestRun guest;
    private final Views views;

    ConnectionRun(DatabaseLogic logic, DatabaseEnvironment environment, GuestRun guest, Views views) {
        this.logic = logic;
        this.environment = environment;
        this.guest = guest;
        this.views = views;
    }

    /**
     * Writes the connection down and has the module accept it.
     *
     * @param reducer null if the module has none for it
     * @return why it is refused; null if it is accepted
     */
    @Nullable
    String connect(
            Caller caller,
            String claims,
            @Nullable Reducer reducer,
            @Nullable Instance instance,
            Program program,
            Datastore store) {
        SystemRecords records = store.records();
        Runnable record = () -> {
            if (!records.connect(caller.identity(), caller.connectionId(), claims)) {
                throw new IllegalStateException("connection " + caller.connectionId() + " is there already");
            }
        };
        FunctionCall call = call(reducer, caller);
        if (reducer == null || instance == null) {
            logic.committedUnheard(commit(store, record, instance), call, CallKind.CLIENT_CONNECTED);
            return null;
        }
        GuestResult result = guest.reducer(
                CallType.REDUCER, instance, call, program, store, views, new GuestRun.HostPart(record, () -> {}));
        if (result instanceof GuestResult.Returned) {
            logic.committedUnheard(guest.takeDelta(), call, CallKind.CLIENT_CONNECTED);
            return null;
        }
        return reason(result, call);
    }

    private Delta commit(Datastore store, Runnable change, @Nullable Instance instance) {
        Transaction transaction = store.begin();
        change.run();
        return logic.commitOfHost(transaction, instance);
    }

    private String reason(GuestResult result, FunctionCall call) {
        String reason = switch (result) {
            case GuestResult.UserError(String message) -> message;
            case GuestResult.Failed(String why) -> why;
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> guest.stopReason(CallType.REDUCER);
            case GuestResult.Returned _ -> throw new IllegalArgumentException("no failure: " + result);
        };
        environment.say(Level.ERROR, call.functionName(), call.timestampMicros(), reason);
        return reason;
    }

    /** Tells the module that the connection has ended, and forgets it whatever the module says. */
    void disconnect(
            Caller caller, @Nullable Reducer reducer, @Nullable Instance instance, Program program, Datastore store) {
        SystemRecords records = store.records();
        Runnable forget = () -> records.disconnect(caller.identity(), caller.connectionId());
        FunctionCall call = call(reducer, caller);
        if (reducer != null && instance != null) {
            GuestResult result = guest.reducer(
                    CallType.REDUCER, instance, call, program, store, views, new GuestRun.HostPart(() -> {}, forget));
            if (result instanceof GuestResult.Returned) {
                logic.committedUnheard(guest.takeDelta(), call, CallKind.CLIENT_DISCONNECTED);
                return;
            }
            reason(result, call);
        }
        logic.committedUnheard(commit(store, forget, instance), call, CallKind.CLIENT_DISCONNECTED);
    }

    private FunctionCall call(@Nullable Reducer reducer, Caller caller) {
        return new FunctionCall(
                reducer == null ? 0 : reducer.id(),
                reducer == null ? "" : reducer.name(),
                caller.identity(),
                caller.connectionId(),
                environment.clock().epochMicros(),
                Bytes.EMPTY);
    }
}
