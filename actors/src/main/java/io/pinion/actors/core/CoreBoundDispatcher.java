package io.pinion.actors.core;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.dispatch.Dispatcher;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ExecutorServiceFactoryProvider;
import org.apache.pekko.dispatch.MessageDispatcherConfigurator;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;

/**
 * The dispatcher of one actor, bound to one core and rebindable to another at any time, by any thread.
 *
 * <p>Pekko schedules a mailbox by a compare-and-set bit and submits it again after each turn, so the next turn simply goes
 * to the new core: nothing is lost or reordered, and the actor never runs on two threads.
 */
public final class CoreBoundDispatcher extends Dispatcher {
    private final CoreSet cores;
    private final Forwarder forwarder;

    private CoreBoundDispatcher(
            MessageDispatcherConfigurator configurator,
            String id,
            int throughput,
            Duration throughputDeadline,
            FiniteDuration shutdownTimeout,
            CoreSet cores,
            Forwarder forwarder) {
        super(configurator, id, throughput, throughputDeadline, new Provider(forwarder), shutdownTimeout);
        this.cores = cores;
        this.forwarder = forwarder;
    }

    static CoreBoundDispatcher create(
            MessageDispatcherConfigurator configurator,
            String id,
            int throughput,
            Duration throughputDeadline,
            FiniteDuration shutdownTimeout,
            CoreSet cores) {
        return new CoreBoundDispatcher(
                configurator,
                id,
                throughput,
                throughputDeadline,
                shutdownTimeout,
                cores,
                new Forwarder(cores.assign()));
    }

    /**
     * The dispatcher that runs the given actor.
     *
     * @throws IllegalStateException if the actor was started on another kind of dispatcher
     */
    public static CoreBoundDispatcher of(ActorContext<?> context) {
        if (context.getExecutionContext() instanceof CoreBoundDispatcher dispatcher) {
            return dispatcher;
        }
        throw new IllegalStateException(
                context.getSelf() + " does not run on a core-bound dispatcher but on " + context.getExecutionContext());
    }

    public CoreSet cores() {
        return cores;
    }

    /**
     * Binds the actor to another core, from its next turn on.
     *
     * @throws IllegalArgumentException if there is no such core
     */
    public void rebind(int coreIndex) {
        forwarder.core = cores.core(coreIndex);
    }

    /** Hands the executor to Pekko, which asks for it once. */
    private record Provider(Forwarder forwarder) implements ExecutorServiceFactoryProvider {
        @Override
        public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threadFactory) {
            return () -> forwarder;
        }
    }

    /** Forwards to the core of the moment. Ending the dispatcher of one actor ends no core: shutdown does nothing. */
    private static final class Forwarder extends AbstractExecutorService {
        private volatile Core core;

        Forwarder(Core core) {
            this.core = core;
        }

        @Override
        public void execute(Runnable turn) {
            core.execute(turn);
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }
}
