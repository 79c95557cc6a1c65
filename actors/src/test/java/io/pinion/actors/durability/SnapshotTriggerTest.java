package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SnapshotTriggerTest {
    private static final SnapshotTrigger.Bounds BOUNDS = new SnapshotTrigger.Bounds(1000, 10, Duration.ofSeconds(5));

    @Test
    void eachBoundMakesASnapshotDueAndCountingBeginsAnew() {
        SnapshotTrigger trigger = new SnapshotTrigger(BOUNDS, new LogLength(0, 0, 0));

        assertFalse(trigger.isDueAfter(999, 9, 4_999_999));
        assertTrue(trigger.isDueAfter(1, 0, 4_999_999));
        assertFalse(trigger.isDueAfter(500, 9, 5_000_000));
        assertTrue(trigger.isDueAfter(1, 1, 5_000_000));
        assertFalse(trigger.isDueAfter(1, 1, 9_999_999));
        assertTrue(trigger.isDueAfter(1, 1, 10_000_000));
    }

    @Test
    void whatWasThereBeforeCounts() {
        assertTrue(new SnapshotTrigger(BOUNDS, new LogLength(990, 1, 0)).isDueAfter(10, 1, 1));
        assertTrue(new SnapshotTrigger(BOUNDS, new LogLength(0, 9, 0)).isDueAfter(10, 1, 1));
    }

    @Test
    void anIndexEntryReadsBackAsItWasWrittenAndEveryDamageIsFound() {
        IndexEntry cut = new IndexEntry.Cut(1, 2, 3, 4, 5);
        byte[] bytes = IndexCodec.write(cut);

        assertEquals(cut, IndexCodec.read(bytes));
        for (int at = 0; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 1;
            org.junit.jupiter.api.Assertions.assertThrows(CorruptEventException.class, () -> IndexCodec.read(damaged));
        }
    }
}
