package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.pool.InstancePool;
import io.pinion.actors.pool.Loan;
import io.pinion.actors.schedule.Alarm;
import io.pinion.actors.schedule.Due;
import io.pinion.actors.schedule.Schedule;
import io.pinion.actors.schedule.ScheduleReading;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.schema.MigrationPlan;
import io.pinion.store.schema.MigrationStep;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.MigrationResult;
import io.pinion.store.tx.ResolvedMigration;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * The phase of a published database. Calls run on the instance it has on loan; without one they wait in the mailbox.
 * Whatever
 * is thrown here leaves the tables in doubt and fences the database. Hot path: {@link #onMessage} with a call.
 *
 * <p>While a procedure has the right to write, only what goes first is handed out, and of that everything waits that could
 * touch the tables or what hangs on them.
 */
final class Serving extends AbstractMatchingBehavior<DatabaseMessage> {
    /** A timer is set at most this far ahead, and again when it is up: then a step of the wall clock is noticed. */
    private static final long TIMER_MICROS_MAX = TimeUnit.SECONDS.toMicros(30);

    private static final Duration INSTANCE_PAUSE = Duration.ofSeconds(1);
    private static final String CLEARED = "the database was cleared";
    private static final Duration JOURNAL_PAUSE = Duration.ofMillis(50);

    private final Cell cell;
    private Journal journal;
    private final Publisher publisher;
    private final DatabaseLogic logic;
    private final Lending lending;
    private final SnapshotTaking snapshots;
    private final Restorer restorer;
    private final Settling settling;
    private final Procedures procedures;
    private final Passivation passivation;
    /** What has come while a procedure may write, and may touch what it writes. */
    private final ArrayDeque<DatabaseMessage> deferred = new ArrayDeque<>();

    private final Visits visits;
    private final Returning returning;
    private final Alarm alarm;
    private long dueMicrosTimed = Schedule.NEVER;
    private boolean isDueQueued;
    private boolean isRefreshQueued;
    private long callCountSeen;
    private boolean isWatchingViews;
    private boolean isInDoubt;
    private boolean hasJournalEnded;

    private Serving(Cell cell, Journal journal, Publisher publisher, DatabaseLogic logic) {
        super(cell.context());
        this.cell = cell;
        this.journal = journal;
        this.publisher = publisher;
        this.logic = logic;
        this.lending = new Lending(cell);
        this.snapshots = new SnapshotTaking(cell, journal.outbox());
        this.restorer = new Restorer(cell);
        this.settling = new Settling(cell);
        cell.vitals().serving(journal.outbox());
        this.visits = new Visits(cell, logic);
        this.returning = new Returning(cell);
        ActorRef<DatabaseMessage> self = cell.self();
        this.alarm = cell.services().alarms().alarm(() -> self.tell(Note.ScheduleTimer.INSTANCE));
        this.procedures = new Procedures(cell, lending, logic);
        this.passivation = new Passivation(cell);
    }

    /** @param recent commits, for connections that may come back; null if none can */
    static Behavior<DatabaseMessage> recovered(
            Cell cell, Journal journal, Program program, Datastore store, long offset, @Nullable RecentCommits recent) {
        DatabaseLogic logic =
                new DatabaseLogic(cell.environment(), journal.outbox(), cell.requests(), program, store, offset);
        Serving serving = new Serving(cell, journal, new Publisher(cell), logic);
        cell.enterCore();
        serving.readSchedule();
        serving.setTimer();
        serving.awaitClients(offset, recent);
        return serving;
    }

    private void awaitClients(long offset, @Nullable RecentCommits recent) {
        List<Database.Caller> leftBehind = logic.leftBehind();
        boolean isAwaiting = recent != null && !leftBehind.isEmpty();
        logic.clients().begin(epoch(), offset, isAwaiting ? recent : null);
        if (isAwaiting) {
            returning.await(leftBehind);
        } else {
            leftBehind.forEach(caller -> cell.self().tell(new Note.ClientGone(caller, null)));
        }
    }

    /** Of the log; a database's first event opens its first. */
    private long epoch() {
        LogPosition durable = journal.outbox().durable();
        return durable.isSilent() ? durable.epoch() + 1 : durable.epoch();
    }

    /** Takes the first program over. */
    static Behavior<DatabaseMessage> created(
            Cell cell, Journal journal, Publisher publisher, Publisher.Ready.Fresh fresh, long offset) {
        DatabaseLogic logic = new DatabaseLogic(
                cell.environment(), journal.outbox(), cell.requests(), fresh.program(), fresh.store(), offset);
        Serving serving = new Serving(cell, journal, publisher, logic);
        logic.clients().begin(serving.epoch(), offset, null);
        cell.enterCore();
        serving.takeOver(fresh, true);
        return serving;
    }

    @Override
    @SuppressWarnings(
            "IllegalCatch") // what is thrown here, fatal errors included, must not leave a half-done state alive
    public Behavior<DatabaseMessage> onMessage(DatabaseMessage message) {
        if (isInDoubt) {
            return fence(message);
        }
        try {
            Behavior<DatabaseMessage> next = dispatch(message);
            queueRefresh();
            return next;
        } catch (Throwable e) {
            isInDoubt = true;
            cell.context().getLog().error("database {} is fenced: its state is in doubt", cell.database(), e);
            return fence();
        }
    }

    private Behavior<DatabaseMessage> dispatch(DatabaseMessage message) {
        if (procedures.isWriting() && !isApart(message)) {
            deferred.add(message);
            return this;
        }
        if (message instanceof Command) {
            passivation.used();
        }
        switch (message) {
            case Command.CallReducer call -> onCall(call, cell.admission().arrivalMicros());
            case Command.CallProcedure call ->
                onCallProcedure(call, cell.admission().arrivalMicros());
            case Command.HandleHttp request ->
                procedures.handle(request, cell.admission().arrivalMicros());
            case Command.Query query -> onQuery(query);
            case Command.ForClient client -> onClient(client);
            case Command.Describe describe -> onDescribe(describe);
            case Command.Publish publish -> publisher.publish(publish, logic.program());
            case Command.PlanPublish plan -> publisher.plan(plan, logic.program());
            case Command.ReadLog read -> onReadLog(read);
            case Command.FollowLog follow -> onFollowLog(follow);
            case Command.Delete delete -> {
                return onDelete(delete);
            }
            case Command.Download download -> new Downloads(cell, journal.outbox()).begin(download, logic);
            case Command.Restore restore -> restorer.restore(restore, logic.program());
            case Command.TakeSnapshot take -> onTakeSnapshot(take);
            case Command.Order order -> cell.orders().take(order);
            case Command.TruncateLog truncate -> truncate.replyTo().tell(Outcomes.NOT_DAMAGED);
            case Command.Locate _ -> throw new IllegalStateException("its mailbox answers that");
            case Command.Rebind rebind -> cell.rebind(rebind);
            case Command.SetWeight weight -> cell.setWeight(weight);
            case Command.Stop _ -> {
                return leaveNode();
            }
            case Note.WakeRecorded recorded -> {
                if (passivation.onRecorded(recorded, isQuiet(), logic.nextDueMicros())) {
                    cell.context().getLog().debug("database {} leaves memory: nobody needs it", cell.database());
                    return leaveNode();
                }
            }
            case Note.JournalForeign(String reason) -> {
                return fence("another node has taken it over: " + reason);
            }
            case Note.SettleOverdue _ -> {
                return fence("its journal does not say what became of a write");
            }
            case Note.StateReady ready -> {
                return onStateReady(ready);
            }
            case Note.WriteReturned returned -> {
                return onWriteReturned(returned);
            }
            case Note note -> onNote(note);
        }
        return this;
    }

    private Behavior<DatabaseMessage> leaveNode() {
        logic.clients().moveAll(true, logic.offset());
        giveUp(Outcomes.MOVED);
        return hasJournalEnded ? Behaviors.stopped() : Stopping.start(cell, journal, logic.offset());
    }

    /** Whether nothing is under way and nobody is connected; what is not durable yet is waited for on leaving. */
    private boolean isQuiet() {
        return lending.loan() == null
                && lending.kept() == null
                && cell.admission().numberOfMessages() == 0
                && logic.isQuiet()
                && !cell.hasFollowers()
                && procedures.areIdle()
                && publisher.isIdle()
                && restorer.isIdle()
                && returning.isOver()
                && snapshots.isIdle()
                && !hasJournalEnded;
    }

    /** Whether a message has nothing to do with the tables, the schedule, the views or the outbox, or ends the phase. */
    private static boolean isApart(DatabaseMessage message) {
        return switch (message) {
            case Command _,
                    Note.WriteReturned _,
                    Note.FromPoolForProcedure _,
                    Note.ProcedureDue _,
                    Note.JournalForeign _,
                    Note.SettleOverdue _,
                    Note.Settle _,
                    Note.JournalSettled _,
                    Note.DiscardInstance _,
                    Note.OrderEnded _,
                    Note.FollowerGone _ -> true;
            case Note _ -> false;
        };
    }

    private Behavior<DatabaseMessage> onWriteReturned(Note.WriteReturned returned) {
        if (!procedures.onWriteReturned(returned)) {
            return this;
        }
        if (returned.doubt() != null) {
            cell.context().getLog().error("a commit of a procedure ended in an error", returned.doubt());
            return fence("its state is in doubt");
        }
        procedures.goOn();
        setTimerIfEarlier();
        while (!deferred.isEmpty()) {
            Behavior<DatabaseMessage> next = dispatch(deferred.remove());
            if (!next.equals(this)) {
                return next;
            }
        }
        return this;
    }

    private void onNote(Note note) {
        switch (note) {
            case Note.FromPool(InstancePool.Answer answer) -> onPoolAnswer(answer);
            case Note.ModuleLoaded(long generation, Module module) -> lending.loaded(generation, module);
            case Note.ModuleNotLoaded(long generation, String reason) -> {
                if (lending.notLoaded(generation)) {
                    procedures.refuseWaiting(reason);
                    refuseWaiting(reason);
                }
            }
            case Note.Prepared prepared ->
                publisher.onPrepared(prepared, new Publisher.Present(logic.program(), logic.store()));
            case Note.SameProgram same -> onSameProgram(same);
            case Note.NotPrepared notPrepared -> publisher.onNotPrepared(notPrepared);
            case Note.TablesBuilt built -> onReady(publisher.onTablesBuilt(built));
            case Note.TablesNotBuilt notBuilt -> publisher.onTablesNotBuilt(notBuilt);
            case Note.CatchUp catchUp -> onReady(publisher.onCatchUp(catchUp));
            case Note.ProgramStored stored -> onReady(publisher.onProgramStored(stored));
            case Note.ProgramNotStored notStored -> publisher.onProgramNotStored(notStored);
            case Note.ScheduleTimer _ -> queueDue();
            case Note.ScheduleDue _ -> onScheduleDue();
            case Note.ScheduleRead(ScheduleReading reading) -> cell.self().tell(new Note.EnterSchedule(reading));
            case Note.EnterSchedule enter -> onEnterSchedule(enter);
            case Note.ScheduleUnreadable(ScheduleReading reading, Throwable cause) -> {
                if (reading == logic.unreadSchedule()) {
                    throw new IllegalStateException("its schedules cannot be read", cause);
                }
            }
            case Note.ScheduleNotRead _ -> readSchedule();
            case Note.CallImmediately call -> onCallImmediately(call);
            case Note.ClientGone gone -> onClientGone(gone);
            case Note.ReturnsMissed _ -> returning.goOnUnless(lending.kept() != null);
            case Note.ReturnsOver _ -> {
                returning.over();
                logic.clients().forgetRecent();
            }
            case Note.NoteOffset _ -> onNoteOffset();
            case Note.FromPoolForProcedure(InstancePool.Answer answer) -> procedures.onPoolAnswer(answer);
            case Note.WriteAsked asked -> procedures.onWriteAsked(asked);
            case Note.ProcedureEnded(ProcedureRun run) -> {
                procedures.onEnded(run);
                setTimerIfEarlier();
            }
            case Note.ProcedureDue(FunctionCall call) -> procedures.onDurable(call);
            case Note.ViewCheck _ -> onViewCheck();
            case Note.RefreshViews _ -> onRefreshViews();
            case Note.Settle _ -> {
                journal = settling.startSuccessor(journal);
                hasJournalEnded = false;
            }
            case Note.JournalSettled _ -> {
                if (!hasJournalEnded) {
                    settling.settled();
                }
            }
            case Note.PassivationCheck _ -> passivation.check(isQuiet(), logic.nextDueMicros());
            case Note.JournalForeign _,
                    Note.SettleOverdue _,
                    Note.StateReady _,
                    Note.WriteReturned _,
                    Note.WakeRecorded _ -> throw new IllegalStateException("not a note: " + note);
            case Note.LongQueryEnded(LongQuery query, Database.QueryOutcome outcome) ->
                logic.longQueryEnded(query, outcome);
            case Note.RowsRead(LongReading reading, LongReading.Outcome outcome) -> {
                logic.clients().readingEnded(reading, outcome, logic.offset());
                answerWaiting();
            }
            case Note.StateNotReady notReady -> restorer.onNotReady(notReady);
            case Note.LogIsLong _ -> {
                if (restorer.isIdle()) {
                    snapshots.begin(logic);
                }
            }
            case Note.SnapshotEnded(Database.SnapshotOutcome outcome) -> snapshots.ended(outcome);
            case Note.IdleCheck _ -> onIdleCheck();
            case Note.DiscardInstance _ -> lending.discard();
            case Note.FollowerGone(var follower) -> cell.unfollow(follower);
            case Note.OrderEnded ended -> cell.orders().onEnded(ended);
            case Note.ToRecovering _, Note.ToEnding _ -> {} // of the time before a fence
        }
    }

    private void onCall(Command.CallReducer call, long arrivalMicros) {
        Loan loan = lending.loan();
        if (loan == null) {
            lending.await(call, arrivalMicros, logic.program());
        } else if (call.caller().isVisitor()) {
            onVisit(call, arrivalMicros, loan);
        } else if (logic.call(call, arrivalMicros, loan.instance())) {
            afterGuest();
        }
    }

    private void onVisit(Command.Query query, @Nullable Loan loan) {
        if (loan == null) {
            lending.await(query, cell.admission().arrivalMicros(), logic.program());
            return;
        }
        long callCountBefore = logic.callCount();
        Command.Query begun = visits.begin(query, loan.instance());
        afterGuest(callCountBefore);
        if (begun != null) {
            onQuery(begun);
        }
    }

    private void onVisit(Command.CallReducer call, long arrivalMicros, Loan loan) {
        if (visits.isAnnounced(call)) {
            long callCountBefore = logic.callCount();
            Command.CallReducer begun = visits.begin(call, loan.instance());
            afterGuest(callCountBefore);
            if (begun != null) {
                onCall(begun, arrivalMicros);
            }
            return;
        }
        ConnectionId connection = call.caller().connectionId();
        cell.claims().put(connection, call.caller().claims());
        boolean hasRun = logic.call(call, arrivalMicros, loan.instance());
        cell.claims().remove(connection);
        if (hasRun) {
            afterGuest();
        }
    }

    private void onCallProcedure(Command.CallProcedure call, long arrivalMicros) {
        if (!visits.isVisit(call) || procedures.isUnderWay(call)) {
            procedures.call(call, arrivalMicros);
            return;
        }
        Loan loan = lending.loan();
        if (loan == null && logic.hearsOfConnections()) {
            lending.await(call, arrivalMicros, logic.program());
            return;
        }
        long callCountBefore = logic.callCount();
        Command.CallProcedure begun = visits.begin(call, loan == null ? null : loan.instance());
        afterGuest(callCountBefore);
        if (begun != null) {
            cell.self().tell(begun);
        }
    }

    private void onQuery(Command.Query query) {
        if (!bringUpToDate(query)) {
            return;
        }
        Loan loan = lending.loan();
        if (visits.isAnnounced(query)) {
            onVisit(query, loan);
            return;
        }
        switch (logic.query(query, loan == null ? null : loan.instance())) {
            case ALONE -> {}
            case WITH_GUEST -> {
                afterGuest();
                watchViews();
            }
            case NEEDS_INSTANCE -> lending.await(query, cell.admission().arrivalMicros(), logic.program());
            case ON_A_WORKER -> run(logic.lastLongQuery());
        }
    }

    /** Long queries of all databases together never keep the workers from all else. */
    private void run(LongQuery query) {
        CompletableFuture<Database.QueryOutcome> running;
        try {
            running = CompletableFuture.supplyAsync(
                    query::run, cell.services().workers().keyed(LongQuery.class));
        } catch (RejectedExecutionException e) {
            query.abandon();
            logic.longQueryEnded(query, Outcomes.WORKERS_ARE_BUSY);
            return;
        }
        cell.context()
                .pipeToSelf(
                        running,
                        (outcome, failure) -> new Note.LongQueryEnded(
                                query,
                                outcome != null ? outcome : new Database.Unavailable("the query failed: " + failure)));
    }

    /**
     * Whether no views are outdated, so that what is asked may be answered; if that takes an instance and there is none, it
     * is kept until there is one.
     */
    private boolean bringUpToDate(DatabaseMessage asked) {
        while (logic.views().areOutdated()) {
            Loan loan = lending.loan();
            if (loan == null) {
                lending.await(asked, cell.admission().arrivalMicros(), logic.program());
                return false;
            }
            logic.bringUpToDate(loan.instance());
            afterGuest();
        }
        return true;
    }

    private void onClient(Command.ForClient command) {
        Client.Request request = command.request();
        if (request instanceof Client.Subscribe || request instanceof Client.Ask) {
            if (!bringUpToDate(command)) {
                return;
            }
        }
        Loan loan = lending.loan();
        switch (request) {
            case Client.Open open
            when loan == null && logic.needsInstance(open) ->
                lending.await(command, cell.admission().arrivalMicros(), logic.program());
            case Client.Open open -> open(open, loan);
            case Client.Resume resume -> resume(command, resume, loan);
            case Client.Subscribe _, Client.Unsubscribe _, Client.Ask _ -> answer(command, loan);
        }
    }

    private void resume(Command.ForClient command, Client.Resume request, @Nullable Loan loan) {
        ConnectionId connection = request.caller().connectionId();
        if (logic.clients().isOpen(connection)) {
            request.client().tell(new Client.Refused("the connection is open already"));
            return;
        }
        long callCountBefore = logic.callCount();
        switch (logic.resume(request, loan == null ? null : loan.instance())) {
            case NEEDS_INSTANCE -> {
                lending.await(command, cell.admission().arrivalMicros(), logic.program());
                return;
            }
            case OPEN -> {
                cell.claims().put(connection, request.claims());
                hasOpened(request);
                returned(connection);
            }
            case REFUSED -> {}
        }
        afterGuest(callCountBefore);
    }

    private void hasOpened(Client.Request request) {
        cell.context().watchWith(request.client(), new Note.ClientGone(request.caller(), request.client()));
        if (!cell.timers().isTimerActive(Note.NoteOffset.INSTANCE)) {
            cell.timers()
                    .startTimerWithFixedDelay(
                            Note.NoteOffset.INSTANCE,
                            Note.NoteOffset.INSTANCE,
                            cell.settings().resume().noteInterval());
        }
    }

    private void onNoteOffset() {
        logic.clients().noteOffset(logic.offset());
        if (logic.clients().areAllGone()) {
            cell.timers().cancel(Note.NoteOffset.INSTANCE);
        }
    }

    /** A connection that was open before is again, or has ended. */
    private void returned(ConnectionId connection) {
        returning.settled(connection);
        if (returning.isOver()) {
            logic.clients().forgetRecent();
        }
    }

    private void answer(Command.ForClient command, @Nullable Loan loan) {
        long callCountBefore = logic.callCount();
        if (logic.answer(command.request(), loan == null ? null : loan.instance())) {
            afterGuest(callCountBefore);
        } else {
            lending.await(command, cell.admission().arrivalMicros(), logic.program());
        }
        for (LongReading next = logic.clients().nextToRun();
                next != null;
                next = logic.clients().nextToRun()) {
            run(next);
        }
    }

    private void run(LongReading reading) {
        CompletableFuture<LongReading.Outcome> running;
        try {
            running = CompletableFuture.supplyAsync(
                    reading::run, cell.services().workers().keyed(LongQuery.class));
        } catch (RejectedExecutionException e) {
            reading.abandon();
            cell.self()
                    .tell(new Note.RowsRead(
                            reading, new LongReading.Outcome.Unread("the node has too much to do; try again later")));
            return;
        }
        cell.context()
                .pipeToSelf(
                        running,
                        (outcome, failure) -> new Note.RowsRead(
                                reading,
                                outcome != null
                                        ? outcome
                                        : new LongReading.Outcome.Unread("the query failed: " + failure)));
    }

    /** Requests that waited until fewer rows are read have their turn. */
    private void answerWaiting() {
        Client.Request next = lending.kept() == null ? logic.clients().takeWaiting() : null;
        while (next != null) {
            onClient(new Command.ForClient(next));
            next = lending.kept() == null ? logic.clients().takeWaiting() : null;
        }
    }

    private void open(Client.Open request, @Nullable Loan loan) {
        long callCountBefore = logic.callCount();
        ConnectionId connection = request.caller().connectionId();
        boolean isMine = !logic.clients().isOpen(connection);
        if (isMine) {
            cell.claims().put(connection, request.claims());
        }
        if (logic.open(request, loan == null ? null : loan.instance())) {
            hasOpened(request);
        } else if (isMine) {
            cell.claims().remove(connection);
        }
        afterGuest(callCountBefore);
    }

    private void onClientGone(Note.ClientGone gone) {
        Database.Caller caller = gone.caller();
        if (!logic.clients().isOver(caller.connectionId(), gone.client())) {
            return;
        }
        logic.clients().left(caller.connectionId());
        returned(caller.connectionId());
        Loan loan = lending.loan();
        if (loan == null && logic.needsInstanceToLeave(caller)) {
            lending.await(gone, cell.admission().arrivalMicros(), logic.program());
        } else {
            leave(caller, loan);
        }
    }

    private void leave(Database.Caller caller, @Nullable Loan loan) {
        long callCountBefore = logic.callCount();
        logic.leave(caller, loan == null ? null : loan.instance());
        cell.claims().remove(caller.connectionId());
        afterGuest(callCountBefore);
    }

    /** If a guest ran since. */
    private void afterGuest(long callCountBefore) {
        if (logic.callCount() != callCountBefore) {
            afterGuest();
            watchViews();
        }
    }

    private void onCallImmediately(Note.CallImmediately call) {
        Procedure procedure = logic.program().procedure(call.function());
        if (procedure != null) {
            FunctionCall function = logic.procedureCallImmediately(procedure, call.arguments());
            if (function != null) {
                procedures.callUnheard(procedure, function);
            }
            return;
        }
        Loan loan = lending.loan();
        if (loan == null) {
            lending.await(call, cell.admission().arrivalMicros(), logic.program());
        } else if (logic.callImmediately(call.function(), call.arguments(), loan.instance())) {
            afterGuest();
        }
    }

    private void afterGuest() {
        if (logic.isInstanceBroken()) {
            lending.discard();
        }
        setTimerIfEarlier();
    }

    /** A row has come that is due earlier; or the wall clock has jumped ahead, which no timer knows. */
    private void setTimerIfEarlier() {
        long due = logic.nextDueMicros();
        if (due < dueMicrosTimed
                || (due != Schedule.NEVER && due <= cell.services().clock().epochMicros())) {
            setTimer();
        }
    }

    /** Runs what was kept for want of an instance. */
    private void resume() {
        switch (lending.takeKept()) {
            case null -> {}
            case Command.CallReducer call -> onCall(call, lending.keptArrivalMicros());
            case Command.CallProcedure call -> onCallProcedure(call, lending.keptArrivalMicros());
            case Command.Query query -> onQuery(query);
            case Command.ForClient client -> onClient(client);
            case Note.ClientGone gone -> onClientGone(gone);
            case Note.CallImmediately call -> onCallImmediately(call);
            case Note.ScheduleDue _ -> onScheduleDue();
            case Note.RefreshViews _ -> onRefreshViews();
            case DatabaseMessage other -> throw new IllegalStateException("nothing that needs an instance: " + other);
        }
        answerWaiting();
    }

    private void onPoolAnswer(InstancePool.Answer answer) {
        switch (answer) {
            case InstancePool.Answer.Lent(Loan loan) -> {
                if (lending.accept(loan)) {
                    watchForIdleness();
                    resume();
                }
            }
            case InstancePool.Answer.Refused(String reason) -> {
                lending.refused();
                refuseWaiting(reason);
            }
        }
    }

    /** Scheduled calls are not given up: they are tried again. */
    private void refuseWaiting(String reason) {
        if (lending.kept() instanceof Note.ClientGone gone) {
            leave(gone.caller(), null);
        }
        logic.giveUpOutdated();
        isRefreshQueued = false;
        lending.refuseCalls(new Database.Unavailable(reason));
        isDueQueued = false;
        if (logic.nextDueMicros() != Schedule.NEVER) {
            alarm.set(INSTANCE_PAUSE);
        }
        answerWaiting();
    }

    /** One row per message, and one message at a time, so that calls come in between. */
    private void queueDue() {
        dueMicrosTimed = Schedule.NEVER;
        if (!isDueQueued) {
            isDueQueued = true;
            cell.self().tell(Note.ScheduleDue.INSTANCE);
        }
    }

    private void onScheduleDue() {
        isDueQueued = false;
        Loan loan = lending.loan();
        if (journal.outbox().isFull()) {
            alarm.set(JOURNAL_PAUSE);
        } else if (logic.nextDueMicros() > cell.services().clock().epochMicros()) {
            setTimer();
        } else if (logic.isProcedureNext()) {
            fireProcedure();
        } else if (loan == null) {
            isDueQueued = true;
            lending.await(Note.ScheduleDue.INSTANCE, cell.admission().arrivalMicros(), logic.program());
        } else {
            Due due = logic.takeDue();
            if (due != null && logic.fire(due, loan.instance())) {
                afterGuest();
            }
            setTimer();
        }
    }

    private void fireProcedure() {
        Due due = logic.takeDue();
        if (due != null) {
            procedures.fire(due);
        }
        setTimer();
    }

    /** Rows of views are kept: from time to time it is looked whether anybody asks for them. */
    private void watchViews() {
        if (!isWatchingViews && !logic.views().isEmpty()) {
            isWatchingViews = true;
            cell.timers()
                    .startTimerWithFixedDelay(
                            Note.ViewCheck.INSTANCE,
                            Note.ViewCheck.INSTANCE,
                            cell.settings().viewIdleAfter());
        }
    }

    private void onViewCheck() {
        logic.dropUnusedViews(cell.services().clock().nanoTime()
                - cell.settings().viewIdleAfter().toNanos());
        if (logic.views().isEmpty()) {
            isWatchingViews = false;
            cell.timers().cancel(Note.ViewCheck.INSTANCE);
        }
    }

    /** Views are outdated by this message, where no guest was at hand. */
    private void queueRefresh() {
        if (!isRefreshQueued && !procedures.isWriting() && logic.views().areOutdated()) {
            isRefreshQueued = true;
            cell.self().tell(Note.RefreshViews.INSTANCE);
        }
    }

    /** One view per message, so that calls come in between. */
    private void onRefreshViews() {
        Loan loan = lending.loan();
        if (!logic.views().areOutdated()) {
            isRefreshQueued = false;
        } else if (loan == null) {
            lending.await(Note.RefreshViews.INSTANCE, cell.admission().arrivalMicros(), logic.program());
        } else {
            isRefreshQueued = false;
            logic.bringUpToDate(loan.instance());
            afterGuest();
        }
    }

    private void setTimer() {
        long due = logic.nextDueMicros();
        long now = cell.services().clock().epochMicros();
        if (due <= now) {
            queueDue();
        } else if (due != Schedule.NEVER) {
            long micros = due - now < 0 ? TIMER_MICROS_MAX : due - now;
            alarm.set(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Math.min(micros, TIMER_MICROS_MAX))));
        }
        dueMicrosTimed = due;
        if (due != Schedule.NEVER) {
            passivation.scheduled();
        }
    }

    /** Has a worker read what the schedule does not know yet, if there is anything. */
    private void readSchedule() {
        ScheduleReading reading = logic.unreadSchedule();
        if (reading == null) {
            return;
        }
        CompletableFuture<Void> running;
        try {
            running = CompletableFuture.runAsync(
                    reading::read, cell.services().workers().keyed(cell.database()));
        } catch (RejectedExecutionException e) {
            cell.timers()
                    .startSingleTimer(Note.ScheduleNotRead.INSTANCE, Note.ScheduleNotRead.INSTANCE, INSTANCE_PAUSE);
            return;
        }
        cell.context()
                .pipeToSelf(
                        running,
                        (_, failure) -> failure == null
                                ? new Note.ScheduleRead(reading)
                                : new Note.ScheduleUnreadable(reading, failure));
    }

    private void onEnterSchedule(Note.EnterSchedule enter) {
        if (logic.enterSchedule(enter.reading())) {
            cell.self().tell(enter);
        }
        setTimerIfEarlier();
    }

    private void watchForIdleness() {
        callCountSeen = logic.callCount();
        cell.timers()
                .startTimerWithFixedDelay(
                        Note.IdleCheck.INSTANCE,
                        Note.IdleCheck.INSTANCE,
                        cell.settings().idleAfter());
    }

    private void onIdleCheck() {
        if (logic.callCount() == callCountSeen) {
            lending.giveBack();
        }
        if (lending.loan() == null) {
            cell.timers().cancel(Note.IdleCheck.INSTANCE);
        }
        callCountSeen = logic.callCount();
    }

    private void onDescribe(Command.Describe describe) {
        Program program = logic.program();
        Database.Description description = new Database.Description(
                program.owner(),
                program.hostType(),
                program.hash(),
                program.definition().raw());
        logic.<Database.DescribeOutcome>answer(true, describe.replyTo(), description, Outcomes.UNKNOWN, 0);
    }

    private void onReadLog(Command.ReadLog read) {
        if (logic.program().isOwner(read.caller())) {
            cell.readLog(read);
        } else {
            read.replyTo().tell(new Database.NotOwner(logic.program().owner()));
        }
    }

    private void onFollowLog(Command.FollowLog follow) {
        if (logic.program().isOwner(follow.caller())) {
            cell.followLog(follow);
        } else {
            follow.replyTo().tell(new Database.NotOwner(logic.program().owner()));
        }
    }

    private Behavior<DatabaseMessage> onDelete(Command.Delete delete) {
        if (!logic.program().isOwner(delete.caller())) {
            delete.replyTo().tell(new Database.NotOwner(logic.program().owner()));
            return this;
        }
        logic.clients().endAll("the database was deleted", logic.offset());
        giveUp(Outcomes.ENDS);
        cell.orders().end();
        return Ending.start(cell, journal, delete, logic.offset() + 1);
    }

    /**
     * Not while a restore is under way: its rows would come before those of the snapshot, and go with what is older than
     * the snapshot.
     */
    private void onTakeSnapshot(Command.TakeSnapshot take) {
        if (restorer.isIdle()) {
            snapshots.begin(logic, take.replyTo());
        } else {
            take.replyTo().tell(new Database.NoSnapshot("a restore of the database is under way"));
        }
    }

    private Behavior<DatabaseMessage> onStateReady(Note.StateReady ready) {
        Restorer.Begun begun = restorer.onReady(ready, logic.program());
        if (begun == null) {
            return this;
        }
        if (hasJournalEnded) {
            begun.command().replyTo().tell(new Database.Unavailable("the journal does not answer; try again"));
            return this;
        }
        logic.clients().endAll("the database is being restored", logic.offset());
        giveUp(new Database.Unavailable("the database is being restored"));
        return Restoring.start(cell, journal, begun, logic.offset() + 1);
    }

    private void onSameProgram(Note.SameProgram same) {
        Command.Publish command = publisher.onSameProgram(same);
        if (command != null) {
            PublishOutcome outcome = new Database.Published(false, same.warnings(), logic.offset());
            logic.<PublishOutcome>answer(true, command.replyTo(), outcome, Outcomes.UNKNOWN, 0);
        }
    }

    private void onReady(Publisher.@Nullable Ready ready) {
        switch (ready) {
            case null -> {}
            case Publisher.Ready.Fresh fresh -> takeOver(fresh, false);
            case Publisher.Ready.Update update -> update(update);
        }
    }

    private void takeOver(Publisher.Ready.Fresh fresh, boolean isCreated) {
        logic.clients().endAll(CLEARED, logic.offset());
        logic.replace(fresh.program(), fresh.store());
        published(fresh, Bytes.EMPTY, fresh.delta(), isCreated);
    }

    private void update(Publisher.Ready.Update update) {
        switch (logic.update(update.program(), update.build())) {
            case MigrationResult.Refused(List<String> reasons) -> {
                update.command().replyTo().tell(new Database.UpdateRefused(reasons));
                cell.close(update.instance());
                publisher.next();
            }
            case MigrationResult.Updated(MigrationPlan.Possible plan, ResolvedMigration migration) -> {
                if (plan.disconnectsClients()) {
                    logic.clients().endAll("the module was updated", logic.offset());
                }
                plan.steps().stream()
                        .filter(step -> step.phase() != MigrationStep.Phase.REFRESH)
                        .forEach(step -> cell.environment().say(Level.INFO, step.text()));
                published(update, migration.toBytes(), Delta.EMPTY, false);
            }
        }
    }

    /** @param migration empty if nothing was carried over */
    private void published(Publisher.Ready ready, Bytes migration, Delta delta, boolean isCreated) {
        publisher.keepProgram();
        Program program = ready.program();
        LogEntry.Published entry = new LogEntry.Published(
                cell.services().clock().epochMicros(),
                program.owner(),
                program.hostType(),
                program.hash(),
                program.definition().raw(),
                program.guestLibrary(),
                migration.isEmpty(),
                migration,
                RecoveredState.tables(logic.store()),
                delta);
        PublishOutcome outcome =
                new Database.Published(isCreated, ready.module().warnings(), logic.offset());
        int bytes = DatabaseLogic.bytes(delta) + program.definition().raw().length() + migration.length();
        journal.outbox()
                .append(new Answer<PublishOutcome>(
                        logic.offset(), entry, bytes, ready.command().replyTo(), outcome, Outcomes.UNKNOWN));
        logic.planAgain();
        publisher.inForce();
        cell.environment().say(Level.INFO, isCreated ? "Database created" : "Database updated");
        lending.update(ready.module(), ready.instance());
        watchForIdleness();
        readSchedule();
        setTimer();
        resume();
    }

    private void cancelTimers() {
        alarm.cancel();
        cell.timers().cancel(Note.ScheduleNotRead.INSTANCE);
        cell.timers().cancel(Note.IdleCheck.INSTANCE);
        cell.timers().cancel(Note.ViewCheck.INSTANCE);
        cell.timers().cancel(Note.NoteOffset.INSTANCE);
    }

    /** The memory that an earlier fence lacked may be there again. */
    private Behavior<DatabaseMessage> fence(DatabaseMessage message) {
        Behavior<DatabaseMessage> fenced = fence();
        if (message instanceof Command command) {
            Outcomes.refuse(command, new Database.Unavailable("the database recovers"));
        }
        return fenced;
    }

    private Behavior<DatabaseMessage> fence(String reason) {
        isInDoubt = true;
        cell.context().getLog().error("database {} is fenced: {}", cell.database(), reason);
        return fence();
    }

    private Behavior<DatabaseMessage> fence() {
        logic.loseInHand();
        logic.clients().moveAll(false, logic.offset());
        giveUp(new Database.Unavailable("the database recovers"));
        return hasJournalEnded
                ? Recovering.afterFence(cell, journal.outbox())
                : Recovering.fence(cell, journal.child(), journal.outbox());
    }

    private void giveUp(Database.Refusal refusal) {
        procedures.end(refusal);
        deferred.clear();
        returning.end();
        cell.claims().clear();
        publisher.abort(refusal);
        restorer.abort(refusal);
        snapshots.abort(refusal);
        lending.end(refusal);
        cancelTimers();
        logic.abandonSchedule();
        logic.refuseLongQueries(refusal);
        settling.end();
        passivation.end();
        cell.vitals().notServing();
        cell.leaveCore();
    }

    @Override
    public Behavior<DatabaseMessage> onSignal(Signal signal) {
        if (journal.hasEnded(signal)) {
            hasJournalEnded = true;
            settling.childEnded();
            return this;
        }
        if (lending.hasEnded(signal)) {
            cell.context().getLog().error("database {} is fenced: its pool of instances failed", cell.database());
            return fence();
        }
        if (signal instanceof PostStop) {
            logic.clients().moveAll(false, logic.offset());
            giveUp(Outcomes.MOVED);
            journal.outbox().loseAll();
            cell.stopped();
        }
        return Cell.after(signal, this);
    }
}
