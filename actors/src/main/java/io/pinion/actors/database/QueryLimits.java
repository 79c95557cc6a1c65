package io.pinion.actors.database;

import io.pinion.actors.database.Database.Limit;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.tx.OperationStoppedException;
import org.jspecify.annotations.Nullable;

/** What SQL does with the tables, under the limits of queries. Threadsafe. */
final class QueryLimits {
    /** What stands for a function where one is named. */
    private static final String QUERY = "query";

    private final DatabaseEnvironment environment;
    private final CallLimits limits;

    QueryLimits(DatabaseEnvironment environment) {
        this.environment = environment;
        this.limits = environment.vitals().limits();
    }

    @FunctionalInterface
    interface Work<T> {
        T run();
    }

    /**
     * Does the work on this thread.
     *
     * @param slot this thread's, which says to what is read when to stop
     * @throws BadQueryException if it takes too long, or more memory than there is; whatever it changed is to be undone
     */
    <T> T run(CallSlot slot, Work<T> work) throws BadQueryException {
        boolean isStopped = false;
        @Nullable T done = null;
        Limit limit;
        long limitNanos = limits.query().toNanos();
        slot.begin(environment.vitals(), QUERY, null, environment.clock().nanoTime(), limitNanos);
        try {
            done = work.run();
        } catch (OperationStoppedException e) {
            isStopped = true;
        } catch (QueryResult.TooLargeException e) {
            throw new BadQueryException("the result is larger than "
                    + environment.settings().queryBytesMax() + " bytes; use LIMIT or a narrower condition");
        } catch (StackOverflowError | OutOfMemoryError e) {
            throw tooMuch(e);
        } finally {
            limit = slot.end();
        }
        if (isStopped || done == null) {
            throw stopped(limit);
        }
        return done;
    }

    static BadQueryException tooMuch(VirtualMachineError error) {
        return new BadQueryException("the statement takes more memory than this node can spare: " + error);
    }

    private BadQueryException stopped(@Nullable Limit limit) {
        String reason = "stopped: " + GuestRun.stopReason(limit, CallType.QUERY, limits);
        environment.vitals().noteStop();
        environment.say(Level.ERROR, QUERY, environment.clock().epochMicros(), reason);
        return new BadQueryException("the query was " + reason);
    }
}
