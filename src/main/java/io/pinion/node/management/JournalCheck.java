package io.pinion.node.management;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/** For Pekko's health checks: whether the journal takes writes. It fails as the journal does if not. */
public final class JournalCheck implements Supplier<CompletionStage<Boolean>> {
    private final Readiness readiness;

    /** Called by Pekko. */
    public JournalCheck(ActorSystem system) {
        readiness = Readiness.get(Adapter.toTyped(system));
    }

    @Override
    public CompletionStage<Boolean> get() {
        return readiness.journal().thenApply(_ -> true);
    }
}
