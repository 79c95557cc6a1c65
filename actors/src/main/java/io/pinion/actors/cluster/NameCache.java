package io.pinion.actors.cluster;

import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/** Names that were found bound, for a while: the directory decides, this spares asking it with every request. Threadsafe. */
final class NameCache {
    /** Then everything is forgotten, rather than something chosen. */
    private static final int SIZE_MAX = 100_000;

    private final long keepNanos;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

    private record Entry(Identity database, long sinceNanos) {}

    /** @param keep zero to keep nothing */
    NameCache(Duration keep, LongSupplier nanoTime) {
        this.keepNanos = keep.toNanos();
        this.nanoTime = nanoTime;
    }

    Optional<Identity> find(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return Optional.empty();
        }
        if (nanoTime.getAsLong() - entry.sinceNanos() >= keepNanos) {
            entries.remove(name, entry);
            return Optional.empty();
        }
        return Optional.of(entry.database());
    }

    void put(String name, Identity database) {
        if (entries.size() >= SIZE_MAX) {
            entries.clear();
        }
        entries.put(name, new Entry(database, nanoTime.getAsLong()));
    }

    /** Names have changed. Other nodes may know the old ones for as long as they keep them. */
    void clear() {
        entries.clear();
    }
}
