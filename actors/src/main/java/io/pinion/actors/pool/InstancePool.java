package io.pinion.actors.pool;

import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances of one database. They are made and closed by workers, never on a core and never here. One that is neither
 * lent nor the spare does not stay. When the pool stops, all its instances are closed, lent ones included: its database
 * has stopped then.
 */
public final class InstancePool extends AbstractMatchingBehavior<InstancePool.Command> {
    private static final Logger log = LoggerFactory.getLogger(InstancePool.class);

    public sealed interface Command {
        /** Asks for an instance of the newest program; answered exactly once, within the borrow time-out. */
        record Borrow(ActorRef<? super Answer> replyTo) implements Command {}

        /** Gives one back. It may have become unusable. */
        record Return(Loan loan) implements Command {}

        /** Gives one back that nobody may use again. */
        record Discard(Loan loan) implements Command {}

        /**
         * From now on another program is lent.
         *
         * @param lent an instance of it that exists already and is out on loan
         */
        record Update(Program program, Loan lent) implements Command {}
    }

    /** Answers to {@link Command.Borrow}. */
    public sealed interface Answer {
        record Lent(Loan loan) implements Answer {}

        /** There is none; the reason is for whoever called the database. */
        record Refused(String reason) implements Answer {}
    }

    /** What instances are made of. */
    public record Program(long generation, Module module, InstanceHost host) {}

    private record Made(long generation, Instance instance) implements Command {}

    private record NotMade(long generation, String reason) implements Command {}

    private record BorrowTimedOut(Command.Borrow borrow) implements Command {}

    private final PoolSettings settings;
    private final Executor workers;
    private final TimerScheduler<Command> timers;
    private final Set<Instance> lent = new HashSet<>();
    private final ArrayDeque<Command.Borrow> waiting = new ArrayDeque<>();
    private Program program;
    private @Nullable Instance spare;
    private int beingMade;
    /** Read by workers: what they finish after the pool's end has no other owner. */
    private volatile boolean hasStopped;

    private InstancePool(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            PoolSettings settings,
            Executor workers,
            Program program) {
        super(context);
        this.timers = timers;
        this.settings = settings;
        this.workers = workers;
        this.program = program;
    }

    /**
     * A pool without instances.
     *
     * @param workers bounded; run whatever takes time
     */
    public static Behavior<Command> create(PoolSettings settings, Executor workers, Program program) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new InstancePool(context, timers, settings, workers, program)));
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        switch (command) {
            case Command.Borrow borrow -> onBorrow(borrow);
            case Command.Return(Loan loan) -> onReturn(loan);
            case Command.Discard(Loan loan) -> onDiscard(loan);
            case Command.Update update -> onUpdate(update);
            case Made made -> onMade(made);
            case NotMade notMade -> onNotMade(notMade);
            case BorrowTimedOut(Command.Borrow borrow) -> onBorrowTimedOut(borrow);
        }
        return this;
    }

    private void onBorrow(Command.Borrow borrow) {
        Instance ready = spare;
        if (ready != null) {
            spare = null;
            lend(borrow, ready);
        } else if (waiting.size() >= settings.waitingMax()) {
            borrow.replyTo().tell(new Answer.Refused(waiting.size() + " others wait for an instance already"));
        } else {
            waiting.add(borrow);
            timers.startSingleTimer(borrow, new BorrowTimedOut(borrow), settings.borrowTimeout());
        }
        makeWhatIsMissing();
    }

    private void onReturn(Loan loan) {
        if (!lent.remove(loan.instance())) {
            return;
        }
        if (loan.generation() != program.generation() || !loan.instance().isUsable()) {
            close(loan.instance());
        } else {
            keep(loan.instance());
        }
        makeWhatIsMissing();
    }

    private void onDiscard(Loan loan) {
        if (lent.remove(loan.instance())) {
            close(loan.instance());
            makeWhatIsMissing();
        }
    }

    private void onUpdate(Command.Update update) {
        program = update.program();
        beingMade = 0;
        Instance old = spare;
        if (old != null) {
            spare = null;
            close(old);
        }
        lent.add(update.lent().instance());
        makeWhatIsMissing();
    }

    private void onMade(Made made) {
        if (made.generation() != program.generation()) {
            close(made.instance());
            return;
        }
        beingMade--;
        keep(made.instance());
    }

    private void onNotMade(NotMade notMade) {
        if (notMade.generation() != program.generation()) {
            return;
        }
        beingMade--;
        log.warn("{}: no instance: {}", getContext().getSelf().path(), notMade.reason());
        Command.Borrow borrow = waiting.poll();
        if (borrow != null) {
            timers.cancel(borrow);
            borrow.replyTo().tell(new Answer.Refused(notMade.reason()));
        }
        if (!waiting.isEmpty()) {
            makeWhatIsMissing();
        }
    }

    private void onBorrowTimedOut(Command.Borrow borrow) {
        if (waiting.remove(borrow)) {
            borrow.replyTo()
                    .tell(new Answer.Refused("no instance became free within " + text(settings.borrowTimeout())));
        }
    }

    /** Lends it to who waits longest, else keeps it as the spare if there is none. */
    private void keep(Instance instance) {
        Command.Borrow borrow = waiting.poll();
        if (borrow != null) {
            timers.cancel(borrow);
            lend(borrow, instance);
        } else if (spare == null && settings.warmSpare()) {
            spare = instance;
        } else {
            close(instance);
        }
    }

    private void lend(Command.Borrow borrow, Instance instance) {
        lent.add(instance);
        borrow.replyTo().tell(new Answer.Lent(new Loan(program.generation(), instance)));
    }

    private void makeWhatIsMissing() {
        int wanted = waiting.size() + (settings.warmSpare() && spare == null ? 1 : 0);
        int allowed = settings.max() - lent.size() - (spare == null ? 0 : 1);
        int missing = Math.min(wanted, allowed) - beingMade;
        for (int i = 0; i < missing; i++) {
            make();
        }
    }

    private void make() {
        Program wanted = program;
        beingMade++;
        try {
            getContext()
                    .pipeToSelf(
                            CompletableFuture.supplyAsync(() -> instantiateOrClose(wanted), workers),
                            (instance, failure) -> instance == null
                                    ? new NotMade(wanted.generation(), reason(failure))
                                    : new Made(wanted.generation(), instance));
        } catch (RejectedExecutionException e) {
            getContext().getSelf().tell(new NotMade(wanted.generation(), "too many instances are being made already"));
        }
    }

    private Instance instantiateOrClose(Program wanted) {
        Instance instance = instantiate(wanted);
        if (hasStopped) {
            closeQuietly(instance);
        }
        return instance;
    }

    private static Instance instantiate(Program program) {
        try {
            return program.module().instantiate(program.host());
        } catch (InvalidModuleException e) {
            throw new CompletionException(e);
        }
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause == null ? "the module makes no instance" : "no instance can be made: " + cause.getMessage();
    }

    private void close(Instance instance) {
        try {
            workers.execute(() -> closeQuietly(instance));
        } catch (RejectedExecutionException e) {
            log.debug("the workers are busy or gone: an instance is closed here", e);
            closeQuietly(instance);
        }
    }

    @SuppressWarnings("IllegalCatch") // an engine that cannot close an instance harms nobody else
    private static void closeQuietly(Instance instance) {
        try {
            instance.close();
        } catch (Throwable e) {
            log.warn("an instance could not be closed", e);
        }
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            hasStopped = true;
            lent.forEach(this::close);
            lent.clear();
            Instance left = spare;
            if (left != null) {
                close(left);
            }
            waiting.forEach(borrow -> borrow.replyTo().tell(new Answer.Refused("the database has stopped")));
        }
        return this;
    }

    private static String text(Duration duration) {
        return duration.toMillis() + " ms";
    }
}
