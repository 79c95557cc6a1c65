package io.pinion.actors.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two move the binding while it waits. What waits is at the core that it is bound to in the end. */
@JCStressTest
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "each ran once, none beside another, none was left behind")
@State
public class TwoRebindsStress {
    private final QueuedTurns turns = new QueuedTurns();

    public TwoRebindsStress() {
        turns.execute();
    }

    @Actor
    public void moveAndServe() {
        turns.rebind(1);
        turns.serve(1);
    }

    @Actor
    public void moveAndAdd() {
        turns.rebind(2);
        turns.execute();
    }

    @Arbiter
    public void atTheEnd(II_Result result) {
        turns.serve(turns.binding.inbox().core());
        result.r1 = turns.ran;
        result.r2 = turns.overlaps;
    }
}
