package io.pinion.node.management;

import io.pinion.actors.cluster.Pinion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/** For Pekko's health checks: whether what the node has to recover is recovered. It fails with what is not. */
public final class RecoveryCheck implements Supplier<CompletionStage<Boolean>> {
    private final ActorSystem system;

    /** Called by Pekko. */
    public RecoveryCheck(ActorSystem system) {
        this.system = system;
    }

    @Override
    public CompletionStage<Boolean> get() {
        return Pinion.get(Adapter.toTyped(system))
                .recoveryUnderWay()
                .<CompletionStage<Boolean>>map(
                        problem -> CompletableFuture.failedStage(new IllegalStateException(problem)))
                .orElseGet(() -> CompletableFuture.completedStage(true));
    }
}
