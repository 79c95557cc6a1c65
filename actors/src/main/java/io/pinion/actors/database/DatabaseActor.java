package io.pinion.actors.database;

import io.pinion.store.value.Identity;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * One hosted database: carries out its commands one at a time, in the order received.
 *
 * <p>Candidate transitions: recovering → empty or serving, as its log says. Empty → serving: the first program is
 * published. Serving → ending → empty: its owner deletes it. Any → recovering: its journal failed or its state is in doubt, and
 * what it had in memory is dropped. Any → stopping → stopped: it leaves its node. Each phase is a behaviour of its own.
 */
public final class DatabaseActor {
    private DatabaseActor() {}

    /**
     * The database of that identity, whether or not anything was ever published to it. To be started with the dispatcher
     * {@code pinion.database-dispatcher}.
     */
    public static Behavior<Database.Command> create(Identity database, DatabaseServices services) {
        Behavior<DatabaseMessage> behavior =
                Behaviors.setup(context -> Behaviors.withTimers(timers -> Behaviors.withStash(
                        services.settings().waitingMax(),
                        stash -> Recovering.start(new Cell(database, services, context, timers), stash))));
        return behavior.narrow();
    }
}
