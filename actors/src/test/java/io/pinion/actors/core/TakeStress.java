package io.pinion.actors.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The monitor takes a core from a turn that is about to end. One of both has the core, and sees what was done to it. */
@JCStressTest
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "the worker kept the core and went on with it")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "the next owner went on from where the worker was")
@State
public class TakeStress {
    private final QueuedTurns turns = new QueuedTurns();

    private final TurnSlot slot = new TurnSlot();

    /** What the owner of the core alone touches. */
    private int ownersOnly;

    @Actor
    public void work(III_Result result) {
        ownersOnly++;
        long turn = slot.begin(turns.binding, 0);
        if (slot.end(turn)) {
            ownersOnly++;
            result.r1 = 1;
        } else {
            slot.awaitSettled();
        }
    }

    @Actor
    public void take(III_Result result) {
        long turn = slot.running();
        if (turn != 0 && slot.take(turn, 0, 0)) {
            ownersOnly++;
            result.r2 = 1;
            slot.settle(false);
        }
    }

    @Arbiter
    public void atTheEnd(III_Result result) {
        result.r3 = ownersOnly;
    }
}
