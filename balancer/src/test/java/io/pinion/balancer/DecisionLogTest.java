package io.pinion.balancer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionLogTest {
    private static final Refusal GIANT = new Refusal(new Subject.OfCore(Clusters.address(1), 2), Reason.GIANT);
    private static final Refusal BUDGET = new Refusal(new Subject.OfCluster(), Reason.BUDGET_SPENT);

    private static Plan refusing(Refusal... refusals) {
        return new Plan(List.of(), List.of(refusals));
    }

    @Test
    void aRefusalThatIsRepeatedIsOneDecisionUntilItIsNotRepeated() {
        DecisionLog log = new DecisionLog(10);

        log.add(refusing(GIANT), 1);
        log.add(refusing(GIANT, BUDGET), 2);
        log.add(refusing(BUDGET), 3);
        log.add(refusing(GIANT), 4);

        assertEquals(List.of(new Decision(4, GIANT), new Decision(2, BUDGET), new Decision(1, GIANT)), log.newest(10));
    }

    @Test
    void onlyTheNewestAreKept() {
        DecisionLog log = new DecisionLog(3);
        for (int shard = 0; shard < 5; shard++) {
            log.add(new Action.Relocate(shard, Clusters.address(1), Clusters.address(2), Action.Reason.BY_HAND), shard);
        }

        assertEquals(
                List.of(4L, 3L), log.newest(2).stream().map(Decision::atMillis).toList());
        assertEquals(3, log.newest(100).size());
        assertEquals(0, log.newest(-1).size());
    }
}
