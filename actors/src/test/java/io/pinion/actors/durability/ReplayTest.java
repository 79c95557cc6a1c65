package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.tx.Delta;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private final List<Long> applied = new ArrayList<>();
    private final RecoveryMeter meter = new RecoveryMeter();
    private final Replay replay = new Replay((offset, _) -> applied.add(offset), meter);
    private long sequenceNr;

    private void take(byte[] event) {
        replay.event(new LoggedEvent(sequenceNr + 1, event), EventCodec.read(event));
        sequenceNr++;
    }

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
        take(opened(1));
        take(batch(1, 1, 2));
        take(opened(2));
        take(batch(2, 3, 1));

        assertEquals(List.of(1L, 2L, 3L), applied);
        assertEquals(2, replay.position().epoch());
        assertEquals(3, replay.position().offset());
        assertTrue(replay.position().isSilent());
    }

    @Test
    void aGapIsRefused() {
        take(opened(1));
        take(batch(1, 1, 2));

        CorruptEventException refused = assertThrows(CorruptEventException.class, () -> take(batch(1, 4, 1)));
        assertTrue(String.valueOf(refused.getMessage()).contains("offset 4"), refused.getMessage());
    }

    @Test
    void aBatchOfAnEarlierOwnerIsRefused() {
        take(opened(1));
        take(batch(1, 1, 1));
        take(opened(2));

        assertThrows(CorruptEventException.class, () -> take(batch(1, 2, 1)));
        assertThrows(CorruptEventException.class, () -> take(opened(2)));
    }

    @Test
    void theLogOfAnEndedDatabaseBeginsWithItsEnd() {
        sequenceNr = 33;
        take(batch(7, 100, 1));

        assertEquals(34, replay.position().sequenceNr());
        assertTrue(replay.position().isSilent());
        assertEquals(100, replay.position().offset());
    }

    @Test
    void aLogThatLacksItsBeginningIsRefused() {
        byte[] late = EventCodec.finishBatch(published(100), 1, 100, 1, 1 << 20).getFirst();

        CorruptEventException refused = assertThrows(CorruptEventException.class, () -> take(late));

        assertTrue(String.valueOf(refused.getMessage()).contains("at offset 100"), refused.getMessage());
    }

    private static BsatnWriter published(long offsetFirst) {
        BsatnWriter out = new BsatnWriter();
        EventCodec.beginBatch(out, 1, offsetFirst);
        EventCodec.addEntry(
                out,
                new LogEntry.Transaction(
                        0,
                        Identity.ZERO,
                        ConnectionId.NONE,
                        0,
                        0,
                        LogEntry.CallKind.REDUCER,
                        LogEntry.CallResult.COMMITTED,
                        "add",
                        Delta.EMPTY));
        return out;
    }

    @Test
    void afterACutTheLogGoesOnUnderANewerEpoch() {
        take(opened(1));
        take(batch(1, 1, 2));
        replay.cut(new IndexEntry.Cut(0, 3, 9, 2, 7));
        sequenceNr = 9;

        assertThrows(CorruptEventException.class, () -> take(opened(7)));
        take(opened(8));
        take(batch(8, 3, 1));

        assertEquals(new LogPosition(11, 8, 3, true), replay.position());
        assertEquals(11, meter.progress().sequenceNr());
        assertEquals(3, meter.progress().entries());
    }

    @Test
    void aCutThatDoesNotFitIsRefused() {
        take(opened(1));
        take(batch(1, 1, 2));

        assertThrows(CorruptEventException.class, () -> replay.cut(new IndexEntry.Cut(0, 3, 9, 5, 7)));
    }
}
