package io.pinion.journal;

import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ForkJoinExecutorConfigurator;

/**
 * The executor of dispatchers on which actors hand each other short work: that of a fork-join pool, but a thread goes on
 * with what comes of its work before it wakes another one up. Nothing that runs on such a dispatcher may wait for something
 * else that does.
 */
public final class OwnWorkConfigurator extends ExecutorServiceConfigurator {
    private final ForkJoinExecutorConfigurator pool;

    /** @param config of the dispatcher; the pool is that of its section {@code fork-join-executor} */
    public OwnWorkConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        this.pool = new ForkJoinExecutorConfigurator(config.getConfig("fork-join-executor"), prerequisites);
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threadFactory) {
        ExecutorServiceFactory threads = pool.createExecutorServiceFactory(id, threadFactory);
        return () -> new OwnWorkExecutor(threads.createExecutorService());
    }
}
