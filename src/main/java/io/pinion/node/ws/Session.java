package io.pinion.node.ws;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.node.ws.ServerMessage.Status;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.scaladsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.ExecutionContext;

/**
 * One connection between its socket and its database. Requests go to the database in the order in which they came, so many
 * at a time; what the database says goes out in the order in which it says it.
 *
 * <pre>
 *   opening ── Opened: the greeting is sent ──► open ── the socket ends, or the database does ──► ended
 *      └────── Refused, or its time is up: the connection is dropped ──────────────────────────► ended
 * </pre>
 *
 * Requests that come while it opens wait. When this actor stops, the database takes the connection for closed.
 */
final class Session extends AbstractMatchingBehavior<Session.Note> {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    /** The database answers a missed deadline itself; only a database that is gone does not. */
    private static final Duration ANSWER_ALLOWANCE = Duration.ofSeconds(5);

    private final Connection connection;
    private final EntityRef<Database.Command> database;
    private final WebSocketSettings settings;
    private final Socket socket;
    private final ActorRef<Client.Delivery> client;
    private final ActorRef<Note> self;
    private final MessageOrder order;
    private final Deque<Work> waiting = new ArrayDeque<>();
    private boolean isOpen;
    private boolean isEnding;
    private boolean hidesCalls;
    private int requestCount;

    /** What this actor is told. */
    sealed interface Note {
        /** A message of the client. */
        record Received(Bytes payload, boolean isText) implements Note {}

        enum SocketGone implements Note {
            INSTANCE
        }

        record Delivered(Client.Delivery delivery) implements Note {}

        /** @param outcome null if none came in time */
        record CallEnded(ClientMessage.CallReducer call, Database.@Nullable CallOutcome outcome) implements Note {}

        /** @param outcome null if none came in time */
        record ProcedureEnded(ClientMessage.CallProcedure call, Database.@Nullable ProcedureOutcome outcome)
                implements Note {}

        enum OpenOverdue implements Note {
            INSTANCE
        }
    }

    /** What waits for its turn; the last of a payload carries the size of that. */
    private sealed interface Work {
        record Request(ClientMessage message, int payloadBytes) implements Work {}

        record Malformed(String problem) implements Work {}
    }

    /** Runs what follows on the thread that it follows on. */
    private enum SameThread implements ExecutionContext {
        INSTANCE;

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void reportFailure(Throwable failure) {
            log.error("an outcome could not be handed over", failure);
        }
    }

    private Session(
            ActorContext<Note> context,
            TimerScheduler<Note> timers,
            Connection connection,
            EntityRef<Database.Command> database,
            WebSocketSettings settings,
            Socket socket) {
        super(context);
        this.connection = connection;
        this.database = database;
        this.settings = settings;
        this.socket = socket;
        this.order = new MessageOrder(
                message -> socket.send(connection.protocol().encoder().encode(message)),
                settings.outgoingCountMax(),
                settings.outgoingBytesMax());
        this.self = context.getSelf();
        this.client = context.messageAdapter(Client.Delivery.class, Note.Delivered::new);
        timers.startSingleTimer(Note.OpenOverdue.INSTANCE, settings.openTimeout());
        ask(new Client.Open(
                connection.caller(),
                connection.claims(),
                connection.isConfirmed(),
                connection.protocol().isV1(),
                client));
    }

    static Behavior<Note> create(
            Connection connection, EntityRef<Database.Command> database, WebSocketSettings settings, Socket socket) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Session(context, timers, connection, database, settings, socket)));
    }

    @Override
    public Behavior<Note> onMessage(Note note) {
        switch (note) {
            case Note.Received(Bytes payload, boolean isText) -> onReceived(payload, isText);
            case Note.SocketGone _ -> {
                return Behaviors.stopped();
            }
            case Note.Delivered(Client.Delivery delivery) -> onDelivery(delivery);
            case Note.CallEnded(var call, var outcome) -> onCallEnded(call, outcome);
            case Note.ProcedureEnded(var call, var outcome) -> onProcedureEnded(call, outcome);
            case Note.OpenOverdue _ -> {
                if (!isOpen) {
                    socket.abort("the module did not answer in time");
                }
            }
        }
        return this;
    }

    @Override
    public Behavior<Note> onSignal(Signal signal) {
        switch (signal) {
            case Terminated _ -> end();
            case PostStop _ -> socket.abort("its session has ended");
            default -> {}
        }
        return this;
    }

    private void onReceived(Bytes payload, boolean isText) {
        List<ClientMessage> messages = new ArrayList<>();
        String problem = decode(payload, isText, messages);
        if (waiting.size() + messages.size() > settings.incomingCountMax()) {
            isEnding = true;
            waiting.clear();
            socket.close(CloseCodes.TRY_AGAIN, CloseCodes.TOO_MANY_REQUESTS);
            return;
        }
        for (int i = 0; i < messages.size(); i++) {
            waiting.add(new Work.Request(messages.get(i), i == messages.size() - 1 ? payload.length() : 0));
        }
        if (problem != null) {
            waiting.add(new Work.Malformed(problem));
        }
        dispatch();
    }

    /** What is wrong with the message after the last good one, if anything. */
    private @Nullable String decode(Bytes payload, boolean isText, List<ClientMessage> messages) {
        try {
            connection.protocol().decode(payload.unsafeArray(), isText, messages);
            return null;
        } catch (MalformedMessageException e) {
            return e.problem();
        }
    }

    private void dispatch() {
        while (isOpen && !isEnding && requestCount < settings.requestsMax() && !waiting.isEmpty()) {
            switch (waiting.removeFirst()) {
                case Work.Request(ClientMessage message, int payloadBytes) -> {
                    if (payloadBytes > 0) {
                        socket.taken(payloadBytes);
                    }
                    send(message);
                }
                case Work.Malformed(String problem) -> {
                    isEnding = true;
                    socket.close(CloseCodes.MALFORMED, problem);
                }
            }
        }
    }

    private void send(ClientMessage message) {
        Database.Caller caller = connection.caller();
        switch (message) {
            case ClientMessage.Subscribe(int requestId, int setId, var kind, List<String> queries) ->
                request(new Client.Subscribe(caller, requestId, setId, kind, queries, client));
            case ClientMessage.Unsubscribe(int requestId, int setId, var kind, boolean wantsRows) ->
                request(new Client.Unsubscribe(caller, requestId, setId, kind, wantsRows, client));
            case ClientMessage.OneOffQuery(int requestId, Bytes messageId, String query) ->
                request(new Client.Ask(caller, requestId, messageId, query, client));
            case ClientMessage.CallReducer call -> call(call);
            case ClientMessage.CallProcedure call -> callProcedure(call);
        }
    }

    private void request(Client.Request request) {
        requestCount++;
        ask(request);
    }

    private void ask(Client.Request request) {
        database.tell(new Database.Command.ForClient(request));
    }

    private void call(ClientMessage.CallReducer call) {
        requestCount++;
        long deadlineNanos = System.nanoTime() + settings.callTimeout().toNanos();
        this.<Database.CallOutcome>ask(
                replyTo -> new Database.Command.CallReducer(
                        call.reducer(),
                        call.arguments(),
                        connection.caller(),
                        Database.RequestId.NONE,
                        connection.isConfirmed(),
                        deadlineNanos,
                        call.requestId(),
                        replyTo),
                settings.callTimeout().plus(ANSWER_ALLOWANCE),
                outcome -> new Note.CallEnded(call, outcome));
    }

    /**
     * Has the outcome of a command put into this actor's mailbox by the thread that tells it, so that it keeps its place among
     * the deliveries. What is to happen with it has to be settled before the command is on its way: so the question is put
     * to nobody first.
     *
     * @param note of the outcome, or of null if none comes in time
     */
    private <T> void ask(
            Function<ActorRef<T>, Database.Command> command, Duration timeout, Function<@Nullable T, Note> note) {
        AtomicReference<Database.@Nullable Command> asked = new AtomicReference<>();
        ActorRef<Database.Command> nobody = getContext().getSystem().ignoreRef();
        AskPattern.Askable$.MODULE$
                .<T, Database.Command>ask$extension(
                        nobody,
                        replyTo -> {
                            Database.Command made = command.apply(replyTo);
                            asked.set(made);
                            return made;
                        },
                        Timeout.create(timeout),
                        getContext().getSystem().scheduler())
                .onComplete(
                        outcome -> {
                            self.tell(note.apply(outcome.isSuccess() ? outcome.get() : null));
                            return null;
                        },
                        SameThread.INSTANCE);
        database.tell(Objects.requireNonNull(asked.get()));
    }

    private void callProcedure(ClientMessage.CallProcedure call) {
        requestCount++;
        long deadlineNanos = System.nanoTime() + settings.callTimeout().toNanos();
        this.<Database.ProcedureOutcome>ask(
                replyTo -> new Database.Command.CallProcedure(
                        call.procedure(),
                        call.arguments(),
                        connection.caller(),
                        Database.RequestId.NONE,
                        connection.isConfirmed(),
                        deadlineNanos,
                        replyTo),
                settings.procedureTimeout(),
                outcome -> new Note.ProcedureEnded(call, outcome));
    }

    private void onDelivery(Client.Delivery delivery) {
        switch (delivery) {
            case Client.Opened(ActorRef<?> actor, boolean hides) -> {
                isOpen = true;
                hidesCalls = hides;
                getContext().watch(actor);
                say(new ServerMessage.Greeting(
                        connection.caller().identity(), connection.caller().connectionId(), connection.token()));
            }
            case Client.Refused(String reason) -> socket.abort("the connection was refused: " + reason);
            case Client.Applied _, Client.Dropped _, Client.Result _ -> {
                requestCount--;
                say(answer(delivery));
            }
            case Client.NotSubscribed refusal -> {
                requestCount -= refusal.requestId() == null ? 0 : 1;
                say(answer(refusal));
            }
            case Client.Awaited(long ticket) -> order.await(ticket);
            case Client.Late(long ticket, Client.Delivery answer) -> {
                requestCount--;
                if (answer instanceof Client.NotSubscribed refusal) {
                    order.forget(ticket, refusal.setId());
                }
                order.arrived(ticket, answer(answer));
            }
            case Client.Updated(Client.Cause cause, var sets) -> say(update(cause, sets));
            case Client.Ended _ -> end();
        }
        dispatch();
    }

    private static ServerMessage answer(Client.Delivery delivery) {
        return switch (delivery) {
            case Client.Applied(int requestId, int setId, var kind, var rows, long nanos) ->
                new ServerMessage.SubscribeApplied(requestId, setId, kind, rows, micros(nanos));
            case Client.Dropped(int requestId, int setId, var kind, var rows, long nanos) ->
                new ServerMessage.UnsubscribeApplied(requestId, setId, kind, rows, micros(nanos));
            case Client.NotSubscribed(var requestId, var setId, String reason) ->
                new ServerMessage.SubscriptionError(requestId, setId, reason, 0);
            case Client.Result(int requestId, Bytes messageId, var error, var rows, long nanos) ->
                new ServerMessage.OneOffResult(requestId, messageId, error, rows, micros(nanos));
            default -> throw new IllegalArgumentException("no answer: " + delivery);
        };
    }

    private void end() {
        isEnding = true;
        socket.close(CloseCodes.GOING_AWAY, CloseCodes.MODULE_EXITED);
    }

    private ServerMessage update(Client.Cause cause, List<SetChanges> sets) {
        boolean isLight = connection.isLight() || hidesCalls;
        Client.Details details = isLight ? null : cause.details();
        Call call = new Call(
                cause.caller(),
                cause.connectionId(),
                cause.function(),
                details == null ? Call.UNKNOWN_REDUCER : details.reducerId(),
                details == null ? new Arguments.Bsatn(Bytes.EMPTY) : arguments(details),
                cause.clientNumber(),
                cause.timestampMicros(),
                details == null ? 0 : micros(details.executionNanos()));
        return new ServerMessage.TransactionUpdate(call, isLight, sets);
    }

    /** As the client's protocol spells them. */
    private Arguments arguments(Client.Details details) {
        if (!connection.protocol().isText()) {
            return new Arguments.Bsatn(details.arguments());
        }
        AlgebraicType parameters = TypeCodec.read(new BsatnReader(details.parameters()));
        return new Arguments.Json(
                SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, parameters, details.arguments()));
    }

    private void onCallEnded(ClientMessage.CallReducer call, Database.@Nullable CallOutcome outcome) {
        requestCount--;
        switch (outcome) {
            case null -> result(call, 0, new Outcome.Failed(noAnswer(call.reducer())));
            case Database.Committed committed ->
                result(call, committed.executionNanos(), new Outcome.Committed(List.of()));
            case Database.CommittedForClient(var committed, Client.Cause cause, var sets) ->
                onCommitted(call, committed, cause, sets);
            case Database.Rejected rejected ->
                result(call, rejected.executionNanos(), new Outcome.Rejected(rejected.message()));
            case Database.Failed failed -> result(call, failed.executionNanos(), new Outcome.Failed(failed.reason()));
            case Database.Stopped stopped ->
                result(
                        call,
                        stopped.executionNanos(),
                        new Outcome.Failed(Refusals.text(stopped.limit(), call.reducer())));
            case Database.NoSuchReducer missing -> notStarted(call, missing.message());
            case Database.NotCallable(String message) -> notStarted(call, message);
            case Database.BadArguments(String message) -> notStarted(call, message);
            case Database.Refusal refusal -> notStarted(call, Refusals.text(refusal));
        }
        dispatch();
    }

    private void onProcedureEnded(ClientMessage.CallProcedure call, Database.@Nullable ProcedureOutcome outcome) {
        requestCount--;
        switch (outcome) {
            case null -> failed(call, noAnswer(call.procedure()));
            case Database.Returned returned ->
                say(new ServerMessage.ProcedureResult(
                        call.requestId(),
                        new Status.Returned(returned.returnType(), returned.value()),
                        returned.startMicros(),
                        micros(returned.executionNanos())));
            case Database.ResultNotKept _ -> throw new IllegalStateException("its call had no request id");
            case Database.Failed failed -> failed(call, failed.reason());
            case Database.Stopped stopped -> failed(call, Refusals.text(stopped.limit(), call.procedure()));
            case Database.NoSuchProcedure missing -> failed(call, missing.message());
            case Database.BadArguments(String message) -> failed(call, message);
            case Database.Refusal refusal -> failed(call, Refusals.text(refusal));
        }
        dispatch();
    }

    private void failed(ClientMessage.CallProcedure call, String message) {
        say(new ServerMessage.ProcedureResult(call.requestId(), new Status.Failed(message), 0, 0));
    }

    private static String noAnswer(String function) {
        return "the database did not answer in time; whether " + function + " was carried out is not known";
    }

    /** A caller who wants no result gets the rows as everybody else does. */
    private void onCommitted(
            ClientMessage.CallReducer call, Database.Committed committed, Client.Cause cause, List<SetChanges> sets) {
        if (call.isQuiet()) {
            say(update(cause, sets));
        } else {
            Client.Details details = cause.details();
            int reducerId = details == null ? Call.UNKNOWN_REDUCER : details.reducerId();
            say(new ServerMessage.ReducerResult(
                    called(call, reducerId, cause.timestampMicros(), committed.executionNanos()),
                    new Outcome.Committed(sets)));
        }
    }

    private void result(ClientMessage.CallReducer call, long executionNanos, Outcome outcome) {
        if (!call.isQuiet()) {
            say(new ServerMessage.ReducerResult(called(call, Call.UNKNOWN_REDUCER, now(), executionNanos), outcome));
        }
    }

    /** In v1 the answer to a call that never started does not say which call it was. */
    private void notStarted(ClientMessage.CallReducer call, String message) {
        if (connection.protocol().isV1()) {
            Call unknown = new Call(
                    connection.caller().identity(),
                    connection.caller().connectionId(),
                    call.reducer(),
                    Call.UNKNOWN_REDUCER,
                    new Arguments.Bsatn(Bytes.EMPTY),
                    0,
                    now(),
                    0);
            say(new ServerMessage.ReducerResult(unknown, new Outcome.Failed(message)));
        } else {
            result(call, 0, new Outcome.Failed(message));
        }
    }

    private Call called(ClientMessage.CallReducer call, int reducerId, long timestampMicros, long executionNanos) {
        return new Call(
                connection.caller().identity(),
                connection.caller().connectionId(),
                call.reducer(),
                reducerId,
                call.arguments(),
                call.requestId(),
                timestampMicros,
                micros(executionNanos));
    }

    private static long now() {
        return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    private void say(ServerMessage message) {
        order.say(message);
        if (order.isOverfull()) {
            isEnding = true;
            socket.abort("too much waits for the first rows of a subscription");
        }
    }
}
