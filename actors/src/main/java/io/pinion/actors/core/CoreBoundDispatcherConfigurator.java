package io.pinion.actors.core;

import com.typesafe.config.Config;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.MessageDispatcher;
import org.apache.pekko.dispatch.MessageDispatcherConfigurator;
import org.jspecify.annotations.Nullable;
import scala.concurrent.duration.FiniteDuration;

/**
 * Makes one {@link CoreBoundDispatcher} per actor, all over the same cores. Named as {@code type} in the configuration of
 * {@code pinion.database-dispatcher}; owns the cores, which start with the first dispatcher;
 * {@link Cores} ends them.
 */
public final class CoreBoundDispatcherConfigurator extends MessageDispatcherConfigurator {
    private final String id;
    private final int throughput;
    private final FiniteDuration throughputDeadline;
    private final FiniteDuration shutdownTimeout;
    private final Config system;
    private @Nullable CoreSet cores;

    /** Called by Pekko. */
    public CoreBoundDispatcherConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        id = config.getString("id");
        throughput = config.getInt("throughput");
        throughputDeadline = duration(config, "throughput-deadline-time");
        shutdownTimeout = duration(config, "shutdown-timeout");
        system = prerequisites.settings().config();
    }

    @Override
    public MessageDispatcher dispatcher() {
        CoreSet set = cores();
        return CoreBoundDispatcher.create(
                this, id, throughput, throughputDeadline, shutdownTimeout, set, set.defaultWeight());
    }

    private synchronized CoreSet cores() {
        if (cores == null) {
            cores = CoreSet.start(CoreSettings.of(system), FairnessSettings.of(system));
        }
        return cores;
    }

    private static FiniteDuration duration(Config config, String key) {
        return FiniteDuration.apply(config.getDuration(key, TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
    }
}
