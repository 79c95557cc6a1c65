package io.pinion.actors.database;

import io.pinion.modules.load.ModuleLoader;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * What the databases of one node share. One per actor system: made before the first database, closed after the last.
 * Threadsafe.
 */
public final class DatabaseServices implements AutoCloseable {
    private final DatabaseSettings settings;
    private final Clock clock;
    private final Engine engine;

    private DatabaseServices(DatabaseSettings settings, Clock clock, Engine engine) {
        this.settings = settings;
        this.clock = clock;
        this.engine = engine;
    }

    /**
     * Starts them with the settings of the system. Not to be called on a core thread: threads are started here.
     *
     * @throws com.typesafe.config.ConfigException if a setting is missing or out of its range; it names the key
     */
    public static DatabaseServices start(ActorSystem<?> system) {
        return start(system, ModuleLoader::load, Clock.SYSTEM);
    }

    static DatabaseServices start(ActorSystem<?> system, Engine engine, Clock clock) {
        DatabaseSettings settings = DatabaseSettings.of(system.settings().config());
        return new DatabaseServices(settings, clock, engine);
    }

    public DatabaseSettings settings() {
        return settings;
    }

    Clock clock() {
        return clock;
    }

    Engine engine() {
        return engine;
    }

    /** Ends its threads; lines of module logs that were appended before are written. */
    @Override
    public void close() {}
}
