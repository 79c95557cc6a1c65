package io.pinion.actors.database;

import io.pinion.actors.backup.BackupException;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RestoreOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The restores of one database, one at a time. While the archive is read and checked, off the core, the database goes on as
 * it is.
 */
final class Restorer {
    private final Cell cell;
    private Command.@Nullable Restore current;
    private @Nullable Incoming incoming;
    private long restoration;

    Restorer(Cell cell) {
        this.cell = cell;
    }

    /** A state that is to be the database's from now on. */
    record Begun(Command.Restore command, Incoming.Ready state) {}

    boolean isIdle() {
        return current == null;
    }

    /** @param present what there is already; null for nothing */
    void restore(Command.Restore command, @Nullable Program present) {
        RestoreOutcome objection = current == null ? objection(command, present) : Outcomes.ANOTHER_CAME;
        if (objection != null) {
            command.replyTo().tell(objection);
            return;
        }
        RestoreMeter meter =
                new RestoreMeter(cell.database(), cell.settings().durability().progressInterval());
        Incoming begun = new Incoming(cell.services(), cell.database(), command.point(), command.owner(), meter);
        long mine = cell.nextPublication();
        try {
            cell.context()
                    .pipeToSelf(
                            cell.services().transfers().receive(command.archive(), begun),
                            (ready, failure) -> failure == null
                                    ? new Note.StateReady(mine, ready)
                                    : new Note.StateNotReady(mine, refusal(failure)));
        } catch (RejectedExecutionException _) {
            command.replyTo().tell(Outcomes.TRANSFERS_ARE_BUSY);
            return;
        }
        restoration = mine;
        current = command;
        incoming = begun;
        cell.vitals().restoring(meter);
        cell.context()
                .getLog()
                .info(
                        "a restore of database {} begins; asked for by {}",
                        cell.database(),
                        command.requester().identity());
    }

    private static @Nullable RestoreOutcome objection(Command.Restore command, @Nullable Program present) {
        if (present == null) {
            return null;
        }
        if (!command.requester().mayActFor(present.owner())) {
            return new Database.NotOwner(present.owner());
        }
        return command.replace() ? null : Outcomes.ALREADY_EXISTS;
    }

    private RestoreOutcome refusal(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        cell.context().getLog().info("nothing is restored to {}: {}", cell.database(), cause.getMessage());
        return new Database.NotRestored(
                switch (cause) {
                    case BackupException unusable -> String.valueOf(unusable.getMessage());
                    case UncheckedIOException broken -> "the backup did not come to its end: " + broken.getMessage();
                    default -> "it ended in an error of the host: " + cause;
                });
    }

    /** @return what is to be carried out; null if it is no longer wanted, or if there is something in its way now */
    @Nullable
    Begun onReady(Note.StateReady ready, @Nullable Program present) {
        Command.Restore command = current;
        if (ready.restoration() != restoration || command == null) {
            return null;
        }
        end();
        RestoreOutcome objection = objection(command, present);
        if (objection != null) {
            command.replyTo().tell(objection);
            return null;
        }
        return new Begun(command, ready.state());
    }

    void onNotReady(Note.StateNotReady notReady) {
        Command.Restore command = current;
        if (notReady.restoration() == restoration && command != null) {
            end();
            command.replyTo().tell(notReady.outcome());
        }
    }

    /** Gives up what is under way: the database fences, ends or begins otherwise. */
    void abort(RestoreOutcome outcome) {
        Command.Restore command = current;
        Incoming begun = incoming;
        end();
        if (begun != null) {
            begun.cancel();
        }
        if (command != null) {
            command.replyTo().tell(outcome);
        }
    }

    private void end() {
        restoration = 0;
        current = null;
        incoming = null;
        cell.vitals().restoring(null);
    }
}
