package io.pinion.actors.core;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The owner waits while tickets are pushed, and gets both. A wake-up that is lost leaves it waiting for ever. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "the owner was woken for both")
@State
public class WakeStress {
    private final QueuedTurns turns = new QueuedTurns();

    private final Inbox inbox = turns.inboxes[0];

    @Actor
    public void own(I_Result result) {
        int taken = 0;
        while (taken < 2) {
            @Nullable Ticket ticket = inbox.takeAll();
            if (ticket == null) {
                inbox.await();
            }
            for (; ticket != null; ticket = ticket.next) {
                taken++;
            }
        }
        result.r1 = taken;
    }

    @Actor
    public void send() {
        inbox.push(new Ticket(turns.binding, 1, 0));
        inbox.push(new Ticket(turns.binding, 2, 0));
    }
}
