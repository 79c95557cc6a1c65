package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import org.apache.pekko.actor.DeadLetter;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Answers commands that reach a database which has stopped, or stood in its mailbox then: they were not begun, and may be
 * asked of its entity again.
 */
final class LateCommands {
    private LateCommands() {}

    static void start(ActorSystem<?> system) {
        var ref = system.systemActorOf(create(), "pinion-late-commands", Props.empty());
        system.eventStream().tell(new EventStream.Subscribe<>(DeadLetter.class, ref));
    }

    private static Behavior<DeadLetter> create() {
        return Behaviors.receiveMessage(letter -> {
            if (letter.message() instanceof Command command) {
                Outcomes.refuse(command, Outcomes.MOVED);
            }
            return Behaviors.same();
        });
    }
}
