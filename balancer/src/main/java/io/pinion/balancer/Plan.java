package io.pinion.balancer;

import java.util.List;

/** What is to be done now, in this order, and what is not and why. Immutable. */
public record Plan(List<Action> actions, List<Refusal> refusals) {
    public static final Plan NOTHING = new Plan(List.of(), List.of());

    public Plan {
        actions = List.copyOf(actions);
        refusals = List.copyOf(refusals);
    }
}
