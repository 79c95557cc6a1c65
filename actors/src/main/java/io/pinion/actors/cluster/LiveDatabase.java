package io.pinion.actors.cluster;

import io.pinion.actors.database.Database.Command;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;

/** One actor of a database, on whatever node, and who waits for it. Threadsafe. */
final class LiveDatabase {
    private final ActorRef<Command> actor;
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean isGone;

    LiveDatabase(ActorRef<Command> actor) {
        this.actor = actor;
    }

    ActorRef<Command> actor() {
        return actor;
    }

    /** @param onGone run when the actor has stopped and has said all that it will say; perhaps twice, perhaps at once */
    void onGone(Runnable onGone) {
        waiting.add(onGone);
        if (isGone) {
            onGone.run();
        }
    }

    void forget(Runnable onGone) {
        waiting.remove(onGone);
    }

    void gone() {
        isGone = true;
        waiting.forEach(Runnable::run);
        waiting.clear();
    }
}
