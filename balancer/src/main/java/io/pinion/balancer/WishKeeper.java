package io.pinion.balancer;

import io.pinion.actors.durability.WholeLog;
import io.pinion.balancer.BalancerProtocol.Changed;
import java.time.Duration;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * Keeps the wishes of operators in the journal of the databases, and tells the balancer what is in force.
 *
 * <p>As with databases, recovery ends by writing that this one is the owner now, and nothing is told before that is
 * written: the write of a balancer that was replaced and does not know it fails from then on, as its number is taken. A
 * failed write ends in another recovery, and so does one that was not given all events.
 */
final class WishKeeper extends EventSourcedBehavior<WishKeeper.Command, WishKeeper.Event, Wishes> {
    private static final String ID = "pinion-balancer";
    private static final Duration BACKOFF_MIN = Duration.ofMillis(200);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(10);

    private final ActorContext<Command> context;
    private final String journalPluginId;
    private final Address node;
    private final ActorRef<? super BalancerNote> balancer;
    private final WholeLog whole = new WholeLog();

    sealed interface Command {
        /** Says who owns the wishes now. */
        enum Open implements Command {
            INSTANCE
        }

        record Change(Wish wish, ActorRef<? super BalancerProtocol.ChangeOutcome> replyTo) implements Command {}
    }

    sealed interface Event extends BalancerProtocol.Message {}

    /** From here on what another owner writes fails. */
    record Opened(Address node) implements Event {}

    record Wished(Wish wish) implements Event {}

    private WishKeeper(
            ActorContext<Command> context,
            String journalPluginId,
            Address node,
            ActorRef<? super BalancerNote> balancer) {
        super(PersistenceId.ofUniqueId(ID), SupervisorStrategy.restartWithBackoff(BACKOFF_MIN, BACKOFF_MAX, 0.1));
        this.context = context;
        this.journalPluginId = journalPluginId;
        this.node = node;
        this.balancer = balancer;
    }

    /** @param node where this is, for people who read the journal */
    static Behavior<Command> create(String journalPluginId, Address node, ActorRef<? super BalancerNote> balancer) {
        return Behaviors.setup(context -> new WishKeeper(context, journalPluginId, node, balancer));
    }

    @Override
    public String journalPluginId() {
        return journalPluginId;
    }

    @Override
    public Wishes emptyState() {
        return Wishes.NONE;
    }

    @Override
    public SignalHandler<Wishes> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.class, (_, _) -> {
                    whole.recovered(lastSequenceNumber(context));
                    context.getSelf().tell(Command.Open.INSTANCE);
                })
                .onSignal(PreRestart.class, (_, _) -> whole.restarts())
                .build();
    }

    @Override
    public CommandHandler<Command, Event, Wishes> commandHandler() {
        return (_, command) -> switch (command) {
            case Command.Open _ ->
                Effect().persist(new Opened(node)).thenRun(after -> balancer.tell(new BalancerNote.Kept(after)));
            case Command.Change(Wish wish, var replyTo) ->
                Effect().persist(new Wished(wish)).thenRun((Wishes after) -> {
                    balancer.tell(new BalancerNote.Kept(after));
                    replyTo.tell(new Changed());
                });
        };
    }

    @Override
    public EventHandler<Wishes, Event> eventHandler() {
        return (wishes, event) -> {
            whole.event(() -> lastSequenceNumber(context), false);
            return switch (event) {
                case Opened _ -> wishes;
                case Wished(Wish wish) -> wishes.with(wish);
            };
        };
    }
}
