package io.pinion.actors.cluster;

import io.pinion.actors.database.Database.Command;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;

/**
 * Brings databases into memory that have something due, wherever they belong: those that have left memory, and those whose
 * node was lost. Each host looks through its share of the directory; that two look through the same when hosts come and go
 * does no harm.
 */
final class Waker {
    private final DirectoryClient directory;
    private final Hosts hosts;
    private final Function<Identity, EntityRef<Command>> entities;

    private sealed interface Note {
        enum Look implements Note {
            INSTANCE
        }

        record Due(List<Identity> databases) implements Note {}

        record NotTold(int partition, Throwable cause) implements Note {}
    }

    private Waker(DirectoryClient directory, Hosts hosts, Function<Identity, EntityRef<Command>> entities) {
        this.directory = directory;
        this.hosts = hosts;
        this.entities = entities;
    }

    static void start(
            ActorSystem<?> system,
            Duration interval,
            DirectoryClient directory,
            Hosts hosts,
            Function<Identity, EntityRef<Command>> entities) {
        Waker waker = new Waker(directory, hosts, entities);
        Behavior<Note> behavior = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Note.Look.INSTANCE, interval);
            return Behaviors.receiveMessage(note -> waker.onNote(context, note));
        }));
        system.systemActorOf(behavior, "pinion-waker", Props.empty());
    }

    private Behavior<Note> onNote(ActorContext<Note> context, Note note) {
        switch (note) {
            case Note.Look _ -> look(context);
            case Note.Due(List<Identity> databases) ->
                databases.forEach(database -> entities.apply(database)
                        .tell(new Command.Locate(context.getSystem().ignoreRef())));
            case Note.NotTold(int partition, Throwable cause) -> {
                if (!isEnding(context)) {
                    context.getLog()
                            .warn(
                                    "partition {} of the directory did not say what is due: {}",
                                    partition,
                                    cause.toString());
                }
            }
        }
        return Behaviors.same();
    }

    private void look(ActorContext<Note> context) {
        if (hosts.refusal().isPresent() || isEnding(context)) {
            return;
        }
        Hosts.Share share = hosts.share();
        for (int i = 0; i < DirectoryClient.PARTITIONS; i++) {
            int partition = i;
            if (share.has(partition)) {
                context.pipeToSelf(
                        directory.due(partition),
                        (due, failure) -> failure == null ? new Note.Due(due) : new Note.NotTold(partition, failure));
            }
        }
    }

    /** Whether this node leaves, which ends its part of the directory. */
    private static boolean isEnding(ActorContext<Note> context) {
        return CoordinatedShutdown.get(context.getSystem()).getShutdownReason().isPresent();
    }
}
