package io.pinion.actors.cluster;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way to a database, until there is an answer. One attempt at a time:
 *
 * <pre>
 *   finding ── sent ── an answer ──────────────────────────────────► answered
 *      ▲         ├──── Moved, so it was not begun: after a pause ──┐
 *      │         ├──── its node is gone ───────────────────────────┤ only what may be sent twice;
 *      │         ├──── no answer for a while ──────────────────────┤ else the outcome is not known
 *      │         ├──── OutcomeUnknown, some times ─────────────────┤
 *      │         └──── refused for now, after one of these ────────┤
 *      └───────────────────────────────────────────────────────────┘
 * </pre>
 *
 * Once an attempt may have been carried out without a word, a refusal of a later one says nothing of the call: it is tried
 * again while that may help, and never passed on as if nothing had been done.
 *
 * What may be sent twice: what changes nothing, and calls with a request id, which the database carries out once. A call of
 * a procedure gets none here: it would have to be durable before the procedure begins. Threadsafe.
 */
final class HostCall<O extends Database.Message> {
    private static final long PAUSE_MILLIS_MIN = 10;
    private static final long PAUSE_MILLIS_MAX = 500;

    /** An outcome that is not known may be so for good. */
    private static final int UNKNOWN_MAX = 3;

    private final Surroundings around;
    private final Identity database;
    private final Function<ActorRef<O>, Command> command;
    private final long deadlineNanos;
    private final RequestId requestId;
    private final boolean isRepeatable;
    private final CompletableFuture<O> result = new CompletableFuture<>();
    private volatile long pauseMillis = PAUSE_MILLIS_MIN;
    private final AtomicInteger unknownCount = new AtomicInteger();
    /** Whether an earlier attempt may have changed something. */
    private volatile boolean isInDoubt;

    /**
     * What calls of a node share.
     *
     * @param isSpread whether several nodes host databases, so that calls need request ids
     * @param repeatAfter what is not answered for so long is sent again
     */
    record Surroundings(
            ActorSystem<?> system, LiveDatabases databases, BooleanSupplier isSpread, Duration repeatAfter) {}

    private HostCall(
            Surroundings around, Identity database, Function<ActorRef<O>, Command> command, long deadlineNanos) {
        this.around = around;
        this.database = database;
        this.command = command;
        this.deadlineNanos = deadlineNanos;
        Command sample = command.apply(around.system().deadLetters());
        this.requestId = requestId(sample);
        this.isRepeatable = !requestId.isNone() || mayBeSentTwice(sample);
    }

    /** Where calls cannot be lost none is needed, and the database is spared remembering it. */
    private RequestId requestId(Command sample) {
        if (!(sample instanceof Command.CallReducer call)) {
            return RequestId.NONE;
        }
        return call.requestId().isNone() && around.isSpread().getAsBoolean() ? RequestId.next() : call.requestId();
    }

    private static boolean mayBeSentTwice(Command command) {
        return switch (command) {
            case Command.CallProcedure call -> !call.requestId().isNone();
            case Command.Query query ->
                query.sql().stripLeading().toLowerCase(Locale.ROOT).startsWith("select");
            case Command.Describe _,
                    Command.PlanPublish _,
                    Command.ReadLog _,
                    Command.TakeSnapshot _,
                    Command.Locate _ -> true;
            default -> false;
        };
    }

    /** Completes with the answer, or with a {@link TimeoutException} at the latest. */
    static <O extends Database.Message> CompletionStage<O> ask(
            Surroundings around, Identity database, Function<ActorRef<O>, Command> command, Duration timeout) {
        HostCall<O> call = new HostCall<>(around, database, command, System.nanoTime() + timeout.toNanos());
        call.find();
        return call.result;
    }

    private Duration remaining() {
        return Duration.ofNanos(deadlineNanos - System.nanoTime());
    }

    private void find() {
        CompletableFuture<LiveDatabase> found = around.databases().find(database);
        if (found.isDone()) {
            var _ = found.whenComplete(this::found);
            return;
        }
        var _ = found.copy()
                .orTimeout(Math.max(0, remaining().toNanos()), TimeUnit.NANOSECONDS)
                .whenComplete(this::found);
    }

    private void found(@Nullable LiveDatabase live, @Nullable Throwable failure) {
        if (live != null) {
            send(live);
        } else {
            again(failure);
        }
    }

    private void send(LiveDatabase live) {
        Duration left = remaining();
        if (left.isNegative() || left.isZero()) {
            result.completeExceptionally(new TimeoutException("the database did not answer in time"));
            return;
        }
        Duration patience = isRepeatable && left.compareTo(around.repeatAfter()) > 0 ? around.repeatAfter() : left;
        new Attempt(live, patience).begin();
    }

    private final class Attempt {
        private final LiveDatabase live;
        private final AtomicBoolean hasEnded = new AtomicBoolean();
        private final Runnable onGone = this::gone;
        private final Duration patience;
        private final long beganNanos = System.nanoTime();

        Attempt(LiveDatabase live, Duration patience) {
            this.live = live;
            this.patience = patience;
        }

        void begin() {
            CompletionStage<O> answer = AskPattern.ask(
                    live.actor(),
                    HostCall.this::command,
                    patience,
                    around.system().scheduler());
            live.onGone(onGone);
            var _ = answer.whenComplete(this::ended);
        }

        private void ended(@Nullable O outcome, @Nullable Throwable failure) {
            live.forget(onGone);
            if (!hasEnded.compareAndSet(false, true)) {
                return;
            }
            switch (outcome) {
                case null -> unanswered(failure);
                case Database.Moved _ -> {
                    around.databases().leave(database, live);
                    again(null);
                }
                case Database.OutcomeUnknown _
                when isRepeatable && unknownCount.getAndIncrement() < UNKNOWN_MAX -> {
                    doubt();
                    again(null);
                }
                case Database.Refusal refusal when isInDoubt -> refusedInDoubt(refusal);
                default -> result.complete(outcome);
            }
        }

        /** An actor of this node that has stopped is not even sent a message: that fails at once. */
        private void unanswered(@Nullable Throwable failure) {
            boolean wasSent = (System.nanoTime() - beganNanos) * 2 >= patience.toNanos();
            if (!wasSent) {
                around.databases().leave(database, live);
            }
            if (isRepeatable || !wasSent) {
                if (wasSent) {
                    doubt();
                }
                again(failure);
            } else {
                result.completeExceptionally(failure == null ? new TimeoutException() : failure);
            }
        }

        private void gone() {
            if (!hasEnded.compareAndSet(false, true)) {
                return;
            }
            around.databases().leave(database, live);
            if (isRepeatable) {
                doubt();
                again(null);
            } else {
                result.complete(unknown());
            }
        }
    }

    /** What only reads has changed nothing. */
    private void doubt() {
        isInDoubt = !requestId.isNone();
    }

    private void refusedInDoubt(Database.Refusal refusal) {
        switch (refusal) {
            case Database.Unavailable _, Database.Overloaded _ -> again(null);
            default -> result.complete(unknown());
        }
    }

    /** Every kind of outcome can be a refusal. */
    @SuppressWarnings("unchecked")
    private O unknown() {
        return (O) new Database.OutcomeUnknown();
    }

    private Command command(ActorRef<O> replyTo) {
        Command made = command.apply(replyTo);
        return made instanceof Command.CallReducer call && call.requestId().isNone() && !requestId.isNone()
                ? call.withRequestId(requestId)
                : made;
    }

    private void again(@Nullable Throwable failure) {
        long millis = pauseMillis;
        pauseMillis = Math.min(PAUSE_MILLIS_MAX, millis * 2);
        if (remaining().toMillis() <= millis) {
            result.completeExceptionally(cause(failure));
            return;
        }
        after(millis).execute(this::find);
    }

    private static Throwable cause(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause != null ? cause : new TimeoutException("the database moves, and did not answer in time");
    }

    private static Executor after(long millis) {
        return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
    }
}
