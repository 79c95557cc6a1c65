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
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
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
    private static final GuestResult RETURNED = new GuestResult.Returned(Bytes.EMPTY);

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

    /**
     * Runs a reducer, and after it the views that it has made stale. If all of them returned it is committed and
     * {@link #takeDelta} is what it changed, else it is rolled back.
     */
    GuestResult reducer(
            CallType type, Instance instance, FunctionCall call, Program program, Datastore store, Views views) {
        CallSlot slot = monitor.slot();
        long start = clock.nanoTime();
        Transaction transaction = store.begin(call.timestampMicros(), slot);
        hostPart.before().run();
        GuestResult result = guarded(type, slot, instance, null, call, transaction);
        if (result instanceof GuestResult.Returned) {
            hostPart.afterReturn().run();
        }
        if (result instanceof GuestResult.Returned && !views.isEmpty()) {
            result = refresh(views, new ViewRun(program, store, within(instance, slot)), store, transaction, result);
        }
        result = end(type, call, transaction, result, views);
        executionNanos = clock.nanoTime() - start;
        vitals.countReducer(result, executionNanos);
        return result;
    }

    /** What the host itself changes in the transaction of a reducer. */
    record HostPart(Runnable before, Runnable afterReturn) {
        static final HostPart NONE = new HostPart(() -> {}, () -> {});
    }

    /** As the other, with something to do before the call and after it has returned, in the same transaction. */
    GuestResult reducer(
            CallType type,
            Instance instance,
            FunctionCall call,
            Program program,
            Datastore store,
            Views views,
            HostPart part) {
        hostPart = part;
        try {
            return reducer(type, instance, call, program, store, views);
        } finally {
            hostPart = HostPart.NONE;
        }
    }

    /**
     * Evaluates a view and commits its rows. Nothing else can change by that.
     *
     * @return the instance, which is kept
     */
    Views.Materialised materialise(
            Instance instance, ViewDef view, Identity caller, Program program, Datastore store, Views views)
            throws ViewFailedException {
        CallSlot slot = monitor.slot();
        Transaction transaction = store.begin(clock.epochMicros(), slot);
        ViewRun run = new ViewRun(program, store, within(instance, slot));
        boolean isDone = false;
        isInstanceBroken = false;
        try {
            Views.Materialised made = views.evaluate(store, transaction, run, view, caller, clock.nanoTime());
            views.makeRoom(store);
            transaction.commit();
            isDone = true;
            views.keep();
            return made;
        } finally {
            if (!isDone && transaction.isOpen()) {
                transaction.rollback();
                views.forget();
            }
        }
    }

    /**
     * Commits what the host itself has changed. Views that it makes stale are evaluated again, but do not stand in its way:
     * if one fails, or there is no instance to evaluate them, they are outdated by it.
     */
    Delta commitOfHost(
            Transaction transaction, @Nullable Instance instance, Program program, Datastore store, Views views) {
        if (!views.isEmpty() && !isRefreshed(transaction, instance, program, store, views)) {
            views.forget();
            views.outdateStale(store);
        }
        Delta committed = transaction.commit();
        views.keep();
        return committed;
    }

    private boolean isRefreshed(
            Transaction transaction, @Nullable Instance instance, Program program, Datastore store, Views views) {
        return instance != null
                && instance.isUsable()
                && refresh(
                                views,
                                new ViewRun(program, store, within(instance, monitor.slot())),
                                store,
                                transaction,
                                RETURNED)
                        .equals(RETURNED);
    }

    /**
     * Evaluates one of the views that are outdated, or gives it up if that fails.
     *
     * @return what has become of rows of views by that, and of nothing else
     */
    Delta bringUpToDate(Instance instance, Program program, Datastore store, Views views) {
        CallSlot slot = monitor.slot();
        Transaction transaction = store.begin(clock.epochMicros(), slot);
        ViewRun run = new ViewRun(program, store, within(instance, slot));
        isInstanceBroken = false;
        GuestResult result = run(() -> views.bringUpToDate(store, transaction, run), RETURNED);
        if (result.equals(RETURNED)) {
            Delta delta = transaction.commit();
            views.keep();
            return delta;
        }
        transaction.rollback();
        views.forget();
        if (result instanceof GuestResult.Failed(String reason)) {
            environment.say(Level.ERROR, reason);
        }
        return giveUpOutdated(store, views);
    }

    /** Gives up one of the views that are outdated. */
    Delta giveUpOutdated(Datastore store, Views views) {
        Transaction transaction = store.begin();
        views.dropOutdated(store);
        Delta delta = transaction.commit();
        views.keep();
        return delta;
    }

    /** Evaluates again what the open transaction of a statement has made stale. */
    void refresh(Instance instance, Program program, Datastore store, Views views, Transaction transaction)
            throws ViewFailedException {
        isInstanceBroken = false;
        views.refresh(store, transaction, new ViewRun(program, store, within(instance, monitor.slot())));
    }

    private GuestResult refresh(
            Views views, ViewRun run, Datastore store, Transaction transaction, GuestResult result) {
        return run(() -> views.refresh(store, transaction, run), result);
    }

    /** Evaluates views. */
    private interface Evaluation {
        void run() throws ViewFailedException;
    }

    /** @return the result, or the failure of a view */
    @SuppressWarnings("IllegalCatch") // the memory may end anywhere; all of it is undone with the transaction
    private GuestResult run(Evaluation evaluation, GuestResult result) {
        try {
            evaluation.run();
            return result;
        } catch (ViewFailedException e) {
            limit = null;
            return new GuestResult.Failed(e.text());
        } catch (Throwable e) {
            log.warn("views could not be evaluated again", e);
            return new GuestResult.Failed("views could not be evaluated again: " + e);
        }
    }

    /** Calls views in a transaction of this thread, each under its own limit. */
    private ViewRun.Guest within(Instance instance, CallSlot slot) {
        return new ViewRun.Guest() {
            @Override
            public GuestResult call(ViewDef view, FunctionCall call, Transaction transaction) {
                GuestResult result = guarded(CallType.VIEW, slot, instance, view, call, transaction);
                if (limit != null) {
                    noteStop(call.functionName(), clock.epochMicros(), CallType.VIEW);
                }
                return result;
            }

            @Override
            public void query(Runnable query) throws QueryStoppedException {
                new QueryLimits(environment).run(slot, query);
            }

            @Override
            public String stopReason() {
                return GuestRun.this.stopReason(CallType.VIEW);
            }
        };
    }

    @SuppressWarnings("IllegalCatch") // a guest may provoke any error; it ends its call and its instance, nothing else
    private GuestResult guarded(
            CallType type,
            CallSlot slot,
            Instance instance,
            @Nullable ViewDef view,
            FunctionCall call,
            Transaction transaction) {
        GuestResult result = null;
        Throwable thrown = null;
        boolean wasBroken = view != null && isInstanceBroken;
        account.begin(instance);
        slot.begin(
                vitals,
                call.functionName(),
                instance,
                clock.nanoTime(),
                vitals.limits().of(type).toNanos());
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
        isInstanceBroken = wasBroken || thrown != null || !instance.isUsable();
        GuestResult ended = result == null ? thrown(call, thrown) : result;
        if (limit != null) {
            return stopped(slot, ended);
        }
        if (ended instanceof GuestResult.OutOfMemory) {
            limit = Limit.MEMORY_LIMIT;
            isInstanceBroken = true;
        }
        return ended;
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
            CallType type, FunctionCall call, Transaction transaction, GuestResult result, Views views) {
        delta = Delta.EMPTY;
        GuestResult ended = result;
        if (result instanceof GuestResult.Returned) {
            ended = commit(transaction, result);
        } else {
            transaction.rollback();
        }
        if (ended instanceof GuestResult.Returned) {
            views.keep();
        } else {
            views.forget();
        }
        if (limit != null) {
            noteStop(call.functionName(), call.timestampMicros(), type);
        }
        return ended;
    }

    private void noteStop(String function, long timestampMicros, CallType type) {
        vitals.noteStop();
        environment.say(Level.ERROR, function, timestampMicros, "stopped: " + stopReason(type));
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

    /** What comes next may run no guest at all, and then says nothing of an instance. */
    void beginAnew() {
        isInstanceBroken = false;
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
