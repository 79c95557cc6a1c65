package io.pinion.node;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.Database.Overloaded;
import io.pinion.actors.database.Database.Unavailable;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client of one copy of a ledger: one transfer after the other, at a slower pace while it is refused. */
final class LedgerLoad {
    private static final AtomicLong IDS = new AtomicLong();

    private final LedgerHost.Copy copy;
    private final Queue<Long> committed = new ConcurrentLinkedQueue<>();
    private final Queue<Long> unknown = new ConcurrentLinkedQueue<>();
    private final Queue<Long> refused = new ConcurrentLinkedQueue<>();
    private final Queue<CallOutcome> other = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean isOver;

    private LedgerLoad(LedgerHost.Copy copy) {
        this.copy = copy;
    }

    static LedgerLoad start(LedgerHost.Copy copy) {
        LedgerLoad load = new LedgerLoad(copy);
        load.next();
        return load;
    }

    private void next() {
        if (isOver) {
            ended.complete(null);
            return;
        }
        long id = IDS.incrementAndGet();
        copy.transfer(id).whenComplete((outcome, failure) -> {
            if (failure != null) {
                ended.completeExceptionally(failure);
                return;
            }
            record(id, outcome);
            if (outcome instanceof Committed) {
                next();
            } else {
                CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS).execute(this::next);
            }
        });
    }

    private void record(long id, CallOutcome outcome) {
        switch (outcome) {
            case Committed _ -> committed.add(id);
            case OutcomeUnknown _ -> unknown.add(id);
            case Unavailable _, Overloaded _ -> refused.add(id);
            default -> other.add(outcome);
        }
    }

    /** Returns when the last answer has come. */
    void stop() {
        isOver = true;
        LedgerHost.await(ended);
    }

    Set<Long> committed() {
        return new TreeSet<>(committed);
    }

    Set<Long> unknown() {
        return new TreeSet<>(unknown);
    }

    /** Everything but a commit, for a load that should see nothing else. */
    String notCommitted() {
        return (unknown.isEmpty() ? "" : unknown.size() + " unknown ")
                + (refused.isEmpty() ? "" : refused.size() + " refused ")
                + (other.isEmpty() ? "" : other);
    }

    /** Fails if the ledger does not hold what this client was told, or holds what it was told was not done. */
    void check() {
        Set<Long> found = new TreeSet<>(copy.checkedTransfers());
        Set<Long> lost = committed();
        lost.removeAll(found);
        Set<Long> invented = new TreeSet<>(found);
        invented.removeAll(committed);
        invented.removeAll(unknown);
        if (!lost.isEmpty() || !invented.isEmpty() || !other.isEmpty()) {
            throw new AssertionError(
                    "lost " + lost + ", found although refused " + invented + ", other answers " + other);
        }
    }
}
