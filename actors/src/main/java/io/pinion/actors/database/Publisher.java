package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command.Publish;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.pool.Making;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.RowRules;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.MigrationResult;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Brings programs to the point where the database can take them over, one after the other. Nothing that others can see
 * changes before that.
 *
 * <p>Idle → preparing: a publish is taken up; workers compile the module and make an instance. Preparing → storing: a
 * fresh start has run {@code init} in tables of its own, an update fits the schema; the program goes to the journal.
 * Storing → idle: the program is stored, what was made is handed over. Any → idle: it is refused and answered.
 */
final class Publisher {
    private final Cell cell;
    private long publication;
    private @Nullable Publish current;
    private CompletableFuture<Note> preparing = new CompletableFuture<>();
    private @Nullable Ready ready;

    /** What the database has to take over. */
    sealed interface Ready {
        Publish command();

        Module module();

        Program program();

        /** Nobody else has it. */
        Instance instance();

        /** Tables of its own, with what {@code init} did. */
        record Fresh(Publish command, Module module, Program program, Instance instance, Datastore store, Delta delta)
                implements Ready {}

        /** For the tables that there are. */
        record Update(Publish command, Module module, Program program, Instance instance) implements Ready {}
    }

    Publisher(Cell cell) {
        this.cell = cell;
    }

    /** Whether nothing is being published. */
    boolean isIdle() {
        return current == null;
    }

    /**
     * Takes a publish up; until it is done, others wait in the mailbox.
     *
     * @param program what the database runs now, null if nothing was published
     */
    void publish(Publish command, @Nullable Program program) {
        if (program != null && !program.isOwner(command.publisher())) {
            command.replyTo().tell(new Database.NotOwner(program.owner()));
            return;
        }
        current = command;
        cell.admission().holdPublishes();
        long number = ++publication;
        Program before = command.clear() ? null : program;
        CompletableFuture<Note> prepared;
        try {
            prepared = cell.services()
                    .modules()
                    .load(command.program())
                    .thenCompose(loaded -> prepare(number, loaded, before));
        } catch (RejectedExecutionException e) {
            prepared = CompletableFuture.failedFuture(e);
        }
        preparing = prepared;
        cell.context()
                .pipeToSelf(
                        prepared,
                        (note, failure) -> note == null ? new Note.NotPrepared(number, refusal(failure)) : note);
    }

    /** On a worker. */
    private CompletableFuture<Note> prepare(long number, ModuleCache.Loaded loaded, @Nullable Program before) {
        Module module = loaded.module();
        if (before != null && loaded.hash().equals(before.hash()) && before.isPublishedAs(module)) {
            return CompletableFuture.completedFuture(new Note.SameProgram(number, module.warnings()));
        }
        CompletableFuture<Note> prepared = new CompletableFuture<>();
        Making.start(
                cell.services().workers(),
                module,
                cell.instanceHost(),
                making -> prepared.complete(new Note.Prepared(number, loaded.hash(), module, making)));
        return prepared;
    }

    private static PublishOutcome refusal(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RejectedExecutionException) {
            return Outcomes.WORKERS_ARE_BUSY;
        }
        if (cause instanceof InvalidModuleException invalid) {
            return new Database.InvalidProgram(String.valueOf(invalid.getMessage()));
        }
        return new Database.InvalidProgram("the program cannot be loaded: " + cause);
    }

    void onNotPrepared(Note.NotPrepared note) {
        if (note.publication() == publication) {
            refuse(note.outcome());
        }
    }

    /** @return the command to be answered, null if it is no longer the current one */
    @Nullable
    Publish onSameProgram(Note.SameProgram note) {
        Publish command = current;
        if (note.publication() != publication || command == null) {
            return null;
        }
        next();
        return command;
    }

    void onPrepared(Note.Prepared note, @Nullable Program program) {
        Publish command = current;
        if (note.publication() != publication || command == null) {
            return;
        }
        Instance instance = note.making().take();
        if (instance == null) {
            refuse(refusal(note.making().failure()));
            return;
        }
        Program wanted = Program.of(
                program == null ? command.publisher() : program.owner(),
                note.module().hostType(),
                note.programHash(),
                note.module().definition(),
                note.module().guestLibrary());
        Ready made = ready(command, note.module(), wanted, instance, program);
        if (made == null) {
            cell.close(instance);
            next();
        } else {
            store(made, command.program());
        }
    }

    @SuppressWarnings("IllegalCatch") // nobody else has the instance, whatever happens
    private @Nullable Ready ready(
            Publish command, Module module, Program wanted, Instance instance, @Nullable Program before) {
        try {
            List<String> problems = RowRules.problems(
                    wanted.definition(), new DatastoreCatalog(Datastore.create(wanted.definition())));
            if (!problems.isEmpty()) {
                command.replyTo().tell(new Database.InvalidProgram(String.join("; ", problems)));
                return null;
            }
            return before == null || command.clear()
                    ? initialise(command, module, wanted, instance, before)
                    : fit(command, module, wanted, instance, before.definition());
        } catch (Throwable e) {
            cell.close(instance);
            throw e;
        }
    }

    /** Whether the update is possible is tried on empty tables, so that a refusal leaves nothing in the journal. */
    private static @Nullable Ready fit(
            Publish command, Module module, Program wanted, Instance instance, ModuleDef before) {
        MigrationResult result = Datastore.create(before).tryUpdate(wanted.definition());
        if (result instanceof MigrationResult.Refused(List<String> reasons)) {
            command.replyTo().tell(new Database.UpdateRefused(reasons));
            return null;
        }
        return new Ready.Update(command, module, wanted, instance);
    }

    private @Nullable Ready initialise(
            Publish command, Module module, Program wanted, Instance instance, @Nullable Program before) {
        DatabaseEnvironment environment = cell.environment();
        environment.say(Level.INFO, before == null ? "Creating database" : "Clearing database");
        Datastore store = Datastore.create(wanted.definition());
        environment.describe(store, wanted);
        store.tables().forEach(table -> environment.say(Level.INFO, "Creating table `" + table.name() + "`"));
        Reducer init = wanted.init();
        if (init == null) {
            return new Ready.Fresh(command, module, wanted, instance, store, Delta.EMPTY);
        }
        environment.say(Level.INFO, "Invoking `init` reducer");
        GuestRun guest = new GuestRun(environment);
        FunctionCall function = new FunctionCall(
                init.id(),
                init.name(),
                wanted.owner(),
                ConnectionId.NONE,
                environment.clock().epochMicros(),
                Bytes.EMPTY);
        GuestResult result = guest.reducer(CallType.INIT, instance, function, store);
        if (!(result instanceof GuestResult.Returned) || guest.isInstanceBroken()) {
            String problem = "the init reducer failed: " + describe(result, guest);
            environment.say(Level.ERROR, problem);
            command.replyTo().tell(new Database.InvalidProgram(problem));
            return null;
        }
        Delta delta = guest.takeDelta();
        int bytesMax = cell.settings().durability().transactionBytesMax();
        if (DatabaseLogic.bytes(delta) > bytesMax) {
            command.replyTo()
                    .tell(new Database.InvalidProgram("the init reducer writes more than " + bytesMax + " bytes"));
            return null;
        }
        return new Ready.Fresh(command, module, wanted, instance, store, delta);
    }

    private static String describe(GuestResult result, GuestRun guest) {
        return switch (result) {
            case GuestResult.UserError(String message) -> message;
            case GuestResult.Failed(String reason) -> reason;
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> guest.stopReason(CallType.INIT);
            case GuestResult.Returned _ -> "it left its instance unusable";
        };
    }

    private void store(Ready made, Bytes bytes) {
        ready = made;
        long number = publication;
        cell.context()
                .pipeToSelf(
                        cell.services().programs().store(made.program().hash(), bytes),
                        (_, failure) -> failure == null
                                ? new Note.ProgramStored(number)
                                : new Note.ProgramNotStored(number, String.valueOf(failure.getMessage())));
    }

    void onProgramNotStored(Note.ProgramNotStored note) {
        if (note.publication() == publication) {
            refuse(new Database.Unavailable("the journal does not take the program: " + note.reason()));
        }
    }

    /** What the database has to take over now, null if that is no longer wanted. {@link #next} is to be called after it. */
    @Nullable
    Ready onProgramStored(Note.ProgramStored note) {
        if (note.publication() != publication) {
            return null;
        }
        Ready made = ready;
        ready = null;
        return made;
    }

    private void refuse(PublishOutcome outcome) {
        Publish command = current;
        if (command != null) {
            command.replyTo().tell(outcome);
        }
        dropReady();
        next();
    }

    /** The next publish may come. */
    void next() {
        current = null;
        cell.admission().releasePublishes();
    }

    /** Answers everything with a refusal: the database fences or ends. */
    void abort(Database.Refusal refusal) {
        publication++;
        Publish command = current;
        current = null;
        CompletableFuture<Void> _ = preparing.thenAccept(Publisher::drop);
        if (command != null) {
            command.replyTo().tell(refusal);
        }
        dropReady();
        cell.admission().refuseWaitingPublishes(refusal);
        cell.admission().releasePublishes();
    }

    /** Its note may reach nobody any more. */
    private static void drop(Note unwanted) {
        if (unwanted instanceof Note.Prepared prepared) {
            prepared.making().cancel();
        }
    }

    private void dropReady() {
        Ready made = ready;
        ready = null;
        if (made != null) {
            cell.close(made.instance());
        }
    }
}
