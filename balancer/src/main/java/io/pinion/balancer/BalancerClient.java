package io.pinion.balancer;

import io.pinion.balancer.BalancerProtocol.Command;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** Asks the cluster's balancer, wherever it runs. Threadsafe. */
final class BalancerClient implements Balancer {
    private final ActorSystem<?> system;
    private final ActorRef<? super Command> balancer;
    private final Duration timeout;

    BalancerClient(ActorSystem<?> system, ActorRef<? super Command> balancer, Duration timeout) {
        this.system = system;
        this.balancer = balancer;
        this.timeout = timeout;
    }

    @Override
    public CompletionStage<BalancerProtocol.ChangeOutcome> change(Wish wish) {
        return AskPattern.ask(balancer, replyTo -> new Command.Change(wish, replyTo), timeout, system.scheduler());
    }

    @Override
    public CompletionStage<BalancerProtocol.MoveOutcome> rebind(Identity database, int core) {
        return AskPattern.ask(
                balancer, replyTo -> new Command.RebindNow(database, core, replyTo), timeout, system.scheduler());
    }

    @Override
    public CompletionStage<BalancerProtocol.MoveOutcome> relocate(int shard, Address to) {
        return AskPattern.ask(
                balancer, replyTo -> new Command.RelocateNow(shard, to, replyTo), timeout, system.scheduler());
    }

    @Override
    public CompletionStage<Plan> planNow() {
        CompletionStage<BalancerProtocol.Planned> answer =
                AskPattern.ask(balancer, Command.PlanNow::new, timeout, system.scheduler());
        return answer.thenApply(BalancerProtocol.Planned::plan);
    }

    @Override
    public CompletionStage<BalancerProtocol.Status> status() {
        return AskPattern.ask(balancer, Command.GetStatus::new, timeout, system.scheduler());
    }

    @Override
    public CompletionStage<BalancerProtocol.Decisions> decisions(int max) {
        return AskPattern.ask(balancer, replyTo -> new Command.GetDecisions(max, replyTo), timeout, system.scheduler());
    }
}
