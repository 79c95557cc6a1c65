package io.pinion.actors.database;

import io.pinion.actors.durability.LogDamage;
import io.pinion.actors.durability.RecoveryProgress;
import io.pinion.actors.pool.PoolLoad;
import io.pinion.store.value.Identity;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One database of this node as it was a moment ago.
 *
 * @param stops calls that a limit has ended since the database is here
 * @param timesStuck how often a call did not end although it was asked to
 * @param stuck the call that does not end now; the database answers nothing meanwhile
 * @param instanceAllocatedBytes about what the instance it holds has allocated over its life; most of that is garbage long
 *     ago
 * @param pool what its pool of instances has to do; all zero if it needed none yet
 * @param recovery how far it has come, while its log is read
 * @param offsetDurable of the newest commit that is durable, while it serves
 * @param damage why its log cannot be read to its end; it answers nothing until it can, or until the log is cut
 * @param restore how far it has come, while an archive is read that is to take its place
 * @param waiting messages in its mailbox
 * @param limits of its next call
 * @param reducers that have run since the database is here, scheduled ones included
 * @param procedures the same, with handlers of HTTP requests
 */
public record DatabaseStatus(
        Identity database,
        long stops,
        long timesStuck,
        Optional<Stuck> stuck,
        long instanceAllocatedBytes,
        PoolLoad pool,
        OptionalLong offsetDurable,
        Optional<RecoveryProgress> recovery,
        Optional<LogDamage> damage,
        Optional<RestoreProgress> restore,
        int waiting,
        CallLimits limits,
        Orders orders,
        CallCounts reducers,
        CallCounts procedures) {
    /** @param sinceMicros when that was found, microseconds since the Unix epoch */
    public record Stuck(String function, long sinceMicros) {}
}
