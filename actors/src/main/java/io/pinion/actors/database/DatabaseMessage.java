package io.pinion.actors.database;

import io.pinion.actors.durability.DurabilityNotice;
import io.pinion.actors.pool.InstancePool;
import io.pinion.actors.pool.Making;
import io.pinion.modules.Module;
import io.pinion.store.value.Bytes;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** Everything a database actor receives: the public commands and its notes to itself. */
sealed interface DatabaseMessage permits Database.Command, DatabaseMessage.Note {
    /** From its children, its timers and its futures. */
    sealed interface Note extends DatabaseMessage {
        record FromDurability(DurabilityNotice notice) implements Note {}

        record FromPool(InstancePool.Answer answer) implements Note {}

        /** Try to recover again. */
        enum Recover implements Note {
            INSTANCE
        }

        /** The program of a recovered database. */
        record ModuleLoaded(long generation, Module module) implements Note {}

        record ModuleNotLoaded(long generation, String reason) implements Note {}

        /** A program that is being published; an instance of it was made, or was tried to. */
        record Prepared(long publication, Bytes programHash, Module module, Making making) implements Note {}

        /** The program that is being published is the one that runs already. */
        record SameProgram(long publication, List<String> warnings) implements Note {
            public SameProgram {
                warnings = List.copyOf(warnings);
            }
        }

        record NotPrepared(long publication, Database.PublishOutcome outcome) implements Note {}

        record ProgramStored(long publication) implements Note {}

        record ProgramNotStored(long publication, String reason) implements Note {}

        /** A row of a schedule table is due. */
        enum ScheduleDue implements Note {
            INSTANCE
        }

        /** Look whether the instance is still needed. */
        enum IdleCheck implements Note {
            INSTANCE
        }

        /** The guest asked for a call outside its transaction. */
        record CallImmediately(String function, Bytes arguments) implements Note {}

        /** The end of the database is durable. */
        enum DeletionDurable implements Note {
            INSTANCE
        }

        /** Everything that was to be written and answered before a stop is. */
        enum Drained implements Note {
            INSTANCE
        }

        /** The journal has had its time, and the stop does not wait for it any longer. */
        enum StopOverdue implements Note {
            INSTANCE
        }

        /** The instance on loan may not be used again. */
        enum DiscardInstance implements Note {
            INSTANCE
        }

        record FollowerGone(ActorRef<?> follower) implements Note {}
    }
}
