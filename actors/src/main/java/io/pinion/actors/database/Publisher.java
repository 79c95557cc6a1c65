package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command.PlanPublish;
import io.pinion.actors.database.Database.Command.Publish;
import io.pinion.actors.database.Database.PlanOutcome;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.Programs;
import io.pinion.actors.pool.Making;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.RowRules;
import io.pinion.store.schema.MigrationPlan;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.MigrationBuild;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings programs to the point where the database can take them over, one after the other. Nothing that others can see
 * changes before that.
 *
 * <p>Idle → preparing: a publish is taken up; workers compile the module and make an instance. Preparing → building: there
 * is a plan for the update, and tables have to be made anew; a worker makes them while calls go on. Preparing, building →
 * storing: a fresh start has run {@code init} in tables of its own, or an update has its tables; the program goes to the
 * journal. Storing → following: it is stored, and much was committed since the tables were begun; workers follow, or the
 * database itself between calls. Storing, following → idle: what was made is handed over. Any → idle: it is refused and
 * answered.
 */
final class Publisher {
    private final Cell cell;
    private long publication;
    private @Nullable Publish current;
    private CompletableFuture<Note> preparing = new CompletableFuture<>();
    private @Nullable Ready ready;
    private @Nullable UnpublishedHost host;
    private @Nullable CompletionStage<Programs.Held> storing;
    private boolean isStored;

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
        record Update(Publish command, Module module, Program program, Instance instance, MigrationBuild build)
                implements Ready {}
    }

    /** What the database runs now. */
    record Present(Program program, Datastore store) {}

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
        publication = cell.nextPublication();
        long number = publication;
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

    /** Answers what an update would do. */
    void plan(PlanPublish command, Program program) {
        if (!program.isOwner(command.caller())) {
            command.replyTo().tell(new Database.NotOwner(program.owner()));
            return;
        }
        CompletableFuture<PlanOutcome> planned;
        try {
            planned = cell.services()
                    .modules()
                    .load(command.program())
                    .thenApply(loaded -> plan(cell.database(), program, loaded, command.style()));
        } catch (RejectedExecutionException e) {
            planned = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<PlanOutcome> _ = planned.whenComplete(
                (outcome, failure) -> command.replyTo().tell(outcome == null ? planRefusal(failure) : outcome));
    }

    /** On a worker. */
    private static PlanOutcome plan(
            Identity database, Program before, ModuleCache.Loaded loaded, MigrationStyle style) {
        return switch (MigrationPlan.between(
                before.definition(), loaded.module().definition())) {
            case MigrationPlan.Refused(List<String> reasons) -> new Database.UpdateRefused(reasons);
            case MigrationPlan.Possible plan ->
                new Database.Planned(
                        plan.text(style),
                        plan.disconnectsClients(),
                        MigrationToken.of(database, before.hash(), loaded.hash()));
        };
    }

    private static PlanOutcome planRefusal(@Nullable Throwable failure) {
        return switch (refusal(failure)) {
            case PlanOutcome outcome -> outcome;
            case PublishOutcome other -> throw new IllegalStateException("no answer to a plan: " + other);
        };
    }

    /** On a worker. */
    private CompletableFuture<Note> prepare(long number, ModuleCache.Loaded loaded, @Nullable Program before) {
        Module module = loaded.module();
        if (before != null && loaded.hash().equals(before.hash()) && before.isPublishedAs(module)) {
            return CompletableFuture.completedFuture(new Note.SameProgram(number, module.warnings()));
        }
        CompletableFuture<Note> prepared = new CompletableFuture<>();
        UnpublishedHost host = cell.unpublishedHost();
        Making.start(
                cell.services().workers(),
                module,
                host,
                making -> prepared.complete(new Note.Prepared(number, loaded.hash(), module, making, host)));
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

    /** @param present null if nothing was published */
    void onPrepared(Note.Prepared note, @Nullable Present present) {
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
                present == null ? command.publisher() : present.program().owner(),
                note.module().hostType(),
                note.programHash(),
                note.module().definition(),
                note.module().guestLibrary());
        Ready made = ready(command, note.module(), wanted, instance, present);
        if (made == null) {
            cell.close(instance);
            next();
            return;
        }
        ready = made;
        host = note.host();
        isStored = false;
        if (made instanceof Ready.Update update && update.build().hasWork()) {
            aside(update, update.build()::build);
        } else {
            store(made);
        }
    }

    @SuppressWarnings("IllegalCatch") // nobody else has the instance, whatever happens
    private @Nullable Ready ready(
            Publish command, Module module, Program wanted, Instance instance, @Nullable Present present) {
        try {
            List<String> problems =
                    RowRules.problems(wanted.definition(), new DatastoreCatalog(Datastore.create(wanted.definition())));
            if (!problems.isEmpty()) {
                command.replyTo().tell(new Database.InvalidProgram(String.join("; ", problems)));
                return null;
            }
            return present == null || command.clear()
                    ? initialise(command, module, wanted, instance, present == null)
                    : begin(command, module, wanted, instance, present);
        } catch (Throwable e) {
            cell.close(instance);
            throw e;
        }
    }

    private @Nullable Ready begin(Publish command, Module module, Program wanted, Instance instance, Present present) {
        switch (MigrationPlan.between(present.program().definition(), wanted.definition())) {
            case MigrationPlan.Refused(List<String> reasons) -> {
                command.replyTo().tell(new Database.UpdateRefused(reasons));
                return null;
            }
            case MigrationPlan.Possible plan -> {
                String objection = objection(command.policy(), plan, present.program(), wanted);
                if (objection != null) {
                    command.replyTo().tell(new Database.UpdateRefused(List.of(objection)));
                    return null;
                }
                MigrationBuild build = present.store().beginUpdate(plan, wanted.definition());
                return new Ready.Update(command, module, wanted, instance, build);
            }
        }
    }

    /** Why the publisher has not agreed to the plan, null if it has. */
    private @Nullable String objection(
            Database.Policy policy, MigrationPlan.Possible plan, Program before, Program wanted) {
        return switch (policy) {
            case Database.Policy.Compatible _
            when plan.disconnectsClients() ->
                "the update would disconnect all clients, which its policy does not allow. "
                        + plan.text(MigrationStyle.PLAIN);
            case Database.Policy.Compatible _ -> null;
            case Database.Policy.BreakClients(Bytes token)
            when token.equals(MigrationToken.of(cell.database(), before.hash(), wanted.hash())) -> null;
            case Database.Policy.BreakClients _ ->
                "the migration token is not that of this update; make the plan again";
        };
    }

    /** Has a step of an update done on a worker. */
    private void aside(Ready.Update update, Runnable step) {
        long number = publication;
        CompletableFuture<Void> running;
        try {
            running = CompletableFuture.runAsync(step, cell.services().workers().keyed(update.module()));
        } catch (RejectedExecutionException e) {
            running = CompletableFuture.failedFuture(e);
        }
        cell.context()
                .pipeToSelf(
                        running,
                        (_, failure) -> failure == null
                                ? new Note.TablesBuilt(number)
                                : new Note.TablesNotBuilt(number, failure));
    }

    /** As {@link #onProgramStored}. */
    @Nullable
    Ready onTablesBuilt(Note.TablesBuilt note) {
        return note.publication() == publication ? go() : null;
    }

    void onTablesNotBuilt(Note.TablesNotBuilt note) {
        if (note.publication() != publication || !(ready instanceof Ready.Update update)) {
            return;
        }
        List<String> reasons = update.build().reasons();
        Throwable failure = note.failure();
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof RejectedExecutionException) {
            refuse(Outcomes.WORKERS_ARE_BUSY);
        } else if (reasons.isEmpty()) {
            cell.context().getLog().warn("the tables of {} cannot be made anew", cell.database(), cause);
            refuse(new Database.Unavailable("the tables cannot be made anew: " + cause));
        } else {
            refuse(new Database.UpdateRefused(reasons));
        }
    }

    /** As {@link #onProgramStored}. */
    @Nullable
    Ready onCatchUp(Note.CatchUp note) {
        return note.publication() == publication ? go() : null;
    }

    /** The step before is over: what is made is stored, then it follows what was committed meanwhile, then it is ready. */
    private @Nullable Ready go() {
        Ready made = ready;
        if (made instanceof Ready.Update update) {
            List<String> reasons = update.build().reasons();
            if (!reasons.isEmpty()) {
                refuse(new Database.UpdateRefused(reasons));
                return null;
            }
            if (isStored && !follow(update)) {
                return null;
            }
        }
        if (made != null && !isStored) {
            store(made);
            return null;
        }
        ready = null;
        return made;
    }

    /** @return whether nothing is left to follow but a little */
    private boolean follow(Ready.Update update) {
        MigrationBuild build = update.build();
        switch (build.next()) {
            case FINISH -> {
                return true;
            }
            case CATCH_UP_HERE -> {
                build.catchUpHere();
                cell.self().tell(new Note.CatchUp(publication));
            }
            case CATCH_UP_ASIDE -> {
                MigrationBuild.Changes changes = build.takeChanges();
                aside(update, () -> build.catchUp(changes));
            }
        }
        return false;
    }

    private @Nullable Ready initialise(
            Publish command, Module module, Program wanted, Instance instance, boolean isCreated) {
        DatabaseEnvironment environment = cell.environment();
        environment.say(Level.INFO, isCreated ? "Creating database" : "Clearing database");
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
        GuestResult result = guest.reducer(CallType.INIT, instance, function, wanted, store, new Views(1));
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

    private void store(Ready made) {
        long number = publication;
        CompletionStage<Programs.Held> begun = cell.services()
                .programs()
                .hold(made.program().hash(), made.command().program());
        storing = begun;
        cell.context()
                .pipeToSelf(
                        begun,
                        (_, failure) -> failure == null
                                ? new Note.ProgramStored(number)
                                : new Note.ProgramNotStored(number, String.valueOf(failure.getMessage())));
    }

    void onProgramNotStored(Note.ProgramNotStored note) {
        if (note.publication() == publication) {
            refuse(new Database.Unavailable("the journal does not take the program: " + note.reason()));
        }
    }

    /**
     * What the database has to take over now, null if there is nothing. {@link #inForce} or {@link #next} is to be called
     * after it.
     */
    @Nullable
    Ready onProgramStored(Note.ProgramStored note) {
        if (note.publication() != publication) {
            return null;
        }
        isStored = true;
        return go();
    }

    private void refuse(PublishOutcome outcome) {
        Publish command = current;
        if (command != null) {
            command.replyTo().tell(outcome);
        }
        dropReady();
        next();
    }

    /** The log is about to name the program: it stays, whatever happens. */
    void keepProgram() {
        settle(Programs.Held::keep);
    }

    /** What was handed over is in force: what its instance has asked to be called is called, and the next publish may come. */
    void inForce() {
        UnpublishedHost published = host;
        host = null;
        if (published != null) {
            published.release();
        }
        next();
    }

    /** The next publish may come. A program that is not to be kept goes. */
    void next() {
        settle(Programs.Held::discard);
        current = null;
        cell.admission().releasePublishes();
    }

    /** Answers everything with a refusal: the database fences or ends. */
    void abort(Database.Refusal refusal) {
        publication = cell.nextPublication();
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

    /** Says what becomes of the program, if one was to be stored. */
    private void settle(Consumer<Programs.Held> how) {
        CompletionStage<Programs.Held> begun = storing;
        storing = null;
        if (begun != null) {
            CompletionStage<Void> _ = begun.thenAccept(how);
        }
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
        host = null;
        settle(Programs.Held::discard);
        if (made instanceof Ready.Update update) {
            update.build().abandon();
        }
        if (made != null) {
            cell.close(made.instance());
        }
    }
}
