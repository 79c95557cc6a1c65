package io.pinion.actors.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.IndexedEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.SnapshotTrigger;
import io.pinion.modules.HostType;
import io.pinion.store.tx.SchemaIds;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final long SECOND = 1_000_000;

    private final List<IndexedEntry> index = new ArrayList<>();

    /** One entry of the log has one event, and each snapshot comes a second after the one before. */
    private void snapshot(long offset) {
        index.add(new IndexedEntry(
                index.size() + 1,
                new IndexEntry.Snapshot(
                        index.size() * SECOND,
                        offset,
                        new LogPosition(offset, 1, offset, false),
                        new IndexEntry.Chunks(1, 0, 0, 0),
                        new IndexEntry.ProgramFacts(
                                Identity.ZERO, HostType.JS, Bytes.EMPTY, Bytes.EMPTY, Optional.empty()),
                        new SchemaIds(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), SchemaIds.Next.FIRST),
                        List.of())));
    }

    private void cut(long sequenceNrFirst, long offset) {
        index.add(new IndexedEntry(
                index.size() + 1, new IndexEntry.Cut(0, sequenceNrFirst, sequenceNrFirst + 5, offset, 9)));
    }

    private long oldestKept(int keep, Duration retention) {
        SnapshotTrigger.Bounds bounds = new SnapshotTrigger.Bounds(1, 1, Duration.ofDays(1));
        SnapshotSettings settings = new SnapshotSettings(bounds, keep, retention, 1);
        return Retention.oldestKept(index, settings, index.size() * SECOND)
                .map(kept -> kept.snapshot().offset())
                .orElse(-1L);
    }

    @Test
    void soManyOfTheNewestStay() {
        for (long offset = 10; offset <= 50; offset += 10) {
            snapshot(offset);
        }

        assertEquals(50, oldestKept(1, Duration.ZERO));
        assertEquals(30, oldestKept(3, Duration.ZERO));
        assertEquals(10, oldestKept(5, Duration.ZERO));
        assertEquals(-1, oldestKept(6, Duration.ZERO));
    }

    @Test
    void withoutSnapshotsNothingGoes() {
        assertEquals(-1, oldestKept(1, Duration.ZERO));
    }

    @Test
    void aRetentionKeepsTheSnapshotFromWhichItsBeginningIsReached() {
        for (long offset = 10; offset <= 50; offset += 10) {
            snapshot(offset);
        }

        // They are 5, 4, 3, 2 and 1 seconds old.
        assertEquals(30, oldestKept(1, Duration.ofMillis(2500)));
        assertEquals(30, oldestKept(1, Duration.ofSeconds(3)));
        assertEquals(20, oldestKept(1, Duration.ofMillis(3001)));
        assertEquals(10, oldestKept(1, Duration.ofSeconds(5)));
        assertEquals(-1, oldestKept(1, Duration.ofDays(1)));
    }

    @Test
    void snapshotsOfWhatWasCutFromTheLogDoNotCount() {
        snapshot(10);
        snapshot(20);
        snapshot(30);
        cut(21, 20);
        snapshot(40);

        assertEquals(
                List.of(10L, 20L, 40L),
                Retention.usable(index).stream()
                        .map(kept -> kept.snapshot().offset())
                        .toList());
        assertEquals(20, oldestKept(2, Duration.ZERO));
    }
}
