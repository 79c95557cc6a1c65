package io.pinion.actors.database;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.jspecify.annotations.Nullable;

/** The mailboxes of the databases of one actor system, so that each finds its own. Threadsafe. */
final class Admissions implements Extension {
    private static final Id ID = new Id();

    private final AdmissionSettings settings;
    private final ConcurrentMap<ActorRef, Admission> admissions = new ConcurrentHashMap<>();

    private Admissions(ActorSystem<?> system) {
        settings = AdmissionSettings.of(system.settings().config());
    }

    /** @throws com.typesafe.config.ConfigException if a setting is missing or out of its range; it names the key */
    static Admissions get(ActorSystem<?> system) {
        return system.registerExtension(ID);
    }

    /** Makes the mailbox of an actor that is being started; it is known here until the actor has stopped. */
    Admission create(ActorRef owner) {
        Admission admission = new Admission(settings, () -> admissions.remove(owner));
        admissions.put(owner, admission);
        return admission;
    }

    /**
     * The mailbox of a running actor.
     *
     * @throws IllegalStateException if it was started with a mailbox of another type
     */
    Admission of(ActorContext<?> context) {
        Admission admission = find(Adapter.toClassic(context.getSelf()));
        if (admission == null) {
            throw new IllegalStateException(
                    context.getSelf() + " was not started with the mailbox " + DatabaseMailbox.CONFIG_PATH);
        }
        return admission;
    }

    /** Null once the actor has stopped. */
    @Nullable
    Admission find(ActorRef owner) {
        return admissions.get(owner);
    }

    /** How many actors have one. */
    int count() {
        return admissions.size();
    }

    private static final class Id extends ExtensionId<Admissions> {
        @Override
        public Admissions createExtension(ActorSystem<?> system) {
            return new Admissions(system);
        }
    }
}
