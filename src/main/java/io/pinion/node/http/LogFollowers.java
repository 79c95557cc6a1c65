package io.pinion.node.http;

import io.pinion.actors.database.Database;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.javadsl.Source;

/**
 * One small actor per client that follows a log: it takes lines from the database and puts them into the client's
 * response. It ends with the response, of which a client that hung up is noticed when there is something to send, or when
 * the client reads too slowly; see {@link WaitingLines}.
 */
final class LogFollowers {
    private final ActorSystem<?> system;
    private final AtomicLong started = new AtomicLong();

    LogFollowers(ActorSystem<?> system) {
        this.system = system;
    }

    /** What the database answered first, and what it says from then on. */
    static final class Following {
        private final CompletableFuture<Database.LogOutcome> first;
        private final Source<String, NotUsed> later;

        Following(CompletableFuture<Database.LogOutcome> first, Source<String, NotUsed> later) {
            this.first = first;
            this.later = later;
        }

        /** Fails as join does when there is none in time. */
        Database.LogOutcome first(Duration timeout) {
            return first.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).join();
        }

        Source<String, NotUsed> later() {
            return later;
        }
    }

    private sealed interface Signal {
        record Heard(Database.LogOutcome outcome) implements Signal {}

        record ClientGone() implements Signal {}
    }

    /** @param subscribe given the actor that wants to hear the log */
    Following follow(Consumer<ActorRef<Database.LogOutcome>> subscribe) {
        WaitingLines lines = new WaitingLines(system);
        CompletableFuture<Database.LogOutcome> first = new CompletableFuture<>();
        ActorRef<Signal> follower = system.systemActorOf(
                behavior(subscribe, first, lines), "log-follower-" + started.incrementAndGet(), Props.empty());
        var _ = lines.ended().whenComplete((_, _) -> follower.tell(new Signal.ClientGone()));
        return new Following(first, lines.lines());
    }

    private static Behavior<Signal> behavior(
            Consumer<ActorRef<Database.LogOutcome>> subscribe,
            CompletableFuture<Database.LogOutcome> first,
            WaitingLines lines) {
        return Behaviors.setup(context -> {
            subscribe.accept(context.messageAdapter(Database.LogOutcome.class, Signal.Heard::new));
            return Behaviors.receiveMessage(signal -> onSignal(signal, first, lines));
        });
    }

    private static Behavior<Signal> onSignal(
            Signal signal, CompletableFuture<Database.LogOutcome> first, WaitingLines lines) {
        return switch (signal) {
            case Signal.ClientGone _ -> Behaviors.stopped();
            case Signal.Heard(Database.LogOutcome outcome) ->
                first.complete(outcome) ? afterFirst(outcome, lines) : afterLater(outcome, lines);
        };
    }

    private static Behavior<Signal> afterFirst(Database.LogOutcome outcome, WaitingLines lines) {
        if (outcome instanceof Database.LogLines) {
            return Behaviors.same();
        }
        lines.complete();
        return Behaviors.stopped();
    }

    /** Anything but lines ends the log: the database was deleted, or moved away. */
    private static Behavior<Signal> afterLater(Database.LogOutcome outcome, WaitingLines lines) {
        if (!(outcome instanceof Database.LogLines(List<String> newLines))) {
            lines.complete();
            return Behaviors.stopped();
        }
        return lines.offer(newLines) ? Behaviors.same() : Behaviors.stopped();
    }
}
