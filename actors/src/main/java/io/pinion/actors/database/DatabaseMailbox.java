package io.pinion.actors.database;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.dispatch.MailboxType;
import org.apache.pekko.dispatch.MessageQueue;
import org.apache.pekko.dispatch.ProducesMessageQueue;
import scala.Option;

/**
 * Pekko's door to {@link Admission}: bounded queues by kind, control first. Named as {@code mailbox-type} in the
 * configuration, so that an actor that names {@link #CONFIG_PATH} gets one.
 */
public final class DatabaseMailbox implements MailboxType, ProducesMessageQueue<Admission> {
    static final String CONFIG_PATH = "pinion.database-mailbox";

    /** Called by Pekko. */
    public DatabaseMailbox(ActorSystem.Settings settings, Config config) {}

    @Override
    public MessageQueue create(Option<ActorRef> owner, Option<ActorSystem> system) {
        if (owner.isEmpty() || system.isEmpty()) {
            throw new IllegalArgumentException(
                    "the mailbox of a database is made for an actor of a system, not for " + owner + " of " + system);
        }
        return Admissions.get(Adapter.toTyped(system.get())).create(owner.get());
    }
}
