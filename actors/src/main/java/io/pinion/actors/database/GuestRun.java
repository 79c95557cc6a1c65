package io.pinion.actors.database;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One guest call after the other, each in a transaction that it opens and its user ends. Whatever the guest or its engine
 * throws comes back as a result. Used by one thread at a time. Hot path: nothing is allocated but the transaction.
 */
final class GuestRun {
    private static final Logger log = LoggerFactory.getLogger(GuestRun.class);
    private static final GuestResult.Stopped STOPPED = new GuestResult.Stopped();

    private final Clock clock;
    private final CallMonitor monitor;
    private @Nullable Transaction transaction;
    private boolean isInstanceBroken;
    private long executionNanos;

    GuestRun(Clock clock, CallMonitor monitor) {
        this.clock = clock;
        this.monitor = monitor;
    }

    /** Opens a transaction and runs the reducer in it; {@link #transaction} is then to be committed or rolled back. */
    GuestResult reducer(Instance instance, FunctionCall call, Datastore store, long limitNanos) {
        return run(instance, null, call, store, limitNanos);
    }

    /** As {@link #reducer}, for a view. */
    GuestResult view(Instance instance, ViewDef view, FunctionCall call, Datastore store, long limitNanos) {
        return run(instance, view, call, store, limitNanos);
    }

    @SuppressWarnings("IllegalCatch") // a guest may provoke any error; it ends its call and its instance, nothing else
    private GuestResult run(
            Instance instance, @Nullable ViewDef view, FunctionCall call, Datastore store, long limitNanos) {
        CallSlot slot = monitor.slot();
        long start = clock.nanoTime();
        Transaction open = store.begin(call.timestampMicros(), slot);
        transaction = open;
        isInstanceBroken = false;
        GuestResult result;
        slot.begin(instance, start, limitNanos, monitor.gapNanos());
        try {
            result =
                    view == null ? instance.callReducer(call, open) : instance.callView(call, view.isAnonymous(), open);
        } catch (Throwable e) {
            isInstanceBroken = true;
            log.warn("a call of {} ended in an error that its engine did not catch", call.functionName(), e);
            result = new GuestResult.Failed(e.toString());
        }
        boolean wasAskedToStop = slot.end();
        executionNanos = clock.nanoTime() - start;
        isInstanceBroken |= !instance.isUsable();
        return wasAskedToStop ? afterStop(result) : result;
    }

    /**
     * A call that returned all the same has finished just in time and counts; its instance may have been left with the
     * request to stop and does not.
     */
    private GuestResult afterStop(GuestResult result) {
        return switch (result) {
            case GuestResult.Stopped stopped -> stopped;
            case GuestResult.Failed _, GuestResult.OutOfMemory _ -> STOPPED;
            case GuestResult.Returned _, GuestResult.UserError _ -> {
                isInstanceBroken = true;
                yield result;
            }
        };
    }

    /** That of the last call. */
    Transaction transaction() {
        Transaction last = transaction;
        if (last == null) {
            throw new IllegalStateException("nothing was called yet");
        }
        return last;
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
