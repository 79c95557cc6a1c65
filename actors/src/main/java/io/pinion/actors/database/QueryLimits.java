package io.pinion.actors.database;

import io.pinion.actors.database.Database.Limit;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.tx.OperationStoppedException;

/** What the store does for queries, under their limits. Threadsafe. */
final class QueryLimits {
    /** What stands for a function where one is named. */
    private static final String QUERY = "query";

    private final DatabaseEnvironment environment;

    QueryLimits(DatabaseEnvironment environment) {
        this.environment = environment;
    }

    /** @param slot this thread's, which says to what is read when to stop */
    void run(CallSlot slot, Runnable query) throws QueryStoppedException {
        boolean isStopped = false;
        Vitals vitals = environment.vitals();
        Clock clock = environment.clock();
        slot.begin(
                vitals, QUERY, null, clock.nanoTime(), vitals.limits().query().toNanos());
        Limit reached;
        try {
            query.run();
        } catch (OperationStoppedException e) {
            isStopped = true;
        } finally {
            reached = slot.end();
        }
        if (isStopped) {
            String reason = "stopped: " + GuestRun.stopReason(reached, CallType.QUERY, vitals.limits());
            vitals.noteStop();
            environment.say(Level.ERROR, QUERY, clock.epochMicros(), reason);
            throw new QueryStoppedException(reason);
        }
    }

    /**
     * The same for a statement that somebody waits for.
     *
     * @throws BadQueryException if it takes too long, or more memory than there is; whatever it changed is to be undone
     */
    void runStatement(CallSlot slot, Runnable statement) throws BadQueryException {
        try {
            run(slot, statement);
        } catch (QueryStoppedException e) {
            throw new BadQueryException("the query was " + e.getMessage());
        } catch (QueryResult.TooLargeException e) {
            throw new BadQueryException("the result is larger than "
                    + environment.settings().queryBytesMax() + " bytes; use LIMIT or a narrower condition");
        } catch (StackOverflowError | OutOfMemoryError e) {
            throw tooMuch(e);
        }
    }

    static BadQueryException tooMuch(VirtualMachineError error) {
        return new BadQueryException("the statement takes more memory than this node can spare: " + error);
    }
}
