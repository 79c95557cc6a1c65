package io.pinion.balancer;

import io.pinion.actors.cluster.Pinion;
import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.Cores;
import io.pinion.store.value.Identity;
import java.util.Map;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;

/** The balancer's eyes and hands on one node: reports its load, binds its databases to cores. */
final class NodeAgent {
    private final ActorContext<Command> context;
    private final CoreSet cores;
    private final Address node;
    private final LoadMeter meter;
    private final SpeedProbe probe = new SpeedProbe();
    private final ActorRef<? super BalancerNotice> balancer;
    private volatile Map<Address, Double> loads = Map.of();

    sealed interface Command {
        enum ReportTick implements Command {
            INSTANCE
        }

        /** Binds a database to a core; says so if it is not here. */
        record Bind(Identity database, int core) implements Command, BalancerProtocol.Message {}

        /** Databases come or go: the load is to be measured afresh. */
        record MeasureAnew() implements Command, BalancerProtocol.Message {}

        /** @param loads what the nodes have to do, see {@link Pinion#placeBy} */
        record PlaceBy(Map<Address, Double> loads) implements Command, BalancerProtocol.Message {
            public PlaceBy {
                loads = Map.copyOf(loads);
            }
        }
    }

    private NodeAgent(
            ActorContext<Command> context, BalancerSettings settings, ActorRef<? super BalancerNotice> balancer) {
        this.context = context;
        this.cores = Cores.get(context.getSystem());
        this.node = Cluster.get(context.getSystem()).selfMember().address();
        this.balancer = balancer;
        Pinion pinion = Pinion.get(context.getSystem());
        this.meter = new LoadMeter(
                cores, named -> pinion.loadsHere(named::contains), settings.window(), settings.reportDatabasesMax());
        pinion.placeBy(address -> loads.getOrDefault(address, -1.0));
    }

    static Behavior<Command> create(BalancerSettings settings, ActorRef<? super BalancerNotice> balancer) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Command.ReportTick.INSTANCE, settings.reportInterval());
            NodeAgent agent = new NodeAgent(context, settings, balancer);
            return Behaviors.receiveMessage(agent::onMessage);
        }));
    }

    private Behavior<Command> onMessage(Command command) {
        switch (command) {
            case Command.ReportTick _ -> report();
            case Command.Bind(Identity database, int core) -> bind(database, core);
            case Command.MeasureAnew() -> meter.restart();
            case Command.PlaceBy(Map<Address, Double> given) -> loads = given;
        }
        return Behaviors.same();
    }

    private void report() {
        LoadMeter.Measured measured = meter.measure(System.nanoTime());
        balancer.tell(new BalancerNotice.Report(
                node,
                context.getSelf(),
                measured.isSettled(),
                probe.measure(),
                measured.databases(),
                measured.cores(),
                measured.named(),
                measured.shards()));
    }

    private void bind(Identity database, int core) {
        if (core >= 0 && core < cores.count() && cores.rebind(database.toHex(), core)) {
            meter.restart();
        } else {
            balancer.tell(new BalancerNotice.RebindMissed(database));
        }
    }
}
