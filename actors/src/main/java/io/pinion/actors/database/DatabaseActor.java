package io.pinion.actors.database;

import io.pinion.actors.core.Cores;
import io.pinion.store.value.Identity;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * One hosted database: carries out its commands one at a time, those of a kind in the order received. What waits for it,
 * waits in its mailbox, see {@link Admission}.
 *
 * <p>Candidate transitions: recovering → empty or serving, as its log says. Empty → serving: the first program is
 * published. Empty → stopped: nobody asks for it any more. Serving → ending → empty: its owner deletes it. Any → recovering: another
 * owner wrote its log, its journal does not say what became of a write, or its state is in doubt; what it had in memory is
 * dropped. Any → stopping → stopped: it leaves its node. Each phase is a behaviour of its own.
 */
public final class DatabaseActor {
    private DatabaseActor() {}

    /** What a database is to be started with: a dispatcher of its own, bound to a core, and the mailbox of a database. */
    public static Props props() {
        return DispatcherSelector.fromConfig(Cores.DISPATCHER).withMailboxFromConfig(DatabaseMailbox.CONFIG_PATH);
    }

    /** The database of that identity, whether or not anything was ever published to it. To be started with {@link #props}. */
    public static Behavior<Database.Command> create(Identity database, DatabaseServices services) {
        Behavior<DatabaseMessage> behavior = Behaviors.setup(context ->
                Behaviors.withTimers(timers -> Recovering.start(new Cell(database, services, context, timers))));
        return behavior.narrow();
    }

    /** Stands in for a database that may not be on this node, and says why to everybody. To be started with {@link #props}. */
    public static Behavior<Database.Command> refusing(Database.Refusal reason) {
        return Behaviors.receiveMessage(command -> {
            Outcomes.refuse(command, reason);
            return command instanceof Database.Command.Stop ? Behaviors.stopped() : Behaviors.same();
        });
    }
}
