package io.pinion.actors.cluster;

import io.pinion.actors.database.CallCounts;
import io.pinion.actors.database.DatabaseStatus;
import io.pinion.actors.database.Orders;
import io.pinion.actors.database.RestoreProgress;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogDamage;
import io.pinion.actors.durability.RecoveryProgress;
import io.pinion.actors.pool.PoolLoad;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One database of a node as operators see it. Immutable.
 *
 * @param offsetDurable of the newest commit that is durable, while it serves
 * @param restore how far it has come, while an archive is read that is to take its place
 * @param stops calls that a limit has ended since it is here
 * @param waiting messages in its mailbox
 * @param limits of its next call, by their key within {@code pinion.limits}
 * @param reducers that have run since it is here, scheduled ones included
 * @param procedures the same, with handlers of HTTP requests
 */
public record DatabaseState(
        Identity database,
        Phase phase,
        OptionalLong offsetDurable,
        Optional<Recovery> recovery,
        Optional<Damage> damage,
        Optional<Stuck> stuck,
        Optional<RestoreProgress> restore,
        long stops,
        int waiting,
        PoolLoad pool,
        Map<String, Duration> limits,
        Orders orders,
        CallCounts reducers,
        CallCounts procedures) {
    public DatabaseState {
        limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
    }

    public enum Phase {
        /** Its log is being read. */
        RECOVERING,
        /** Its log cannot be read to its end. */
        DAMAGED,
        /** A call does not end. */
        STUCK,
        SERVING,
        /** It serves, but an operator has paused it. */
        PAUSED,
        /** It waits for its journal, ends, or was never there. */
        OTHER
    }

    /**
     * @param sequenceNrLast of the events that are to be read
     * @param rows inserted and deleted
     * @param remaining if it goes on like this; empty before anything was read
     */
    public record Recovery(
            long bytes,
            double bytesPerSecond,
            long events,
            long eventsLeft,
            long entries,
            long rows,
            long sequenceNr,
            long sequenceNrLast,
            Duration elapsed,
            Optional<Duration> remaining) {}

    /** @param offset up to which the log is intact */
    public record Damage(long offset, long sequenceNr, String cause) {}

    /** @param sinceMicros since the Unix epoch */
    public record Stuck(String function, long sinceMicros) {}

    /** @param timeMicros when it was written, since the Unix epoch */
    public record Snapshot(long offset, long timeMicros, long rows) {
        static Snapshot of(IndexEntry.Snapshot entry) {
            return new Snapshot(
                    entry.offset(), entry.timestampMicros(), entry.chunks().rowCount());
        }
    }

    static DatabaseState of(DatabaseStatus status) {
        return new DatabaseState(
                status.database(),
                phase(status),
                status.offsetDurable(),
                status.recovery().map(DatabaseState::recovery),
                status.damage().map(DatabaseState::damage),
                status.stuck().map(stuck -> new Stuck(stuck.function(), stuck.sinceMicros())),
                status.restore(),
                status.stops(),
                status.waiting(),
                status.pool(),
                status.limits().byKey(),
                status.orders(),
                status.reducers(),
                status.procedures());
    }

    private static Phase phase(DatabaseStatus status) {
        if (status.damage().isPresent()) {
            return Phase.DAMAGED;
        }
        if (status.recovery().isPresent()) {
            return Phase.RECOVERING;
        }
        if (status.stuck().isPresent()) {
            return Phase.STUCK;
        }
        if (status.offsetDurable().isEmpty()) {
            return Phase.OTHER;
        }
        return status.orders().pause().isPresent() ? Phase.PAUSED : Phase.SERVING;
    }

    private static Recovery recovery(RecoveryProgress progress) {
        return new Recovery(
                progress.bytes(),
                progress.bytesPerSecond(),
                progress.events(),
                progress.eventsLeft(),
                progress.entries(),
                progress.rows(),
                progress.sequenceNr(),
                progress.sequenceNrLast(),
                progress.elapsed(),
                progress.remaining());
    }

    private static Damage damage(LogDamage damage) {
        return new Damage(damage.offset(), damage.sequenceNr(), damage.cause());
    }
}
