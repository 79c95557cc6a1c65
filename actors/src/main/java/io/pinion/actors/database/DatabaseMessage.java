package io.pinion.actors.database;

import io.pinion.actors.durability.DurabilityNotice;
import io.pinion.actors.pool.InstancePool;
import io.pinion.actors.pool.Making;
import io.pinion.actors.procedure.WriteLoan;
import io.pinion.actors.schedule.ScheduleReading;
import io.pinion.modules.Instance;
import io.pinion.modules.Module;
import io.pinion.store.value.Bytes;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** Everything a database actor receives: the public commands and its notes to itself. */
sealed interface DatabaseMessage permits Database.Command, DatabaseMessage.Note {
    /** From its children, its timers and its futures; sorted by who they matter to, others drop them. */
    sealed interface Note extends DatabaseMessage {
        /** Matters while the database is published. */
        sealed interface ToServing extends Note {}

        /** Matters while a program is being published. */
        sealed interface ToPublisher extends Note {}

        /** Matters while the log is read. */
        sealed interface ToRecovering extends Note {}

        /** Matters while the database ends, or leaves its node. */
        sealed interface ToEnding extends Note {}

        record FromPool(InstancePool.Answer answer) implements ToServing {}

        /** The program of a recovered database. */
        record ModuleLoaded(long generation, Module module) implements ToServing {}

        record ModuleNotLoaded(long generation, String reason) implements ToServing {}

        /** It is time to look at the schedule. */
        enum ScheduleTimer implements ToServing {
            INSTANCE
        }

        /** A row of a schedule table is due. Takes its turn with calls; at most one is under way. */
        enum ScheduleDue implements ToServing {
            INSTANCE
        }

        /** A worker has read the rows of schedules that there were. */
        record ScheduleRead(ScheduleReading reading) implements ToServing {}

        record ScheduleUnreadable(ScheduleReading reading, Throwable cause) implements ToServing {}

        /** The workers had no time to read them. */
        enum ScheduleNotRead implements ToServing {
            INSTANCE
        }

        /** Rows of schedules that were read have to be entered. Takes its turn with calls; at most one is under way. */
        record EnterSchedule(ScheduleReading reading) implements ToServing {}

        /** The guest asked for a call outside its transaction. Takes its turn with calls. */
        record CallImmediately(String function, Bytes arguments) implements ToServing {}

        /**
         * A client's connection has ended. Takes its turn with calls; one per connection.
         *
         * @param client of which that was noticed; null if the connection has not come back
         */
        record ClientGone(Database.Caller caller, @Nullable ActorRef<?> client) implements ToServing {}

        /** Connections that might have come back by now are not waited for by everybody any longer. */
        enum ReturnsMissed implements ToServing {
            INSTANCE
        }

        /** Nobody comes back any more. */
        enum ReturnsOver implements ToServing {
            INSTANCE
        }

        /** Tell connections how far they were told everything. */
        enum NoteOffset implements ToServing {
            INSTANCE
        }

        /** An instance for a procedure, or none. */
        record FromPoolForProcedure(InstancePool.Answer answer) implements ToServing {}

        /** A procedure wants to write. Takes its turn with calls. */
        record WriteAsked(ProcedureRun run, WriteLoan loan) implements ToServing {}

        /**
         * A procedure has committed or undone what it wrote.
         *
         * @param doubt what left the tables in doubt, null if nothing did
         */
        record WriteReturned(WriteLoan loan, @Nullable Throwable doubt) implements ToServing {}

        record ProcedureEnded(ProcedureRun run) implements ToServing {}

        /** That a scheduled procedure is about to run is durable, and it may. */
        record ProcedureDue(Instance.FunctionCall call) implements ToServing {}

        /** Look whether anybody still needs the database in memory. */
        enum PassivationCheck implements ToServing {
            INSTANCE
        }

        /** The catalogue knows when the database is to be woken, or could not be told. */
        record WakeRecorded(long atMicros, boolean isDurable) implements ToServing {}

        /** Look whether rows of views are still asked for. */
        enum ViewCheck implements ToServing {
            INSTANCE
        }

        /** Views are outdated and have to be evaluated. Takes its turn with calls; at most one is under way. */
        enum RefreshViews implements ToServing {
            INSTANCE
        }

        /** What became of a failed write is known, and the journal takes more. */
        enum JournalSettled implements ToServing {
            INSTANCE
        }

        /** A worker has read rows for a connection, or tried to. */
        record RowsRead(LongReading reading, LongReading.Outcome outcome) implements ToServing {}

        /** A worker has run a query. */
        record LongQueryEnded(LongQuery query, Database.QueryOutcome outcome) implements ToServing {}

        /** Somebody else writes the log. */
        record JournalForeign(String reason) implements ToServing {}

        /** Try to find out what became of a failed write. */
        enum Settle implements ToServing {
            INSTANCE
        }

        /** That has taken too long. */
        enum SettleOverdue implements ToServing {
            INSTANCE
        }

        /** So much was written since the newest snapshot that another is due. */
        enum LogIsLong implements ToServing {
            INSTANCE
        }

        /** The snapshot that was begun is written, or was given up. */
        record SnapshotEnded(Database.SnapshotOutcome outcome) implements ToServing {}

        /** Look whether the instance is still needed. */
        enum IdleCheck implements ToServing {
            INSTANCE
        }

        /** The instance on loan may not be used again. */
        enum DiscardInstance implements ToServing {
            INSTANCE
        }

        /** A program that is being published; an instance of it was made, or was tried to. */
        record Prepared(long publication, Bytes programHash, Module module, Making making, UnpublishedHost host)
                implements ToPublisher {}

        /** The program that is being published is the one that runs already. */
        record SameProgram(long publication, List<String> warnings) implements ToPublisher {
            public SameProgram {
                warnings = List.copyOf(warnings);
            }
        }

        record NotPrepared(long publication, Database.PublishOutcome outcome) implements ToPublisher {}

        record ProgramStored(long publication) implements ToPublisher {}

        record ProgramNotStored(long publication, String reason) implements ToPublisher {}

        /** A step of making tables anew is done. */
        record TablesBuilt(long publication) implements ToPublisher {}

        record TablesNotBuilt(long publication, Throwable failure) implements ToPublisher {}

        /** Tables that are made anew have changes to follow. Takes its turn with calls; at most one is under way. */
        record CatchUp(long publication) implements ToPublisher {}

        /** A state from a backup is whole and its rows are in the journal. */
        record StateReady(long restoration, Incoming.Ready state) implements ToPublisher {}

        record StateNotReady(long restoration, Database.RestoreOutcome outcome) implements ToPublisher {}

        /** The entry that makes such a state the database's is in its log. */
        enum RestoreDurable implements ToEnding {
            INSTANCE
        }

        record FromDurability(DurabilityNotice notice) implements ToRecovering {}

        /** The log is read as far as was asked for. */
        record LogRead(long attempt) implements ToRecovering {}

        record LogNotRead(long attempt, Throwable cause) implements ToRecovering {}

        /** An operator's cut is in the journal. */
        record LogCut(Database.Command.TruncateLog command, long eventsCut) implements ToRecovering {}

        record LogNotCut(Database.Command.TruncateLog command, Throwable cause) implements ToRecovering {}

        /** Try to recover again. */
        enum Recover implements ToRecovering {
            INSTANCE
        }

        /** The end of the database is durable. */
        enum DeletionDurable implements ToEnding {
            INSTANCE
        }

        /** Everything that was to be written and answered before a stop is. */
        enum Drained implements ToEnding {
            INSTANCE
        }

        /** The journal has had its time, and the stop does not wait for it any longer. */
        enum StopOverdue implements ToEnding {
            INSTANCE
        }

        /** Matters always. */
        record FollowerGone(ActorRef<?> follower) implements Note {}

        /**
         * An order is in the journal, or not. Matters always.
         *
         * @param orders with it
         * @param failure null if it is
         */
        record OrderEnded(Orders orders, @Nullable Throwable failure) implements Note {}
    }
}
