package io.pinion.actors.cluster;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.LocateOutcome;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;

/**
 * Where databases are, as far as this node has asked: each is asked once through sharding, and from then on told directly,
 * until its actor is gone. Sharding drops what it holds for a bucket when that moves; asking where a database is can be
 * done again, and what is told to an actor is answered, if only with {@link Database.Moved}, as long as its node lives.
 * Threadsafe.
 */
final class LiveDatabases {
    /** For one question, which is lost when a bucket moves just then. */
    private static final Duration QUESTION_TIMEOUT = Duration.ofSeconds(1);

    /** Of questions in a row; then whoever waits has waited long enough. */
    private static final int QUESTIONS_MAX = 60;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Executor AFTER_PAUSE =
            CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS);

    /** In which answers that an actor gave before it stopped get here. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final Executor AFTER_LAST_WORDS =
            CompletableFuture.delayedExecutor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);

    private final Function<Identity, EntityRef<Command>> entities;
    private final ActorRef<Note> watcher;
    private final ConcurrentMap<Identity, CompletableFuture<LiveDatabase>> found = new ConcurrentHashMap<>();

    private sealed interface Note {
        record Watch(Identity database, LiveDatabase live) implements Note {}

        record Gone(ActorRef<Command> actor) implements Note {}
    }

    LiveDatabases(ActorSystem<?> system, Function<Identity, EntityRef<Command>> entities) {
        this.entities = entities;
        this.watcher = system.systemActorOf(watcher(), "pinion-live-databases", Props.empty());
    }

    /** One actor may have been found twice: a database that was about to move may have stayed. */
    private Behavior<Note> watcher() {
        Map<ActorRef<Command>, List<Note.Watch>> watched = new HashMap<>();
        return Behaviors.setup(context -> Behaviors.receiveMessage(note -> {
            switch (note) {
                case Note.Watch watch -> {
                    ActorRef<Command> actor = watch.live().actor();
                    if (!watched.containsKey(actor)) {
                        context.watchWith(actor, new Note.Gone(actor));
                    }
                    watched.computeIfAbsent(actor, _ -> new ArrayList<>(1)).add(watch);
                }
                case Note.Gone(ActorRef<Command> actor) ->
                    Objects.requireNonNull(watched.remove(actor)).forEach(watch -> {
                        leave(watch.database(), watch.live());
                        AFTER_LAST_WORDS.execute(watch.live()::gone);
                    });
            }
            return Behaviors.same();
        }));
    }

    /** Fails with a {@link TimeoutException} when nobody says for a minute where it is. */
    CompletableFuture<LiveDatabase> find(Identity database) {
        CompletableFuture<LiveDatabase> known = found.get(database);
        if (known != null) {
            return known;
        }
        CompletableFuture<LiveDatabase> fresh = new CompletableFuture<>();
        CompletableFuture<LiveDatabase> other = found.putIfAbsent(database, fresh);
        if (other != null) {
            return other;
        }
        ask(database, fresh, 1);
        return fresh;
    }

    private void ask(Identity database, CompletableFuture<LiveDatabase> asked, int questions) {
        CompletionStage<LocateOutcome> answer = entities.apply(database).ask(Command.Locate::new, QUESTION_TIMEOUT);
        var _ = answer.whenComplete((outcome, failure) -> {
            if (outcome instanceof Database.Located(ActorRef<Command> actor)) {
                LiveDatabase live = new LiveDatabase(actor);
                asked.complete(live);
                watcher.tell(new Note.Watch(database, live));
            } else if (questions >= QUESTIONS_MAX) {
                found.remove(database, asked);
                asked.completeExceptionally(
                        failure != null
                                ? failure
                                : new TimeoutException("the database is always on its way elsewhere"));
            } else if (failure == null) {
                AFTER_PAUSE.execute(() -> ask(database, asked, questions + 1));
            } else {
                ask(database, asked, questions + 1);
            }
        });
    }

    /** It is not there any more: who asks next is told anew. */
    void leave(Identity database, LiveDatabase live) {
        CompletableFuture<LiveDatabase> known = found.get(database);
        if (known != null && known.isDone() && !known.isCompletedExceptionally() && known.join() == live) {
            found.remove(database, known);
        }
    }
}
