package io.pinion.actors.core;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorCell;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.dispatch.Dispatcher;
import org.apache.pekko.dispatch.Envelope;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ExecutorServiceFactoryProvider;
import org.apache.pekko.dispatch.Mailbox;
import org.apache.pekko.dispatch.MessageDispatcherConfigurator;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;

/**
 * The dispatcher of one actor, bound to one core and rebindable to another at any time, by any thread.
 *
 * <p>Whatever is executed here runs one thing at a time, in order, on the core of the moment (see {@link Binding}): a
 * rebind loses and reorders nothing, and the actor never runs on two threads. Futures executed here keep to the same rule.
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
                new Binding(cores.assign().inbox(), weight));
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
        return binding.inbox().core();
    }

    /**
     * Binds the actor to another core. A turn that has begun ends where it began.
     *
     * @throws IllegalArgumentException if there is no such core
     */
    public void rebind(int coreIndex) {
        binding.rebind(cores.core(coreIndex).inbox());
        cores.noteRebind();
    }

    /**
     * Puts a message into the mailbox and has it run, if the mailbox has anything to run then: one that refuses a message, or
     * holds it back, costs the core no turn. Pekko's own asks for a turn in any case.
     *
     * <p>What is held back is not forgotten: after each turn Pekko looks again whether there is anything to run, and a
     * mailbox lets go only in a turn.
     */
    @Override
    public void dispatch(ActorCell receiver, Envelope invocation) {
        Mailbox mailbox = receiver.mailbox();
        mailbox.enqueue(receiver.self(), invocation);
        registerForExecution(mailbox, false, false);
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

    Binding binding() {
        return binding;
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
