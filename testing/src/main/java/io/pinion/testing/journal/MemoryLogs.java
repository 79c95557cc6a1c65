package io.pinion.testing.journal;

import com.typesafe.config.Config;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.persistence.PersistentRepr;

/**
 * The logs of a journal in memory. All systems of this JVM that name it share it, as they would a database server; one test
 * uses it at a time. Threadsafe.
 */
public final class MemoryLogs {
    private static final ConcurrentMap<String, MemoryLogs> NAMED = new ConcurrentHashMap<>();
    private static final Reading HONEST = (_, events) -> events;

    private final ConcurrentMap<String, Log> logs = new ConcurrentHashMap<>();
    private final AtomicInteger queries = new AtomicInteger();
    private volatile Reading reading = HONEST;

    private MemoryLogs() {}

    /** What a journal gives of the events it was asked for. */
    @FunctionalInterface
    public interface Reading {
        List<PersistentRepr> given(String persistenceId, List<PersistentRepr> events);
    }

    /** One log. Used with its lock held. */
    private static final class Log {
        private final NavigableMap<Long, PersistentRepr> events = new TreeMap<>();
        private long highest;
    }

    /** @param name under {@code logs} in the configuration of journals and read journals */
    public static MemoryLogs named(String name) {
        return NAMED.computeIfAbsent(name, _ -> new MemoryLogs());
    }

    static MemoryLogs of(Config config) {
        return named(config.getString("logs"));
    }

    /** Forgets everything, and reads honestly. */
    public void reset() {
        logs.clear();
        queries.set(0);
        reading = HONEST;
    }

    /** From now on it gives that; the highest numbers it names stay true. */
    public void reading(Reading next) {
        reading = next;
    }

    public void readingHonestly() {
        reading = HONEST;
    }

    /** How often a read journal was asked. */
    public int queries() {
        return queries.get();
    }

    /** Whatever was there under its number. */
    public void put(PersistentRepr event) {
        Log log = log(event.persistenceId());
        synchronized (log) {
            log.events.put(event.sequenceNr(), event);
            log.highest = Math.max(log.highest, event.sequenceNr());
        }
    }

    /** @return false, and nothing is changed, if another number is the next */
    public boolean putNext(PersistentRepr event) {
        Log log = log(event.persistenceId());
        synchronized (log) {
            boolean isNext = event.sequenceNr() == log.highest + 1;
            if (isNext) {
                put(event);
            }
            return isNext;
        }
    }

    /** Everything that is in a log, honestly. */
    public List<PersistentRepr> events(String persistenceId) {
        return honest(persistenceId, 0, Long.MAX_VALUE);
    }

    /** Zero if nothing was ever written. */
    public long highest(String persistenceId) {
        Log log = log(persistenceId);
        synchronized (log) {
            return log.highest;
        }
    }

    void deleteTo(String persistenceId, long sequenceNr) {
        Log log = log(persistenceId);
        synchronized (log) {
            log.events.headMap(sequenceNr, true).clear();
        }
    }

    List<PersistentRepr> given(String persistenceId, long first, long last) {
        return reading.given(persistenceId, honest(persistenceId, first, last));
    }

    List<PersistentRepr> queried(String persistenceId, long first, long last) {
        queries.incrementAndGet();
        return given(persistenceId, first, last);
    }

    private List<PersistentRepr> honest(String persistenceId, long first, long last) {
        Log log = log(persistenceId);
        synchronized (log) {
            return first > last
                    ? List.of()
                    : List.copyOf(log.events.subMap(first, true, last, true).values());
        }
    }

    private Log log(String persistenceId) {
        return logs.computeIfAbsent(persistenceId, _ -> new Log());
    }
}
