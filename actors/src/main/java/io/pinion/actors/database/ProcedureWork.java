package io.pinion.actors.database;

import io.pinion.actors.schedule.Due;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.HttpCall;
import org.jspecify.annotations.Nullable;

/** What runs on an instance of its own, beside the database. Immutable. */
sealed interface ProcedureWork {
    /** Canonical, for people. */
    String functionName();

    /** After which it is not begun any more, as in {@link Database.Command.CallReducer}. */
    long deadlineNanos();

    /**
     * A procedure.
     *
     * @param procedure what its result is checked against
     * @param command who waits for it, null if nobody does
     * @param interval the row of a schedule table that waits for its next tick when it has ended, null if there is none
     */
    record OfProcedure(
            Procedure procedure,
            FunctionCall call,
            Database.Command.@Nullable CallProcedure command,
            @Nullable Due interval)
            implements ProcedureWork {
        @Override
        public String functionName() {
            return call.functionName();
        }

        @Override
        public long deadlineNanos() {
            return command == null ? Database.NO_DEADLINE : command.deadlineNanos();
        }
    }

    /** An HTTP handler. */
    record OfHandler(HttpCall call, Database.Command.HandleHttp command) implements ProcedureWork {
        @Override
        public String functionName() {
            return call.functionName();
        }

        @Override
        public long deadlineNanos() {
            return command.deadlineNanos();
        }
    }
}
