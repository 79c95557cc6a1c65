package io.pinion.balancer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The newest decisions. A refusal that is repeated plan after plan is one decision. Used by one thread. */
final class DecisionLog {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionLog.class);

    private final int max;
    private final Deque<Decision> newest = new ArrayDeque<>();
    private Set<Refusal> repeated = Set.of();

    DecisionLog(int max) {
        this.max = max;
    }

    void add(Plan plan, long nowMillis) {
        plan.actions().forEach(action -> add(action, nowMillis));
        for (Refusal refusal : plan.refusals()) {
            if (!repeated.contains(refusal)) {
                add(refusal, nowMillis);
            }
        }
        repeated = new HashSet<>(plan.refusals());
    }

    void add(Decided decided, long nowMillis) {
        switch (decided) {
            case Action action -> LOG.info("{}: {}", action, action.reason().sentence());
            case Refusal refusal ->
                LOG.debug("{} stays: {}", refusal.subject(), refusal.reason().sentence());
        }
        newest.addFirst(new Decision(nowMillis, decided));
        if (newest.size() > max) {
            newest.removeLast();
        }
    }

    /** Newest first. */
    List<Decision> newest(int count) {
        return newest.stream().limit(Math.max(0, count)).toList();
    }
}
