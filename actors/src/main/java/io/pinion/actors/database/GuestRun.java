package io.pinion.actors.database;

import io.pinion.actors.database.Database.Limit;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Transaction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One guest call after the other, each in a transaction of its own, under the limits of its type. Whatever the guest or
 * its engine throws comes back as a result. What is thrown here leaves the tables in doubt. Used by one thread at a time.
 * Hot path: nothing is allocated but the transaction.
 */
final class GuestRun {
    private static final Logger log = LoggerFactory.getLogger(GuestRun.class);
    private static final GuestResult.Stopped STOPPED = new GuestResult.Stopped();

    private final DatabaseEnvironment environment;
    private final Clock clock;
    private final CallMonitor monitor;
    private final Vitals vitals;
    private final AllocationAccount account;
    private HostPart hostPart = HostPart.NONE;
    private Delta delta = Delta.EMPTY;
    private @Nullable Limit limit;
    private boolean isInstanceBroken;
    private long executionNanos;

    GuestRun(DatabaseEnvironment environment) {
        this.environment = environment;
        this.clock = environment.clock();
        this.monitor = environment.monitor();
        this.vitals = environment.vitals();
        this.account = new AllocationAccount(monitor.allocated(), vitals);
    }

    /** Runs a reducer. If it returned it is committed and {@link #takeDelta} is what it changed, else it is rolled back. */
    GuestResult reducer(CallType type, Instance instance, FunctionCall call, Datastore store) {
        return run(type, instance, null, call, store);
    }

    /** What the host itself changes in the transaction of a reducer. */
    record HostPart(Runnable before, Runnable afterReturn) {
        static final HostPart NONE = new HostPart(() -> {}, () -> {});
    }

    /** As the other, with something to do before the call and after it has returned, in the same transaction. */
    GuestResult reducer(CallType type, Instance instance, FunctionCall call, Datastore store, HostPart part) {
        hostPart = part;
        try {
            return reducer(type, instance, call, store);
        } finally {
            hostPart = HostPart.NONE;
        }
    }

    /** Runs a view; it changes nothing. */
    GuestResult view(Instance instance, ViewDef view, FunctionCall call, Datastore store) {
        return run(CallType.VIEW, instance, view, call, store);
    }

    @SuppressWarnings("IllegalCatch") // a guest may provoke any error; it ends its call and its instance, nothing else
    private GuestResult run(
            CallType type, Instance instance, @Nullable ViewDef view, FunctionCall call, Datastore store) {
        CallSlot slot = monitor.slot();
        long start = clock.nanoTime();
        long limitNanos = vitals.limits().of(type).toNanos();
        Transaction transaction = store.begin(call.timestampMicros(), slot);
        hostPart.before().run();
        account.begin(instance);
        GuestResult result = null;
        Throwable thrown = null;
        slot.begin(vitals, call.functionName(), instance, start, limitNanos);
        try {
            result = view == null
                    ? instance.callReducer(call, transaction)
                    : instance.callView(call, view.isAnonymous(), transaction);
        } catch (Throwable e) {
            thrown = e;
        }
        limit = slot.end();
        Thread.interrupted(); // a guest's engine may have left the flag set; it would end what this thread does next
        account.end();
        executionNanos = clock.nanoTime() - start;
        isInstanceBroken = thrown != null || !instance.isUsable();
        GuestResult ended = result == null ? thrown(call, thrown) : result;
        if (limit != null) {
            ended = stopped(slot, ended);
        } else if (ended instanceof GuestResult.OutOfMemory) {
            limit = Limit.MEMORY_LIMIT;
            isInstanceBroken = true;
        }
        return end(transaction, view == null, ended, call, type);
    }

    private static GuestResult thrown(FunctionCall call, @Nullable Throwable thrown) {
        log.warn("a call of {} ended in an error that its engine did not catch", call.functionName(), thrown);
        return thrown instanceof OutOfMemoryError
                ? new GuestResult.OutOfMemory("the host has no memory left for this call: " + thrown.getMessage())
                : new GuestResult.Failed(String.valueOf(thrown));
    }

    /**
     * A call that returned all the same has finished just in time and counts; its instance may have been left with the
     * request to stop and does not.
     */
    private GuestResult stopped(CallSlot slot, GuestResult result) {
        isInstanceBroken |= slot.wasStuck() || limit == Limit.MEMORY_LIMIT;
        return switch (result) {
            case GuestResult.Stopped stopped -> stopped;
            case GuestResult.Failed _, GuestResult.OutOfMemory _ -> STOPPED;
            case GuestResult.Returned _, GuestResult.UserError _ -> {
                isInstanceBroken = true;
                limit = null;
                yield result;
            }
        };
    }

    private GuestResult end(
            Transaction transaction, boolean mayChange, GuestResult result, FunctionCall call, CallType type) {
        delta = Delta.EMPTY;
        GuestResult ended = result;
        if (mayChange && result instanceof GuestResult.Returned) {
            hostPart.afterReturn().run();
            ended = commit(transaction, result);
        } else {
            transaction.rollback();
        }
        if (limit != null) {
            vitals.noteStop();
            environment.say(Level.ERROR, call.functionName(), call.timestampMicros(), "stopped: " + stopReason(type));
        }
        return ended;
    }

    /** What a guest left interrupted cannot be committed, nor what is too large to be put together. */
    @SuppressWarnings("IllegalCatch") // as long as the transaction is open nothing has happened that is not undone
    private GuestResult commit(Transaction transaction, GuestResult result) {
        try {
            delta = transaction.commit();
            return result;
        } catch (Throwable e) {
            if (!transaction.isOpen()) {
                throw e;
            }
            transaction.rollback();
            isInstanceBroken = true;
            log.warn("a transaction could not be committed and was rolled back", e);
            if (e instanceof OutOfMemoryError) {
                limit = Limit.MEMORY_LIMIT;
                return new GuestResult.OutOfMemory("the host has no memory left for what the call changes");
            }
            return new GuestResult.Failed("what the call changes cannot be committed: " + e.getMessage());
        }
    }

    /** What the last call changed; empty unless it returned. To be asked once. */
    Delta takeDelta() {
        Delta taken = delta;
        delta = Delta.EMPTY;
        return taken;
    }

    /** What ended the last call, if it was stopped or ran out of memory; null otherwise. */
    @Nullable
    Limit limit() {
        return limit;
    }

    /** {@link #limit} in words, for people. */
    String stopReason(CallType type) {
        return stopReason(limit, type, vitals.limits());
    }

    /** Why a call of that type was stopped, in words. */
    static String stopReason(@Nullable Limit limit, CallType type, CallLimits limits) {
        return limit == Limit.MEMORY_LIMIT
                ? "it took more memory than this node can spare (pinion.limits.heap-guard)"
                : "it ran longer than " + limits.of(type).toMillis() + " ms (pinion.limits." + type.key() + ")";
    }

    /** Whether the instance of the last call may not be used again. */
    boolean isInstanceBroken() {
        return isInstanceBroken;
    }

    /** Wall time of the last call. */
    long executionNanos() {
        return executionNanos;
    }
}
