package io.pinion.actors.pool;

import io.pinion.actors.pool.PoolLogic.Borrower;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.Module;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The instances of one database. They are made and closed by workers, never on a core and never here. One more than is in
 * use is kept ready while there is room for it; those that nobody uses for a time go, the last one too when none is on loan.
 *
 * <p>A borrower that ends gives back what it has, which is closed, as nobody knows what it was doing. When the pool stops,
 * all its instances are closed, those on loan and those being made included: its database has stopped then. An instance
 * that a call runs on is closed after that call; see {@link Loan}.
 */
public final class InstancePool extends AbstractMatchingBehavior<InstancePool.Command> {
    public sealed interface Command {
        /**
         * Asks for an instance of the newest program; answered exactly once, within the borrow time-out.
         *
         * @param borrower gets the answer; when it ends, its loans end. So it has to be an actor or one of its adapters,
         *     not the reference of an ask
         */
        record Borrow(ActorRef<? super Answer> borrower) implements Command {}

        /** Gives one back. It may have become unusable. Without effect if it was given back before. */
        record Return(Loan loan) implements Command {}

        /** Gives one back that nobody may use again. Without effect if it was given back before. */
        record Discard(Loan loan) implements Command {}

        /**
         * From now on another program is lent; loans of the one before are closed when they come back.
         *
         * @param lent an instance of it that exists already and is out on loan to the borrower
         */
        record Update(Program program, Loan lent, ActorRef<? super Answer> borrower) implements Command {}
    }

    /** Answers to {@link Command.Borrow}. */
    public sealed interface Answer {
        record Lent(Loan loan) implements Answer {}

        /** There is none; the reason is for whoever called the database. */
        record Refused(String reason) implements Answer {}
    }

    /** What instances are made of. */
    public record Program(long generation, Module module, InstanceHost host) {}

    private record Made(Making making) implements Command {}

    private record Freed(Loan loan) implements Command {}

    private record BorrowerEnded(Borrower borrower) implements Command {}

    private enum Tick implements Command {
        INSTANCE
    }

    private final TimerScheduler<Command> timers;
    private final PoolMeter meter;
    private final PoolLogic logic;
    private final long startNanos = System.nanoTime();
    private long wakeNanos = PoolLogic.NEVER;

    private InstancePool(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            PoolSettings settings,
            Workers workers,
            Program program,
            PoolMeter meter) {
        super(context);
        this.timers = timers;
        this.meter = meter;
        this.logic = new PoolLogic(settings, program, this::elapsedNanos, new Surroundings(context, workers));
    }

    /**
     * A pool without instances. To be run on a dispatcher of many actors, not on a core.
     *
     * @param workers run whatever takes time
     * @param meter shows what the pool has to do
     */
    public static Behavior<Command> create(PoolSettings settings, Workers workers, Program program, PoolMeter meter) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new InstancePool(context, timers, settings, workers, program, meter)));
    }

    /** An error here must not leave instances without an owner: the pool stops, and its database learns of it. */
    @Override
    @SuppressWarnings("IllegalCatch") // fatal errors would otherwise leave the pool alive and half done
    public Behavior<Command> onMessage(Command command) {
        try {
            handle(command);
        } catch (Throwable e) {
            getContext().getLog().error("a pool of instances stops", e);
            return Behaviors.stopped();
        }
        setTimer();
        meter.show(logic.load());
        return this;
    }

    private void handle(Command command) {
        switch (command) {
            case Command.Borrow(var borrower) -> logic.borrow(new Borrower(borrower));
            case Command.Return(Loan loan) -> logic.returned(loan);
            case Command.Discard(Loan loan) -> logic.discarded(loan);
            case Command.Update(Program program, Loan lent, var borrower) ->
                logic.update(program, lent, new Borrower(borrower));
            case Made(Making making) -> logic.made(making);
            case Freed(Loan loan) -> logic.freed(loan);
            case BorrowerEnded(Borrower borrower) -> logic.ended(borrower);
            case Tick _ -> {
                wakeNanos = PoolLogic.NEVER;
                logic.tick();
            }
        }
    }

    /** A timer that is up too early only sets itself again. */
    private void setTimer() {
        long wake = logic.wakeNanos();
        if (wake < wakeNanos) {
            wakeNanos = wake;
            Duration delay = Duration.ofNanos(Math.max(0, wake - elapsedNanos()));
            timers.startSingleTimer(Tick.INSTANCE, Tick.INSTANCE, delay);
        }
    }

    private long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    private record Surroundings(ActorContext<Command> context, ActorRef<Command> self, Workers workers)
            implements PoolLogic.Outside {
        Surroundings(ActorContext<Command> context, Workers workers) {
            this(context, context.getSelf(), workers);
        }

        @Override
        public Making make(Program program) {
            return Making.start(workers, program.module(), program.host(), making -> self.tell(new Made(making)));
        }

        @Override
        public void close(Instance instance) {
            workers.close(instance);
        }

        @Override
        public void freed(Loan loan) {
            self.tell(new Freed(loan));
        }

        @Override
        public void failed(String problem) {
            context.getLog().warn("{}: no instance can be made: {}", self.path(), problem);
        }

        @Override
        public void watch(Borrower borrower) {
            context.watchWith(borrower.ref(), new BorrowerEnded(borrower));
        }

        @Override
        public void unwatch(Borrower borrower) {
            context.unwatch(borrower.ref());
        }
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            logic.stop();
            meter.show(logic.load());
        }
        return this;
    }
}
