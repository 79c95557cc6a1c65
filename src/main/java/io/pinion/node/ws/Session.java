package io.pinion.node.ws;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
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
 * One connection between its socket and its database, which it follows wherever that goes. Requests go to the database in the
 * order in which they came, so many at a time; what the database says goes out in the order in which it says it.
 *
 * <pre>
 *   locating ── the database is found ──► arriving ── Opened, or Resumed ──► open
 *      ▲                                     │                                │
 *      └───── Moving, or the database is gone: the next stint begins ◄────────┘
 *
 *   any ── the socket ends, or the database does, or its time is up ──► ended
 * </pre>
 *
 * A stint is the time at one database actor, which hears of no other: what is still said in an earlier one does not count,
 * but for the answers of calls. With the first {@code Opened} the greeting is sent. Requests that come while it is not open
 * wait; those that are not answered when a stint ends are sent again in the next, as far as they are not carried out twice by
 * that. When this actor stops, the database takes the connection for closed.
 */
final class Session extends AbstractMatchingBehavior<Session.Note> {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    /** The database answers a missed deadline itself; only a database that is gone does not. */
    private static final Duration ANSWER_ALLOWANCE = Duration.ofSeconds(5);

    /** For one question, which is lost when a database moves just then. */
    private static final Duration LOCATE_TIMEOUT = Duration.ofSeconds(1);

    private static final Duration LOCATE_PAUSE = Duration.ofMillis(50);

    /** In which what a database said before it stopped gets here. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    /** No position of it is taken for one of any other. */
    private static final long UNKNOWN_EPOCH = -1;

    private final Connection connection;
    private final EntityRef<Database.Command> entity;
    private final BooleanSupplier areHostsSeveral;
    private final WebSocketSettings settings;
    private final TimerScheduler<Note> timers;
    private final Socket socket;
    private final Answers answers;
    private final ActorRef<Note> self;
    private final MessageOrder order;
    private final Deque<Work> waiting = new ArrayDeque<>();
    private final SequencedMap<Integer, Sent> sent = new LinkedHashMap<>();
    private final HeldSets held = new HeldSets();
    private int numbers;

    private Phase phase = Phase.LOCATING;
    private int stint = 1;
    private @Nullable ActorRef<Database.Command> database;
    /** What database actors speak to, of this stint and of those before it. */
    private final List<ActorRef<Client.Delivery>> ears = new ArrayList<>();

    private boolean wasOpen;
    private boolean isEnding;
    private boolean hidesCalls;
    /** Whether the client was told of commits that rows of views were still to follow. */
    private boolean lacksRows;

    /** Up to where the client was told everything. */
    private Client.Position position = new Client.Position(Client.Position.DURABLE, 0);

    private enum Phase {
        LOCATING,
        ARRIVING,
        OPEN
    }

    /** What this actor is told. */
    sealed interface Note {
        /** A message of the client. */
        record Received(Bytes payload, boolean isText) implements Note {}

        enum SocketGone implements Note {
            INSTANCE
        }

        record Delivered(int stint, Client.Delivery delivery) implements Note {}

        /**
         * @param from whom it was asked
         * @param outcome null if none came in time
         */
        record CallEnded(int number, ActorRef<Database.Command> from, Database.@Nullable CallOutcome outcome)
                implements Note {}

        /** As {@link CallEnded}. */
        record ProcedureEnded(int number, ActorRef<Database.Command> from, Database.@Nullable ProcedureOutcome outcome)
                implements Note {}

        enum OpenOverdue implements Note {
            INSTANCE
        }

        /** @param database null if it was not found */
        record Located(int stint, @Nullable ActorRef<Database.Command> database) implements Note {}

        /** Look for the database. */
        record Locate(int stint) implements Note {}

        enum ReturnOverdue implements Note {
            INSTANCE
        }

        /** A database actor has stopped, and everything that it has said is here. */
        record Silent(ActorRef<?> database) implements Note {}
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
            EntityRef<Database.Command> entity,
            BooleanSupplier areHostsSeveral,
            WebSocketSettings settings,
            Socket socket) {
        super(context);
        this.connection = connection;
        this.entity = entity;
        this.areHostsSeveral = areHostsSeveral;
        this.settings = settings;
        this.timers = timers;
        this.socket = socket;
        this.answers = new Answers(connection);
        this.order = new MessageOrder(
                message -> socket.send(connection.protocol().encoder().encode(message)),
                settings.outgoingCountMax(),
                settings.outgoingBytesMax());
        this.self = context.getSelf();
        timers.startSingleTimer(Note.OpenOverdue.INSTANCE, settings.openTimeout());
        locate();
    }

    /** @param areHostsSeveral whether the database may go on at another node than this */
    static Behavior<Note> create(
            Connection connection,
            EntityRef<Database.Command> database,
            BooleanSupplier areHostsSeveral,
            WebSocketSettings settings,
            Socket socket) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new Session(context, timers, connection, database, areHostsSeveral, settings, socket)));
    }

    @Override
    public Behavior<Note> onMessage(Note note) {
        switch (note) {
            case Note.Received(Bytes payload, boolean isText) -> onReceived(payload, isText);
            case Note.SocketGone _ -> {
                return Behaviors.stopped();
            }
            case Note.Delivered(int from, Client.Delivery delivery) -> {
                if (from == stint && !isEnding) {
                    onDelivery(delivery);
                    dispatch();
                }
            }
            case Note.CallEnded ended -> onCallEnded(ended);
            case Note.ProcedureEnded ended -> onProcedureEnded(ended);
            case Note.OpenOverdue _ -> {
                if (!wasOpen) {
                    socket.abort("the module did not answer in time");
                }
            }
            case Note.Located(int of, var found) -> onLocated(of, found);
            case Note.Locate(int of) -> {
                if (of == stint) {
                    locate();
                }
            }
            case Note.ReturnOverdue _ -> end();
            case Note.Silent(ActorRef<?> gone) -> onSilent(gone);
        }
        return this;
    }

    @Override
    public Behavior<Note> onSignal(Signal signal) {
        switch (signal) {
            case Terminated gone -> timers.startSingleTimer(gone.getRef(), new Note.Silent(gone.getRef()), LAST_WORDS);
            case PostStop _ -> socket.abort("its session has ended");
            default -> {}
        }
        return this;
    }

    // Following the database

    private void locate() {
        int mine = stint;
        getContext()
                .pipeToSelf(
                        entity.ask(Database.Command.Locate::new, LOCATE_TIMEOUT),
                        (outcome, _) ->
                                new Note.Located(mine, outcome instanceof Database.Located(var actor) ? actor : null));
    }

    private void locateAfterPause() {
        timers.startSingleTimer(Note.Locate.class, new Note.Locate(stint), LOCATE_PAUSE);
    }

    private void onLocated(int of, @Nullable ActorRef<Database.Command> found) {
        if (of != stint || phase != Phase.LOCATING) {
            return;
        }
        if (found == null) {
            locateAfterPause();
            return;
        }
        phase = Phase.ARRIVING;
        database = found;
        getContext().watch(found);
        ActorRef<Client.Delivery> ear = ear();
        found.tell(new Database.Command.ForClient(wasOpen ? resume(ear) : open(ear)));
    }

    /** What it hears is put into this actor's mailbox by the thread that tells it, so that it comes in order with outcomes. */
    private ActorRef<Client.Delivery> ear() {
        int mine = stint;
        ActorRef<Client.Delivery> ear = getContext()
                .asScala()
                .spawnMessageAdapter(delivery -> new Note.Delivered(mine, delivery), "ear-" + mine);
        ears.add(ear);
        return ear;
    }

    private Client.Request open(ActorRef<Client.Delivery> ear) {
        return new Client.Open(
                connection.caller(),
                connection.claims(),
                connection.isConfirmed(),
                connection.protocol().isV1(),
                ear);
    }

    private Client.Request resume(ActorRef<Client.Delivery> ear) {
        return new Client.Resume(
                connection.caller(),
                connection.claims(),
                connection.isConfirmed(),
                connection.protocol().isV1(),
                position,
                held.all(),
                ear);
    }

    private void opened(boolean hides) {
        hidesCalls = hides;
        phase = Phase.OPEN;
        timers.cancel(Note.ReturnOverdue.INSTANCE);
        // The database would take the end of one for the end of the connection, were it not there with another already.
        while (ears.size() > 1) {
            getContext().stop(ears.removeFirst());
        }
    }

    /** The client knows everything up to the offset, by the reckoning of that epoch. */
    private void reached(long epoch, long offset) {
        long known = connection.isConfirmed() ? Client.Position.DURABLE : epoch;
        position = new Client.Position(known, Math.max(position.offset(), offset));
    }

    private void reached(long offset) {
        reached(position.epoch(), offset);
    }

    private void onReached(Client.Reached told) {
        lacksRows = !told.isAll();
        if (told.isAll()) {
            reached(told.offset());
        }
    }

    private void onMoving(Client.Moving moving) {
        if (moving.isSettled()) {
            lacksRows = false;
            position = new Client.Position(Client.Position.DURABLE, Math.max(position.offset(), moving.offset()));
        }
        nextStint();
    }

    private void nextStint() {
        boolean wasFound = phase == Phase.OPEN;
        if (wasOpen && (lacksRows || !forgetAwaited())) {
            end();
            return;
        }
        stint++;
        phase = Phase.LOCATING;
        database = null;
        if (wasOpen && !timers.isTimerActive(Note.ReturnOverdue.INSTANCE)) {
            timers.startSingleTimer(Note.ReturnOverdue.INSTANCE, Note.ReturnOverdue.INSTANCE, settings.returnTimeout());
        }
        if (wasFound) {
            locate();
        } else {
            locateAfterPause();
        }
    }

    /**
     * What was being read will not come, and is asked for again. What the client has not been sent of its changes goes.
     *
     * @return whether that is possible: not where changes of all sets are told together, or a set was to be given up
     */
    private boolean forgetAwaited() {
        for (Sent request : sent.values()) {
            Long ticket = request.ticket();
            if (ticket != null) {
                switch (request.message()) {
                    case ClientMessage.Subscribe ask
                    when !connection.protocol().isV1() -> order.forget(ticket, ask.setId());
                    case ClientMessage.OneOffQuery _ -> {}
                    case ClientMessage other -> {
                        log.debug("a connection cannot follow its database: rows are being read for {}", other);
                        return false;
                    }
                }
                order.abandon(ticket);
                request.awaits(null);
            }
        }
        return true;
    }

    private void onSilent(ActorRef<?> gone) {
        for (int number : List.copyOf(sent.keySet())) {
            Sent request = Objects.requireNonNull(sent.get(number));
            if (request.isAt(gone) && !request.mayBeSentAgain()) {
                lost(number, request);
            }
        }
        if (gone.equals(database)) {
            nextStint();
        } else {
            dispatch();
        }
    }

    private void lost(int number, Sent request) {
        sent.remove(number);
        switch (request.message()) {
            case ClientMessage.CallReducer call ->
                answers.of(call, new Database.OutcomeUnknown(), hidesCalls).ifPresent(this::say);
            case ClientMessage.CallProcedure call -> say(Answers.of(call, new Database.OutcomeUnknown()));
            case ClientMessage other -> throw new IllegalStateException("it can be sent again: " + other);
        }
    }

    private void sendAgain() {
        sent.forEach((number, request) -> {
            if (request.mayBeSentAgain()) {
                send(number, request);
            }
        });
    }

    private void end() {
        isEnding = true;
        socket.close(CloseCodes.GOING_AWAY, CloseCodes.MODULE_EXITED);
    }

    // Requests of the client

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
        while (phase == Phase.OPEN && !isEnding && sent.size() < settings.requestsMax() && !waiting.isEmpty()) {
            switch (waiting.removeFirst()) {
                case Work.Request(ClientMessage message, int payloadBytes) -> {
                    if (payloadBytes > 0) {
                        socket.taken(payloadBytes);
                    }
                    begin(message);
                }
                case Work.Malformed(String problem) -> {
                    isEnding = true;
                    socket.close(CloseCodes.MALFORMED, problem);
                }
            }
        }
    }

    /** Where calls cannot be lost no request id is needed, and the database is spared remembering it. */
    private void begin(ClientMessage message) {
        boolean isNamed = message instanceof ClientMessage.CallReducer && areHostsSeveral.getAsBoolean();
        Sent request = new Sent(
                message,
                isNamed ? RequestId.next() : RequestId.NONE,
                System.nanoTime() + settings.callTimeout().toNanos());
        int number = ++numbers;
        sent.put(number, request);
        send(number, request);
    }

    private void send(int number, Sent request) {
        ActorRef<Database.Command> to = Objects.requireNonNull(database);
        ActorRef<Client.Delivery> ear = ears.getLast();
        Database.Caller caller = connection.caller();
        request.sentTo(to);
        switch (request.message()) {
            case ClientMessage.Subscribe(int _, int setId, var kind, List<String> queries) ->
                tell(to, new Client.Subscribe(caller, number, setId, kind, queries, ear));
            case ClientMessage.Unsubscribe(int _, int setId, var kind, boolean wantsRows) ->
                tell(to, new Client.Unsubscribe(caller, number, setId, kind, wantsRows, ear));
            case ClientMessage.OneOffQuery(int _, Bytes messageId, String query) ->
                tell(to, new Client.Ask(caller, number, messageId, query, ear));
            case ClientMessage.CallReducer call -> call(to, number, call, request);
            case ClientMessage.CallProcedure call -> call(to, number, call, request);
        }
    }

    private static void tell(ActorRef<Database.Command> to, Client.Request request) {
        to.tell(new Database.Command.ForClient(request));
    }

    private void call(ActorRef<Database.Command> to, int number, ClientMessage.CallReducer call, Sent request) {
        Duration left = Duration.ofNanos(Math.max(0, request.deadlineNanos() - System.nanoTime()));
        this.<Database.CallOutcome>ask(
                to,
                replyTo -> new Database.Command.CallReducer(
                        call.reducer(),
                        call.arguments(),
                        connection.caller(),
                        request.requestId(),
                        connection.isConfirmed(),
                        request.deadlineNanos(),
                        call.requestId(),
                        replyTo),
                left.plus(ANSWER_ALLOWANCE),
                outcome -> new Note.CallEnded(number, to, outcome));
    }

    private void call(ActorRef<Database.Command> to, int number, ClientMessage.CallProcedure call, Sent request) {
        this.<Database.ProcedureOutcome>ask(
                to,
                replyTo -> new Database.Command.CallProcedure(
                        call.procedure(),
                        call.arguments(),
                        connection.caller(),
                        RequestId.NONE,
                        connection.isConfirmed(),
                        request.deadlineNanos(),
                        replyTo),
                settings.procedureTimeout(),
                outcome -> new Note.ProcedureEnded(number, to, outcome));
    }

    /**
     * Has the outcome of a command put into this actor's mailbox by the thread that tells it, so that it keeps its place among
     * the deliveries. What is to happen with it has to be settled before the command is on its way: so the question is put
     * to nobody first.
     *
     * @param note of the outcome, or of null if none comes in time
     */
    private <T> void ask(
            ActorRef<Database.Command> to,
            Function<ActorRef<T>, Database.Command> command,
            Duration timeout,
            Function<@Nullable T, Note> note) {
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
        to.tell(Objects.requireNonNull(asked.get()));
    }

    // What the database says

    private void onDelivery(Client.Delivery delivery) {
        switch (delivery) {
            case Client.Opened(boolean hides, long epoch, long offset) -> {
                wasOpen = true;
                reached(epoch, offset);
                opened(hides);
                say(answers.greeting());
            }
            case Client.Resumed(boolean hides, long epoch, long offset) -> {
                reached(epoch, offset);
                opened(hides);
                sendAgain();
            }
            case Client.Refused(String reason) -> onRefused(reason);
            case Client.Moving moving -> onMoving(moving);
            case Client.Reached told -> onReached(told);
            case Client.Applied applied -> answered(applied.requestId(), applied);
            case Client.Dropped dropped -> answered(dropped.requestId(), dropped);
            case Client.Result result -> answered(result.requestId(), result);
            case Client.NotSubscribed refusal -> onNotSubscribed(refusal);
            case Client.Awaited(long ticket, int number) -> {
                Sent request = sent.get(number);
                if (request != null) {
                    request.awaits(ticket);
                    order.await(ticket);
                }
            }
            case Client.Late(long ticket, Client.Delivery answer) -> onLate(ticket, answer);
            case Client.Updated(long offset, Client.Cause cause, var sets) -> {
                reached(offset);
                say(answers.update(cause, sets, hidesCalls));
            }
            case Client.Missed(RequestId requestId, Client.Updated update) -> onMissed(requestId, update);
            case Client.Ended _ -> end();
        }
    }

    private void onRefused(String reason) {
        if (wasOpen) {
            log.debug("a connection cannot follow its database: {}", reason);
            end();
        } else {
            socket.abort("the connection was refused: " + reason);
        }
    }

    private void onNotSubscribed(Client.NotSubscribed refusal) {
        Integer number = refusal.requestId();
        if (number != null) {
            answered(number, refusal);
        } else {
            held.remove(refusal.setId());
            say(Answers.of(null, refusal));
        }
    }

    private void answered(int number, Client.Delivery answer) {
        Sent request = sent.remove(number);
        if (request != null) {
            note(request.message(), answer);
            say(Answers.of(request.message().requestId(), answer));
        }
    }

    private void note(ClientMessage message, Client.Delivery answer) {
        if (answer instanceof Client.Applied applied && message instanceof ClientMessage.Subscribe subscribe) {
            reached(applied.offset());
            held.add(subscribe);
        } else if (answer instanceof Client.Dropped dropped) {
            held.remove(dropped.setId());
        }
    }

    private void onLate(long ticket, Client.Delivery answer) {
        for (Map.Entry<Integer, Sent> entry : sent.entrySet()) {
            Long awaited = entry.getValue().ticket();
            if (awaited != null && awaited == ticket) {
                sent.remove(entry.getKey());
                late(ticket, entry.getValue().message(), answer);
                return;
            }
        }
    }

    private void late(long ticket, ClientMessage message, Client.Delivery answer) {
        boolean isOfRequest = true;
        if (answer instanceof Client.NotSubscribed refusal) {
            order.forget(ticket, refusal.setId());
            isOfRequest = refusal.requestId() != null;
            if (!isOfRequest) {
                held.remove(refusal.setId());
            }
        }
        note(message, answer);
        order.arrived(ticket, Answers.of(isOfRequest ? message.requestId() : null, answer));
    }

    /** A commit that a call of this connection has made goes with the answer to that. */
    private void onMissed(RequestId requestId, Client.Updated update) {
        // It may be told before it is durable, and by a database that is gone before its epoch is heard of.
        reached(UNKNOWN_EPOCH, update.offset());
        for (Map.Entry<Integer, Sent> entry : sent.entrySet()) {
            Sent request = entry.getValue();
            if (!requestId.isNone()
                    && request.requestId().equals(requestId)
                    && request.message() instanceof ClientMessage.CallReducer call) {
                sent.remove(entry.getKey());
                Database.Committed committed = new Database.Committed(update.offset(), 0);
                Database.CallOutcome outcome =
                        new Database.CommittedForClient(committed, update.cause(), update.sets());
                answers.of(call, outcome, hidesCalls).ifPresent(this::say);
                return;
            }
        }
        say(answers.update(update.cause(), update.sets(), hidesCalls));
    }

    private void onCallEnded(Note.CallEnded ended) {
        Sent request = sent.get(ended.number());
        if (request == null || !(request.message() instanceof ClientMessage.CallReducer call)) {
            return;
        }
        boolean isHere = phase == Phase.OPEN && ended.from().equals(database);
        switch (ended.outcome()) {
            case Database.Moved _ -> onNotBegun(ended.number(), request, ended.from());
            case Database.OutcomeUnknown _
            when request.isAskedAgain() -> {
                if (isHere) {
                    send(ended.number(), request);
                }
            }
            // What it says of rows is missed then, and comes otherwise.
            case Database.CommittedForClient _
            when !isHere && !request.requestId().isNone() -> {}
            case Database.CommittedForClient(var committed, var _, var _)
            when !isHere -> answer(ended.number(), call, committed);
            case Database.CommittedForClient outcome -> {
                reached(outcome.committed().offset());
                answer(ended.number(), call, outcome);
            }
            case null -> {
                if (request.isAt(ended.from())) {
                    answer(ended.number(), call, null);
                }
            }
            default -> answer(ended.number(), call, ended.outcome());
        }
    }

    private void answer(int number, ClientMessage.CallReducer call, Database.@Nullable CallOutcome outcome) {
        sent.remove(number);
        answers.of(call, outcome, hidesCalls).ifPresent(this::say);
        dispatch();
    }

    private void onProcedureEnded(Note.ProcedureEnded ended) {
        Sent request = sent.get(ended.number());
        if (request == null || !(request.message() instanceof ClientMessage.CallProcedure call)) {
            return;
        }
        if (ended.outcome() instanceof Database.Moved) {
            onNotBegun(ended.number(), request, ended.from());
        } else if (ended.outcome() != null || request.isAt(ended.from())) {
            sent.remove(ended.number());
            say(Answers.of(call, ended.outcome()));
            dispatch();
        }
    }

    /** Nothing has become of it there: it goes where the database goes. */
    private void onNotBegun(int number, Sent request, ActorRef<Database.Command> from) {
        if (request.isAt(from)) {
            request.hasNotBegun();
            if (phase == Phase.OPEN && !from.equals(database)) {
                send(number, request);
            }
        }
    }

    private void say(ServerMessage message) {
        order.say(message);
        if (order.isOverfull()) {
            isEnding = true;
            socket.abort("too much waits for the first rows of a subscription");
        }
    }
}
