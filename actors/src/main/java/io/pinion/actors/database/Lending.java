package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.pool.InstancePool;
import io.pinion.actors.pool.Loan;
import io.pinion.modules.Instance;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.value.Bytes;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.Terminated;
import org.jspecify.annotations.Nullable;

/**
 * The instance that a serving database has on loan, and what waits for one.
 *
 * <p>No pool → loading: something needs an instance and the program is read and compiled. Loading → borrowing: it is
 * there. Borrowing → lent. Lent → borrowing: the instance was discarded and something waits. Lent → idle: it was given
 * back. An update leads to lent at once, with the instance it brings.
 */
final class Lending {
    private final Cell cell;
    private final ArrayDeque<DatabaseMessage> waiting = new ArrayDeque<>();
    private @Nullable ActorRef<InstancePool.Command> pool;
    private @Nullable Loan loan;
    private long generation;
    private boolean isLoading;
    private boolean isBorrowing;

    Lending(Cell cell) {
        this.cell = cell;
    }

    @Nullable
    Loan loan() {
        return loan;
    }

    Loan requireLoan() {
        Loan held = loan;
        if (held == null) {
            throw new IllegalStateException("there is no instance on loan");
        }
        return held;
    }

    /**
     * Lets the message wait if there is no instance.
     *
     * @return whether it waits, or was refused because too many do
     */
    boolean await(DatabaseMessage message, Program program) {
        if (loan != null) {
            return false;
        }
        if (waiting.size() < cell.settings().waitingMax()) {
            waiting.add(message);
        } else if (message instanceof Command command) {
            Outcomes.refuse(command, Outcomes.TOO_MANY_WAIT);
        }
        borrow(program);
        return true;
    }

    /** The message that waits longest, if there is an instance for it. */
    @Nullable
    DatabaseMessage nextWaiting() {
        return loan == null ? null : waiting.poll();
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    /** Asks for an instance unless that is under way. */
    void borrow(Program program) {
        ActorRef<InstancePool.Command> open = pool;
        if (loan != null || isBorrowing || isLoading) {
            return;
        }
        if (open == null) {
            load(program);
        } else {
            isBorrowing = true;
            open.tell(new InstancePool.Command.Borrow(cell.poolAdapter()));
        }
    }

    private void load(Program program) {
        isLoading = true;
        long wanted = generation;
        Bytes hash = program.hash();
        CompletionStage<Module> module = cell.services()
                .programs()
                .read(hash)
                .thenCompose(bytes -> load(hash, bytes))
                .thenApply(loaded -> asPublished(program, loaded));
        cell.context()
                .pipeToSelf(
                        module,
                        (loaded, failure) -> loaded == null
                                ? new Note.ModuleNotLoaded(wanted, reason(failure))
                                : new Note.ModuleLoaded(wanted, loaded));
    }

    private CompletionStage<Module> load(Bytes hash, Optional<Bytes> program) {
        return program.<CompletionStage<Module>>map(
                        bytes -> cell.services().modules().load(hash, bytes))
                .orElseGet(() -> CompletableFuture.failedFuture(
                        new IllegalStateException("the program " + hash.toHex() + " is not in the journal")));
    }

    /** A node that lacks the build of the guest library that a module was published with must not run it with another. */
    private static Module asPublished(Program program, Module module) {
        if (!program.isPublishedAs(module)) {
            throw new IllegalStateException("it was published with build " + build(program.guestLibrary())
                    + " of the guest library, and this node has build " + build(module.guestLibrary())
                    + "; publish it again");
        }
        return module;
    }

    private static String build(Optional<Bytes> guestLibrary) {
        return guestLibrary.map(Bytes::toHex).orElse("none");
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return "the module cannot be loaded: " + (cause == null ? "no reason given" : cause.getMessage());
    }

    void loaded(long wanted, Module module) {
        if (wanted != generation || pool != null) {
            return;
        }
        isLoading = false;
        generation++;
        pool = spawn(new InstancePool.Program(generation, module, cell.instanceHost()));
        if (hasWaiting()) {
            isBorrowing = true;
            pool.tell(new InstancePool.Command.Borrow(cell.poolAdapter()));
        }
    }

    /** @return whether what waits has to be refused */
    boolean notLoaded(long wanted) {
        if (wanted != generation || pool != null) {
            return false;
        }
        isLoading = false;
        return true;
    }

    private ActorRef<InstancePool.Command> spawn(InstancePool.Program program) {
        ActorRef<InstancePool.Command> started = cell.context()
                .spawn(
                        InstancePool.create(
                                cell.settings().pool(),
                                cell.services().workers(),
                                program,
                                cell.environment().vitals().pool()),
                        cell.childName("instances"),
                        DispatcherSelector.defaultDispatcher());
        cell.context().watch(started);
        return started;
    }

    /** @return whether it is of the newest program, and kept */
    boolean accept(Loan lent) {
        isBorrowing = false;
        if (lent.generation() == generation && loan == null) {
            loan = lent;
            return true;
        }
        if (pool != null) {
            pool.tell(new InstancePool.Command.Return(lent));
        }
        return false;
    }

    void refused() {
        isBorrowing = false;
    }

    /** Answers everything that waits. */
    void refuseAll(String reason) {
        refuseAll(new Database.Unavailable(reason));
    }

    private void refuseAll(Database.Refusal refusal) {
        for (DatabaseMessage message : waiting) {
            switch (message) {
                case Command command -> Outcomes.refuse(command, refusal);
                case Note.CallImmediately call ->
                    cell.environment().say(Level.ERROR, call.function() + " was not called: there was no instance");
                case Note _ -> {} // a schedule that is due stays due
            }
        }
        waiting.clear();
    }

    /** Nobody may use the instance again. */
    void discard() {
        Loan held = loan;
        loan = null;
        if (held != null && pool != null) {
            pool.tell(new InstancePool.Command.Discard(held));
        }
    }

    void giveBack() {
        Loan held = loan;
        loan = null;
        if (held != null && pool != null) {
            pool.tell(new InstancePool.Command.Return(held));
        }
    }

    /** Another program runs from now on. */
    void update(Module module, Instance instance) {
        discard();
        generation++;
        isLoading = false;
        isBorrowing = false;
        Loan brought = new Loan(generation, instance);
        InstancePool.Program program = new InstancePool.Program(generation, module, cell.instanceHost());
        ActorRef<InstancePool.Command> open = pool;
        if (open == null) {
            open = spawn(program);
            pool = open;
        }
        open.tell(new InstancePool.Command.Update(program, brought, cell.poolAdapter()));
        loan = brought;
    }

    /** Whether the signal says that the pool has failed, and with it the instance on loan. */
    boolean hasEnded(Signal signal) {
        ActorRef<?> open = pool;
        return open != null
                && signal instanceof Terminated terminated
                && terminated.getRef().path().equals(open.path());
    }

    /** The database fences or ends: what waits is answered, the pool stops and closes every instance. */
    void end(Database.Refusal refusal) {
        refuseAll(refusal);
        ActorRef<InstancePool.Command> open = pool;
        if (open != null) {
            cell.context().unwatch(open);
            cell.context().stop(open);
        }
        pool = null;
        loan = null;
        generation++;
    }
}
