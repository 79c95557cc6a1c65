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
    private final Binding binding;

    private CoreBoundDispatcher(
            MessageDispatcherConfigurator configurator,
            String id,
            int throughput,
            Duration throughputDeadline,
            FiniteDuration shutdownTimeout,
            CoreSet cores,
            Binding binding) {
        super(configurator, id, throughput, throughputDeadline, new Provider(new Forwarder(binding)), shutdownTimeout);
        this.cores = cores;
        this.binding = binding;
    }

    static CoreBoundDispatcher create(
            MessageDispatcherConfigurator configurator,
            String id,
            int throughput,
            Duration throughputDeadline,
            FiniteDuration shutdownTimeout,
            CoreSet cores,
            int weight) {
        return new CoreBoundDispatcher(
                configurator,
                id,
                throughput,
                throughputDeadline,
                shutdownTimeout,
                cores,
                new Binding(cores.assign(), weight));
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

    /** The core that the actor is bound to. */
    public int core() {
        return binding.core().index();
    }

    /**
     * Binds the actor to another core. A turn that has begun ends where it began.
     *
     * @throws IllegalArgumentException if there is no such core
     */
    public void rebind(int coreIndex) {
        binding.rebind(cores.core(coreIndex));
    }

    /** The actor's share of its core beside others that are runnable there. */
    public int weight() {
        return binding.weight();
    }

    /** @throws IllegalArgumentException if it is not between 1 and 10,000 */
    public void weight(int weight) {
        binding.weight(weight);
    }

    /** Counts a call of the actor that was stopped. */
    public void noteStop() {
        binding.noteStop();
    }

    BindingLoad load(String name) {
        return binding.load(name);
    }

    /** Hands the executor to Pekko, which asks for it once. */
    private record Provider(Forwarder forwarder) implements ExecutorServiceFactoryProvider {
        @Override
        public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threadFactory) {
            return () -> forwarder;
        }
    }

    /** Ending the dispatcher of one actor ends no core: shutdown does nothing. */
    private static final class Forwarder extends AbstractExecutorService {
        private final Binding binding;

        Forwarder(Binding binding) {
            this.binding = binding;
        }

        @Override
        public void execute(Runnable turn) {
            binding.execute(turn);
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
