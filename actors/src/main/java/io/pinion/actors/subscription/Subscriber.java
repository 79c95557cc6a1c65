package io.pinion.actors.subscription;

import io.pinion.store.query.SubscriptionPlan;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One connection and its sets. Where queries count together, a query is in as many sets as its count says, and changes of
 * its result are told once.
 */
final class Subscriber {
    private final ConnectionId connection;
    private final Identity identity;
    private final boolean countsTogether;
    private final Map<Integer, Registered> sets = new TreeMap<>(Integer::compareUnsigned);
    private final Map<SubscriptionPlan.Key, Integer> counts = new HashMap<>();
    private int losses;

    /** @param plans of {@code queries}, each once */
    record Registered(SetKind kind, List<String> queries, List<SubscriptionPlan> plans) {
        Registered {
            queries = List.copyOf(queries);
            plans = List.copyOf(plans);
        }
    }

    Subscriber(ConnectionId connection, Identity identity, boolean countsTogether) {
        this.connection = connection;
        this.identity = identity;
        this.countsTogether = countsTogether;
    }

    ConnectionId connection() {
        return connection;
    }

    Identity identity() {
        return identity;
    }

    boolean countsTogether() {
        return countsTogether;
    }

    Map<Integer, Registered> sets() {
        return sets;
    }

    /** In how many sets a query is; counted only where queries count together. */
    int count(SubscriptionPlan plan) {
        return counts.getOrDefault(plan.key(), 0);
    }

    /** Whether the connection did not have the query before. */
    boolean countUp(SubscriptionPlan plan) {
        return counts.merge(plan.key(), 1, Integer::sum) == 1;
    }

    /** Whether the connection does not have the query any more. */
    boolean countDown(SubscriptionPlan plan) {
        return counts.computeIfPresent(plan.key(), (_, count) -> count == 1 ? null : count - 1) == null;
    }

    /** How often it has lost all sets at once. */
    int losses() {
        return losses;
    }

    void loseAll() {
        losses++;
        clear();
    }

    void clear() {
        sets.clear();
        counts.clear();
    }
}
