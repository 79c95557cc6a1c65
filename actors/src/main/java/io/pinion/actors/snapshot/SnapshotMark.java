package io.pinion.actors.snapshot;

import io.pinion.actors.durability.Pending;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Stands behind the commits that are in a snapshot, and says when the journal is durable up to them. */
public final class SnapshotMark extends Pending {
    private final CompletableFuture<Void> durable = new CompletableFuture<>();

    /** @param offset of the newest commit that is in the snapshot */
    public SnapshotMark(long offset) {
        super(offset, null, 0);
    }

    /** Completes when it is, fails when that will not be known. */
    public CompletionStage<Void> durable() {
        return durable;
    }

    @Override
    protected void release() {
        durable.complete(null);
    }

    @Override
    protected void lose() {
        durable.completeExceptionally(new IllegalStateException("the journal failed before the snapshot was durable"));
    }
}
