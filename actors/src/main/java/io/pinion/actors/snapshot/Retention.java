package io.pinion.actors.snapshot;

import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.IndexedEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Decides which snapshots stay and which count. Pure. */
final class Retention {
    private Retention() {}

    /** A snapshot and where it stands in the index. */
    record Kept(long sequenceNr, IndexEntry.Snapshot snapshot) {}

    /**
     * The oldest snapshot that stays: of the newest ones so many as are to be kept, and as far back as the retention
     * reaches the one before. What is older than it can go, and so can the log before it. As long as there are fewer, or
     * the retention reaches beyond the first of them, everything stays.
     */
    static Optional<Kept> oldestKept(List<IndexedEntry> index, SnapshotSettings settings, long nowMicros) {
        List<Kept> usable = usable(index);
        int oldest = usable.size() - settings.keep();
        long reachMicros =
                nowMicros - TimeUnit.NANOSECONDS.toMicros(settings.retention().toNanos());
        while (oldest >= 0 && usable.get(oldest).snapshot().timestampMicros() > reachMicros) {
            oldest--;
        }
        return oldest < 0 ? Optional.empty() : Optional.of(usable.get(oldest));
    }

    /** Snapshots that say what the log says, oldest first: none that has entries which were cut from it afterwards. */
    static List<Kept> usable(List<IndexedEntry> index) {
        List<Kept> usable = new ArrayList<>();
        for (IndexedEntry entry : index) {
            switch (entry.entry()) {
                case IndexEntry.Snapshot snapshot -> usable.add(new Kept(entry.sequenceNr(), snapshot));
                case IndexEntry.Cut cut ->
                    usable.removeIf(kept -> kept.snapshot().offset() > cut.offset()
                            || kept.snapshot().log().sequenceNr() >= cut.sequenceNrFirst());
            }
        }
        return usable;
    }
}
