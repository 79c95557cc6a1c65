package io.pinion.actors.database;

import io.pinion.actors.database.Client.Missed;
import io.pinion.actors.database.RecentCommits.Kept;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SubscriptionRefusedException;
import io.pinion.actors.subscription.Subscriptions;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * What a connection that comes back has missed. The tables go back to where it was told everything, and then forward again,
 * commit by commit, each of which is evaluated for this connection alone: so it hears what it would have heard. Driven by
 * the database's thread, which does nothing else meanwhile; what is thrown leaves the tables in doubt, but for refusals.
 */
final class MissedCommits {
    private final Client.Resume request;
    private final Subscriptions alone = new Subscriptions();
    private final Datastore store;

    /** @param view of the tables, with all views taken for kept */
    MissedCommits(Client.Resume request, Subscriptions.View view, Datastore store) {
        this.request = request;
        this.store = store;
        Database.Caller caller = request.caller();
        alone.connect(caller.connectionId(), caller.identity(), request.countsTogether());
        alone.resume(caller.connectionId(), request.sets(), view);
    }

    /** @throws SubscriptionRefusedException if it cannot be found out; the tables are as they were */
    List<Missed> of(List<Kept> commits) throws SubscriptionRefusedException {
        if (commits.isEmpty() || alone.planCount() == 0) {
            return List.of();
        }
        if (!alone.views().isEmpty()) {
            throw new SubscriptionRefusedException("what has become of views meanwhile is not known");
        }
        for (Kept commit : commits.reversed()) {
            store.takeBack(ofTables(commit));
        }
        List<Missed> missed = new ArrayList<>();
        boolean hasFailed = false;
        for (Kept commit : commits) {
            store.apply(ofTables(commit));
            hasFailed |= !hear(commit, missed);
        }
        if (hasFailed) {
            throw new SubscriptionRefusedException("what it has missed cannot be evaluated");
        }
        return missed;
    }

    private boolean hear(Kept commit, List<Missed> missed) {
        Transaction reads = store.begin();
        Subscriptions.Outcome outcome;
        try {
            outcome = alone.onCommit(ofTables(commit), reads, _ -> true);
        } finally {
            reads.rollback();
        }
        List<SetChanges> sets = outcome.changes().get(request.caller().connectionId());
        if (sets != null) {
            missed.add(missed(commit, sets));
        }
        return outcome.failures().isEmpty();
    }

    private static Missed missed(Kept commit, List<SetChanges> sets) {
        LogEntry.Transaction entry = commit.entry();
        boolean isReducer = switch (entry.kind()) {
            case REDUCER, SCHEDULED_REDUCER -> true;
            case SCHEDULE_CLEANUP, SQL, PROCEDURE, CLIENT_CONNECTED, CLIENT_DISCONNECTED -> false;
        };
        Client.Cause cause = new Client.Cause(
                entry.timestampMicros(), entry.caller(), entry.connectionId(), isReducer ? entry.call() : "", 0, null);
        return new Missed(
                new Database.RequestId(entry.requestHigh(), entry.requestLow()),
                new Client.Updated(commit.offset(), cause, sets));
    }

    /** Rows of views are not taken back, and sequences do not go back. */
    private static Delta ofTables(Kept commit) {
        return new Delta(commit.entry().delta().tables());
    }
}
