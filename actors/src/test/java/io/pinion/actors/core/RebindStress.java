package io.pinion.actors.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The core runs what came first while more is added before and after a move: each end of a turn meets an addition or a move. */
@JCStressTest
@Outcome(id = "3, 0", expect = Expect.ACCEPTABLE, desc = "each ran once, none beside another, none was left behind")
@State
public class RebindStress {
    private final QueuedTurns turns = new QueuedTurns();

    public RebindStress() {
        turns.execute();
    }

    @Actor
    public void serveTheOld() {
        turns.serve(0);
    }

    @Actor
    public void addAndMove() {
        turns.execute();
        turns.rebind(1);
        turns.execute();
        turns.serve(1);
    }

    @Arbiter
    public void atTheEnd(II_Result result) {
        turns.serve(1);
        result.r1 = turns.ran;
        result.r2 = turns.overlaps;
    }
}
