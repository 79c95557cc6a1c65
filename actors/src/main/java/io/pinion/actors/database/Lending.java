package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.pool.InstancePool;
import io.pinion.actors.pool.Loan;
import io.pinion.modules.Instance;
import io.pinion.modules.Module;
import io.pinion.store.value.Bytes;
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
 * The instance that a serving database has on loan, and the one call that waits for it; those behind it wait in the
 * mailbox.
 *
 * <p>No pool → loading: something needs an instance and the program is read and compiled. Loading → borrowing: it is
 * there. Borrowing → lent. Lent → borrowing: the instance was discarded and something waits. Lent → idle: it was given
 * back. An update leads to lent at once, with the instance it brings.
 */
final class Lending {
    private static final String NO_INSTANCE = "there was no instance";

    private final Cell cell;
    private @Nullable ActorRef<InstancePool.Command> pool;
    private @Nullable Loan loan;
    private long generation;
    private @Nullable DatabaseMessage kept;
    private long keptArrivalMicros;
    private boolean isLoading;
    private boolean isBorrowing;
    /** To be asked for when there is a pool. */
    private int borrowsForProcedures;

    Lending(Cell cell) {
        this.cell = cell;
    }

    @Nullable
    Loan loan() {
        return loan;
    }

    /** Keeps what needs an instance until there is one; until then no other call comes. */
    void await(DatabaseMessage call, long arrivalMicros, Program program) {
        kept = call;
        keptArrivalMicros = arrivalMicros;
        cell.admission().holdCalls();
        borrow(program);
    }

    /** What waits for an instance; null if nothing does. */
    @Nullable
    DatabaseMessage kept() {
        return kept;
    }

    /** What was kept, if there is something and an instance for it; calls come again. */
    @Nullable
    DatabaseMessage takeKept() {
        return loan == null ? null : release();
    }

    /** When that was sent. */
    long keptArrivalMicros() {
        return keptArrivalMicros;
    }

    private @Nullable DatabaseMessage release() {
        DatabaseMessage released = kept;
        kept = null;
        cell.admission().releaseCalls();
        return released;
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
        borrowForProcedures(pool);
        if (kept != null) {
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

    /** There is no instance: answers every call that waits. */
    void refuseCalls(Database.Refusal refusal) {
        refuseKept(refusal);
        cell.admission().refuseWaitingCalls(refusal);
        cell.admission().dropOwnCalls(NO_INSTANCE);
    }

    private void refuseKept(Database.Refusal refusal) {
        switch (release()) {
            case null -> {}
            case Command command -> Outcomes.refuse(command, refusal);
            case Note.CallImmediately call -> cell.ownCallDropped(call, NO_INSTANCE);
            case Note _ -> {} // a schedule that is due stays due
        }
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
        borrowForProcedures(open);
        loan = brought;
    }

    // Procedures, which have instances of their own

    /** Asks for one more instance; the answer is a note of its own. */
    void borrowForProcedure(Program program) {
        borrowsForProcedures++;
        ActorRef<InstancePool.Command> open = pool;
        if (open != null) {
            borrowForProcedures(open);
        } else if (!isLoading) {
            load(program);
        }
    }

    private void borrowForProcedures(ActorRef<InstancePool.Command> open) {
        for (; borrowsForProcedures > 0; borrowsForProcedures--) {
            open.tell(new InstancePool.Command.Borrow(cell.procedurePoolAdapter()));
        }
    }

    /** There is no pool, and nobody waits for one any more. */
    void forgetBorrowsForProcedures() {
        borrowsForProcedures = 0;
    }

    /** Whether it is of the newest program. */
    boolean isCurrent(Loan lent) {
        return lent.generation() == generation;
    }

    void returnFromProcedure(Loan lent, boolean isBroken) {
        ActorRef<InstancePool.Command> open = pool;
        if (open != null) {
            open.tell(isBroken ? new InstancePool.Command.Discard(lent) : new InstancePool.Command.Return(lent));
        }
    }

    /** Whether the signal says that the pool has failed, and with it the instance on loan. */
    boolean hasEnded(Signal signal) {
        ActorRef<?> open = pool;
        return open != null
                && signal instanceof Terminated terminated
                && terminated.getRef().path().equals(open.path());
    }

    /** The database fences or ends: what was kept is answered, the pool stops and closes every instance. */
    void end(Database.Refusal refusal) {
        refuseKept(refusal);
        cell.admission().dropOwnCalls("the database does not serve any more");
        ActorRef<InstancePool.Command> open = pool;
        if (open != null) {
            cell.context().unwatch(open);
            cell.context().stop(open);
        }
        pool = null;
        loan = null;
        borrowsForProcedures = 0;
        generation++;
    }
}
