package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private final List<Long> applied = new ArrayList<>();
    private final Replay replay = new Replay((offset, _) -> applied.add(offset));

    private static byte[] opened(long epoch) {
        return EventCodec.opened(new Event.Opened(epoch, 0, "node"));
    }

    private static byte[] batch(long epoch, long offsetFirst, int count) {
        BsatnWriter out = new BsatnWriter();
        EventCodec.beginBatch(out, epoch, offsetFirst);
        for (int i = 0; i < count; i++) {
            EventCodec.addEntry(out, new LogEntry.Deleted(i, Identity.ZERO));
        }
        return EventCodec.finishBatch(out, epoch, offsetFirst, count, 1 << 20).getFirst();
    }

    @Test
    void entriesAreAppliedInOrder() {
        replay.event(opened(1));
        replay.event(batch(1, 1, 2));
        replay.event(opened(2));
        replay.event(batch(2, 3, 1));

        assertEquals(List.of(1L, 2L, 3L), applied);
        assertEquals(2, replay.epoch());
        assertEquals(3, replay.offset());
        assertTrue(replay.isDeleted());
    }

    @Test
    void aGapIsRefused() {
        replay.event(opened(1));
        replay.event(batch(1, 1, 2));

        CorruptEventException refused = assertThrows(CorruptEventException.class, () -> replay.event(batch(1, 4, 1)));
        assertTrue(String.valueOf(refused.getMessage()).contains("offset 4"), refused.getMessage());
    }

    @Test
    void aBatchOfAnEarlierOwnerIsRefused() {
        replay.event(opened(1));
        replay.event(batch(1, 1, 1));
        replay.event(opened(2));

        assertThrows(CorruptEventException.class, () -> replay.event(batch(1, 2, 1)));
        assertThrows(CorruptEventException.class, () -> replay.event(opened(2)));
    }

    @Test
    void theLogOfAnEndedDatabaseBeginsWithItsEnd() {
        replay.event(batch(7, 100, 1));

        assertTrue(replay.isDeleted());
        assertEquals(100, replay.offset());
    }
}
