package io.pinion.node.management;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/** For Pekko's health checks: whether the node has started. It fails with the reason if not. */
public final class StartCheck implements Supplier<CompletionStage<Boolean>> {
    private final Readiness readiness;

    /** Called by Pekko. */
    public StartCheck(ActorSystem system) {
        readiness = Readiness.get(Adapter.toTyped(system));
    }

    @Override
    public CompletionStage<Boolean> get() {
        return readiness
                .problemOfStart()
                .<CompletionStage<Boolean>>map(
                        problem -> CompletableFuture.failedStage(new IllegalStateException(problem)))
                .orElseGet(() -> CompletableFuture.completedStage(true));
    }
}
