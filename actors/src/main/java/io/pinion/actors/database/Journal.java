package io.pinion.actors.database;

import io.pinion.actors.durability.Outbox;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/**
 * A database's way to its log.
 *
 * @param child watched by the database
 */
record Journal(ActorRef child, Outbox outbox) {
    /** Whether the signal says that the child has ended, so that the outbox is this side's. */
    boolean hasEnded(Signal signal) {
        return signal instanceof Terminated terminated
                && Adapter.toClassic(terminated.getRef()).equals(child);
    }
}
