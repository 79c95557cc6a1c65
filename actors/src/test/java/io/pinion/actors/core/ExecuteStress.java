package io.pinion.actors.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Something is added at the very moment at which the core has run what came before and finds nothing more. */
@JCStressTest
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "each ran once, none beside another, none was left behind")
@State
public class ExecuteStress {
    private final QueuedTurns turns = new QueuedTurns();

    public ExecuteStress() {
        turns.execute();
    }

    @Actor
    public void serve() {
        turns.serve(0);
    }

    @Actor
    public void add() {
        turns.execute();
    }

    @Arbiter
    public void atTheEnd(II_Result result) {
        turns.serve(0);
        result.r1 = turns.ran;
        result.r2 = turns.overlaps;
    }
}
