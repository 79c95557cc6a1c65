package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AdaptiveSpinTest {
    private final Inbox inbox = new Inbox(0);

    private void arrive() {
        inbox.push(new Ticket(new Binding(inbox, Binding.WEIGHT_DEFAULT), 1, 0));
    }

    @Test
    void itLooksForNothingWhereItIsOff() {
        arrive();

        assertFalse(new AdaptiveSpin(0).awaits(inbox));
    }

    @Test
    void itFindsWhatHasArrived() {
        arrive();

        assertTrue(new AdaptiveSpin(1).awaits(inbox));
    }

    @Test
    void afterLookingInVainItSkipsMoreAndMoreOccasionsAndStartsOverWhenItPays() {
        AdaptiveSpin spin = new AdaptiveSpin(1);
        assertFalse(spin.awaits(inbox));
        assertFalse(spin.awaits(inbox), "one is skipped");
        assertFalse(spin.awaits(inbox));
        arrive();

        for (int skipped = 0; skipped < 3; skipped++) {
            assertFalse(spin.awaits(inbox), "three are skipped");
        }

        assertTrue(spin.awaits(inbox));
        assertTrue(spin.awaits(inbox));
    }
}
