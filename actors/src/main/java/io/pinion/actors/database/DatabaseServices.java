package io.pinion.actors.database;

import io.pinion.actors.durability.Programs;
import io.pinion.actors.log.ModuleLogs;
import io.pinion.modules.load.ModuleLoader;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * What the databases of one node share. One per actor system: made before the first database, closed after the last.
 * Threadsafe.
 */
public final class DatabaseServices implements AutoCloseable {
    private final DatabaseSettings settings;
    private final Clock clock;
    private final ExecutorService workers;
    private final ModuleCache modules;
    private final ModuleLogs logs;
    private final CallMonitor monitor;
    private final Programs programs;

    private DatabaseServices(DatabaseSettings settings, Clock clock, Engine engine, Programs programs) {
        this.settings = settings;
        this.clock = clock;
        this.programs = programs;
        workers = Workers.start(settings.pool());
        modules = new ModuleCache(engine, workers);
        logs = new ModuleLogs(
                settings.dataDirectory().resolve("logs"), settings.log(), workers, InstantSource.system());
        monitor = new CallMonitor(settings.checkInterval());
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
        Programs programs = Programs.start(system, settings.durability().journalPluginId());
        DatabaseServices services = new DatabaseServices(settings, clock, engine, programs);
        LateCommands.start(system);
        services.logs.start();
        services.monitor.start();
        return services;
    }

    public DatabaseSettings settings() {
        return settings;
    }

    Clock clock() {
        return clock;
    }

    ExecutorService workers() {
        return workers;
    }

    ModuleCache modules() {
        return modules;
    }

    ModuleLogs logs() {
        return logs;
    }

    CallMonitor monitor() {
        return monitor;
    }

    Programs programs() {
        return programs;
    }

    /** Ends its threads; lines of module logs that were appended before are written. */
    @Override
    public void close() {
        monitor.close();
        logs.close();
        workers.shutdown();
    }
}
