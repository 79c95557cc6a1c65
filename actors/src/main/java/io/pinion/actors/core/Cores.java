package io.pinion.actors.core;

import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;

/** The cores of an actor system as an extension; ends them with the system. */
public final class Cores implements Extension {
    /** Configuration path of the dispatcher that databases are started with. */
    public static final String DISPATCHER = "pinion.database-dispatcher";

    private static final Id ID = new Id();

    private final CoreSet set;

    private Cores(ActorSystem<?> system) {
        if (!(system.dispatchers().lookup(DispatcherSelector.fromConfig(DISPATCHER))
                instanceof CoreBoundDispatcher dispatcher)) {
            throw new IllegalStateException(
                    DISPATCHER + " is not of type " + CoreBoundDispatcherConfigurator.class.getName());
        }
        set = dispatcher.cores();
        system.getWhenTerminated().thenRun(set::close);
    }

    public static CoreSet get(ActorSystem<?> system) {
        return system.registerExtension(ID).set;
    }

    private static final class Id extends ExtensionId<Cores> {
        @Override
        public Cores createExtension(ActorSystem<?> system) {
            return new Cores(system);
        }
    }
}
