package io.pinion.actors.database;

import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.pool.Loan;
import io.pinion.actors.procedure.Egress;
import io.pinion.actors.procedure.WriteLoan;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Instance.HttpResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ProcedureHost;
import io.pinion.modules.host.HostTrap;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a procedure or an HTTP handler, on a thread of its own. Outside a transaction it touches nothing of the
 * database; for a transaction it asks the database's actor for the right to write, and until it gives that back the actor
 * touches nothing of the tables.
 *
 * <p>Running → asking: the guest begins a transaction. Asking → writing: it has its turn. Writing → running: committed or
 * undone. Any → ended: the guest has returned, has failed, or was stopped. The guest is stopped when the whole takes too
 * long, when one transaction does, and when the database ends; each of them as the engine is stopped, which interrupts
 * whatever is waited for here.
 */
final class ProcedureRun implements Runnable, ProcedureHost {
    private static final Logger log = LoggerFactory.getLogger(ProcedureRun.class);
    private static final long SLEEP_MILLIS_MAX = 1_000;
    private static final long BUSY_MILLIS = 20;
    private static final long NOT_RUNNING = CallSlot.NONE;

    private final Surroundings around;
    private final Loan loan;
    private final ProcedureWork work;

    // For whoever cancels it
    private volatile boolean isCancelled;
    private volatile @Nullable CallSlot slot;
    private volatile long token = NOT_RUNNING;

    // Of its thread, and of the actor once it has ended
    private long deadlineNanos;
    private @Nullable WriteLoan write;
    private @Nullable Transaction transaction;
    /** Open once everything that the guest has written or read is durable. */
    private CountDownLatch seen = new CountDownLatch(0);

    private CallType stoppedIn = CallType.PROCEDURE;
    private @Nullable Limit limit;
    private @Nullable HttpResult handled;
    private GuestResult result = new GuestResult.Stopped();
    private boolean isInstanceBroken = true;
    private long executionNanos;

    /**
     * What it works with.
     *
     * @param logic may be touched by whoever has the right to write, only
     * @param program whose code runs
     */
    record Surroundings(
            DatabaseEnvironment environment,
            DatabaseLogic logic,
            Program program,
            Egress egress,
            ActorRef<? super Note> database) {}

    ProcedureRun(Surroundings around, Loan loan, ProcedureWork work) {
        this.around = around;
        this.loan = loan;
        this.work = work;
    }

    Loan loan() {
        return loan;
    }

    ProcedureWork work() {
        return work;
    }

    /** How it ended; of an HTTP handler that answered see {@link #handled}. Once it has ended. */
    GuestResult result() {
        return result;
    }

    /** What an HTTP handler came to; null for a procedure, and if it did not run. Once it has ended. */
    @Nullable
    HttpResult handled() {
        return handled;
    }

    /** What ended it, if it was stopped or ran out of memory. Once it has ended. */
    @Nullable
    Limit limit() {
        return limit;
    }

    boolean isInstanceBroken() {
        return isInstanceBroken;
    }

    long executionNanos() {
        return executionNanos;
    }

    /** Has it end as soon as it can; nobody waits for what becomes of it. Any thread; may block as engines do. */
    void cancel() {
        isCancelled = true;
        CallSlot running = slot;
        long seen = NOT_RUNNING;
        // It may go on to another call while it is stopped; the last one sees that it is cancelled.
        while (running != null && token != seen) {
            seen = token;
            if (seen != NOT_RUNNING) {
                running.stop(seen, Limit.TIME_LIMIT);
            }
        }
    }

    @Override
    public void run() {
        try {
            if (loan.enter()) {
                try {
                    runGuest();
                } finally {
                    loan.leave();
                }
            }
        } finally {
            around.database().tell(new Note.ProcedureEnded(this));
        }
    }

    @SuppressWarnings("IllegalCatch") // a guest may provoke any error; it ends its call and its instance, nothing else
    private void runGuest() {
        DatabaseEnvironment environment = around.environment();
        CallSlot own = environment.monitor().slot();
        long start = environment.clock().nanoTime();
        long limitNanos = limits().procedure().toNanos();
        deadlineNanos = start + limitNanos;
        Throwable thrown = null;
        GuestResult ended = null;
        own.begin(environment.vitals(), work.functionName(), loan.instance(), start, limitNanos, false);
        slot = own;
        token = own.token();
        try {
            ended = isCancelled ? new GuestResult.Stopped() : call();
        } catch (Throwable e) {
            thrown = e;
        }
        token = NOT_RUNNING;
        undoWhatIsOpen();
        limit = own.end();
        Thread.interrupted(); // a guest's engine may have left the flag set
        executionNanos = environment.clock().nanoTime() - start;
        isInstanceBroken = thrown != null || limit != null || !loan.instance().isUsable();
        result = ended == null ? failed(thrown) : ended;
        settleLimit();
        environment.vitals().countProcedure(limit == null ? result : new GuestResult.Stopped(), executionNanos);
    }

    private GuestResult call() {
        Instance instance = loan.instance();
        return switch (work) {
            case ProcedureWork.OfProcedure procedure ->
                checked(instance.callProcedure(procedure.call(), this), procedure);
            case ProcedureWork.OfHandler handler -> {
                HttpResult answer = instance.callHttpHandler(handler.call(), this);
                handled = answer;
                yield answer instanceof HttpResult.NotAnswered(GuestResult bad)
                        ? bad
                        : new GuestResult.Returned(Bytes.EMPTY);
            }
        };
    }

    private static GuestResult checked(GuestResult returned, ProcedureWork.OfProcedure procedure) {
        return returned instanceof GuestResult.Returned(var bytes)
                        && !procedure.procedure().isResult(bytes)
                ? new GuestResult.Failed(
                        "what " + procedure.functionName() + " returned is no value of its declared type")
                : returned;
    }

    private GuestResult failed(@Nullable Throwable thrown) {
        log.warn("a run of {} ended in an error that its engine did not catch", work.functionName(), thrown);
        return thrown instanceof OutOfMemoryError
                ? new GuestResult.OutOfMemory("the host has no memory left for this call: " + thrown.getMessage())
                : new GuestResult.Failed(String.valueOf(thrown));
    }

    /** What returned all the same has finished just in time and counts. */
    private void settleLimit() {
        if (result instanceof GuestResult.Returned || result instanceof GuestResult.UserError) {
            limit = null;
        } else if (result instanceof GuestResult.OutOfMemory && limit == null) {
            limit = Limit.MEMORY_LIMIT;
            isInstanceBroken = true;
        }
        if (limit != null && !isCancelled) {
            around.environment().vitals().noteStop();
            around.environment()
                    .say(
                            Level.ERROR,
                            work.functionName(),
                            around.environment().clock().epochMicros(),
                            "stopped: " + stopReason());
        }
    }

    private CallLimits limits() {
        return around.environment().vitals().limits();
    }

    private String stopReason() {
        return GuestRun.stopReason(limit, stoppedIn, limits());
    }

    // Transactions

    @Override
    public Begun begin() throws InterruptedException {
        DatabaseEnvironment environment = around.environment();
        WriteLoan granted = ask();
        CallSlot own = environment.monitor().slot();
        long now = environment.clock().nanoTime();
        long limitNanos = Math.min(limits().procedureTransaction().toNanos(), deadlineNanos - now);
        if (isCancelled || !own.goOn(now, limitNanos, true)) {
            giveBack(granted, null);
            throw new InterruptedException("stopped while it waited to write");
        }
        token = own.token();
        write = granted;
        if (isOutdated()) {
            goOn(null);
            throw new HostTrap("the tables were changed by an update of the module while " + work.functionName()
                    + " ran, so that it cannot write any more");
        }
        long timestampMicros = environment.clock().epochMicros();
        Transaction begun = around.logic().store().begin(timestampMicros, own);
        transaction = begun;
        return new Begun(begun, timestampMicros);
    }

    /** Waits for its turn; if the journal is behind, for another one. */
    private WriteLoan ask() throws InterruptedException {
        while (true) {
            WriteLoan asked = new WriteLoan();
            around.database().tell(new Note.WriteAsked(this, asked));
            if (asked.await()) {
                return asked;
            }
            Thread.sleep(BUSY_MILLIS);
        }
    }

    /** Whether tables are not what the guest has been told any more. */
    private boolean isOutdated() {
        return isUpdated()
                && !around.logic()
                        .program()
                        .definition()
                        .tables()
                        .equals(around.program().definition().tables());
    }

    @SuppressWarnings("ReferenceEquality") // each publish makes a program of its own
    private boolean isUpdated() {
        return around.logic().program() != around.program();
    }

    @Override
    @SuppressWarnings("IllegalCatch") // whatever it is, the actor has to learn of it
    public CommitOutcome commit() throws InterruptedException {
        Transaction open = open();
        WriteLoan held = held();
        DatabaseLogic logic = around.logic();
        String refusal;
        try {
            refusal = refresh(open);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            rollback();
            throw e;
        }
        if (refusal == null && !held.beginCommit()) {
            refusal = "the database stops, recovers or has ended, and keeps nothing any more";
        }
        if (refusal != null) {
            rollback();
            return new CommitOutcome.Refused(refusal);
        }
        transaction = null;
        Throwable doubt = null;
        try {
            refusal = keep(logic, open);
            if (refusal == null) {
                noteSeen();
            }
        } catch (Throwable e) {
            doubt = e;
            refusal = "the database recovers from an error of its host: " + e;
        }
        boolean goesOn = goOn(doubt);
        if (refusal != null) {
            return new CommitOutcome.Refused(refusal);
        }
        if (!goesOn) {
            throw new InterruptedException("stopped right after a commit");
        }
        return new CommitOutcome.Committed();
    }

    private Transaction open() {
        Transaction open = transaction;
        if (open == null) {
            throw new IllegalStateException("no transaction is open");
        }
        return open;
    }

    private WriteLoan held() {
        WriteLoan held = write;
        if (held == null) {
            throw new IllegalStateException("nothing may be written");
        }
        return held;
    }

    /** Evaluates again, on this very instance, what is stale now; null if that went well. */
    private @Nullable String refresh(Transaction open) {
        DatabaseLogic logic = around.logic();
        Views views = logic.views();
        if (views.isEmpty()) {
            return null;
        }
        if (isUpdated()) {
            // Another program's views: this instance knows nothing of them.
            views.outdateStale(logic.store());
            return null;
        }
        try {
            views.refresh(logic.store(), open, new ViewRun(around.program(), logic.store(), new OwnViews()));
            return null;
        } catch (ViewFailedException e) {
            return e.text();
        }
    }

    /** Views on the instance whose procedure waits for them, within the time of its transaction. */
    private final class OwnViews implements ViewRun.Guest {
        @Override
        public GuestResult call(ViewDef view, FunctionCall call, Transaction within) {
            return loan.instance().callView(call, view.isAnonymous(), within);
        }

        @Override
        public void query(Runnable query) {
            query.run();
        }

        @Override
        public String stopReason() {
            return GuestRun.stopReason(Limit.TIME_LIMIT, CallType.PROCEDURE_TRANSACTION, limits());
        }
    }

    /** @return why nothing was kept, null if it was */
    private @Nullable String keep(DatabaseLogic logic, Transaction open) {
        Delta delta;
        try {
            delta = open.commit();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            if (!open.isOpen()) {
                throw e;
            }
            open.rollback();
            logic.views().forget();
            log.warn("a transaction of a procedure could not be committed and was rolled back", e);
            return "what it changes cannot be committed: " + e.getMessage();
        }
        logic.views().keep();
        return logic.committedAside(delta, around.environment().clock().epochMicros(), work.functionName());
    }

    /** What the guest knows from now on it tells others when that is durable. While nobody else may write. */
    private void noteSeen() {
        if (around.egress().refusal() == null) {
            CountDownLatch durable = new CountDownLatch(1);
            around.logic().whenDurable(durable::countDown);
            seen = durable;
        }
    }

    @Override
    public void rollback() {
        Transaction open = transaction;
        if (open == null) {
            return;
        }
        transaction = null;
        Throwable doubt = null;
        try {
            open.rollback();
            around.logic().views().forget();
            if (held().beginCommit()) {
                noteSeen();
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            doubt = e;
        }
        if (around.environment().monitor().slot().getAsBoolean()) {
            stoppedIn = CallType.PROCEDURE_TRANSACTION;
        }
        goOn(doubt);
    }

    /** The engine sees to that; whatever it has left is undone here. */
    private void undoWhatIsOpen() {
        rollback();
        if (write != null) {
            goOn(null);
        }
    }

    /**
     * Gives the right to write back and goes on without.
     *
     * @return false if it was asked to stop
     */
    private boolean goOn(@Nullable Throwable doubt) {
        WriteLoan held = held();
        write = null;
        giveBack(held, doubt);
        CallSlot own = around.environment().monitor().slot();
        long now = around.environment().clock().nanoTime();
        boolean goesOn = own.goOn(now, deadlineNanos - now, false) && !isCancelled;
        if (goesOn) {
            token = own.token();
            goesOn = !isCancelled;
        }
        return goesOn;
    }

    private void giveBack(WriteLoan held, @Nullable Throwable doubt) {
        held.end();
        around.database().tell(new Note.WriteReturned(held, doubt));
    }

    // What it waits for

    @Override
    public @Nullable String httpRefusal() {
        return around.egress().refusal();
    }

    /** Not for longer than the whole may take. Leaves when what the guest may tell with it is durable. */
    @Override
    public HttpOutcome request(HttpRequest request) throws InterruptedException {
        seen.await();
        return around.egress().send(request);
    }

    @Override
    public long sleepUntil(long micros) throws InterruptedException {
        Clock clock = around.environment().clock();
        long now = clock.epochMicros();
        while (now < micros) {
            long left = Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros - now))
                            .toMillis()
                    + 1;
            Thread.sleep(Math.min(SLEEP_MILLIS_MAX, left));
            now = clock.epochMicros();
        }
        return now;
    }
}
