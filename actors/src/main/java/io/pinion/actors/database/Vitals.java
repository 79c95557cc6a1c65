package io.pinion.actors.database;

import io.pinion.actors.database.DatabaseStatus.Stuck;
import io.pinion.actors.durability.LogDamage;
import io.pinion.actors.durability.LogRecovery;
import io.pinion.actors.durability.Outbox;
import io.pinion.actors.pool.PoolLoad;
import io.pinion.actors.pool.PoolMeter;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.value.Identity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What others may see of one database, and do to it, while its own thread may be in a call that does not end. Threadsafe.
 */
final class Vitals {
    private static final Logger log = LoggerFactory.getLogger(Vitals.class);

    private static final long LATENESS_PAUSE_NANOS = 1_000_000_000;

    private final Identity database;
    private final ModuleLog moduleLog;
    private final Clock clock;
    private final Handle handle;
    private final AtomicLong stops = new AtomicLong();
    private final AtomicLong timesStuck = new AtomicLong();
    private final PoolMeter pool = new PoolMeter();
    private long lateStarts;
    private long latenessSaidNanos;
    private final CallMeter reducers = new CallMeter();
    private final CallMeter procedures = new CallMeter();
    private volatile CallLimits limits;
    private volatile Orders orders = Orders.NONE;
    private volatile @Nullable Stuck stuck;
    private volatile long instanceAllocatedBytes;
    private volatile @Nullable LogRecovery recovery;
    private volatile @Nullable LogDamage damage;
    private volatile @Nullable Outbox outbox;
    private volatile @Nullable RestoreMeter restore;

    /** What can be done to a database past its thread. Threadsafe; never blocks. */
    interface Handle {
        /** From now on calls, waiting ones too, are answered so. */
        void refuseCalls(Database.Refusal refusal);

        /** The end of {@link #refuseCalls}. */
        void acceptCalls();

        /** A call was stopped: for its core's count. */
        void noteStop();

        /** The instance that is on loan is to be thrown away, after the call that runs. */
        void discardInstance();

        /** Messages in its mailbox. */
        int waiting();
    }

    Vitals(Identity database, ModuleLog moduleLog, Clock clock, CallLimits limits, Handle handle) {
        this.database = database;
        this.moduleLog = moduleLog;
        this.clock = clock;
        this.limits = limits;
        this.handle = handle;
    }

    /** Those of the next call. */
    CallLimits limits() {
        return limits;
    }

    /** Replaces them from the next call on. */
    void limits(CallLimits changed) {
        limits = changed;
    }

    DatabaseStatus status() {
        Outbox serving = outbox;
        LogRecovery reading = recovery;
        LogDamage found = damage;
        return new DatabaseStatus(
                database,
                stops.get(),
                timesStuck.get(),
                Optional.ofNullable(stuck),
                instanceAllocatedBytes,
                pool.load(),
                serving == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(serving.durable().offset()),
                Optional.ofNullable(reading).map(LogRecovery::progress),
                Optional.ofNullable(found == null || (reading != null && reading.isPast(found)) ? null : found),
                Optional.ofNullable(restore).map(RestoreMeter::progress),
                handle.waiting(),
                limits,
                orders,
                reducers.counts(),
                procedures.counts());
    }

    /** What operators have ordered, for others to see. */
    void orders(Orders holding) {
        orders = holding;
    }

    /** A reducer has ended. The thread that the database runs on alone. */
    void countReducer(GuestResult result, long nanos) {
        reducers.count(ending(result), nanos);
    }

    /** A procedure or a handler has ended. Any thread. */
    void countProcedure(GuestResult result, long nanos) {
        synchronized (procedures) {
            procedures.count(ending(result), nanos);
        }
    }

    private static CallCounts.Ending ending(GuestResult result) {
        return switch (result) {
            case GuestResult.Returned _ -> CallCounts.Ending.RETURNED;
            case GuestResult.UserError _ -> CallCounts.Ending.REJECTED;
            case GuestResult.Failed _ -> CallCounts.Ending.FAILED;
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> CallCounts.Ending.STOPPED;
        };
    }

    DatabaseLoad load() {
        PoolLoad instances = pool.load();
        return new DatabaseLoad(
                database, handle.waiting(), instances.lent() + instances.spare(), instanceAllocatedBytes);
    }

    Identity database() {
        return database;
    }

    /** Where its pool of instances shows what it has to do. */
    PoolMeter pool() {
        return pool;
    }

    /** Its commits go there. */
    void serving(Outbox commits) {
        outbox = commits;
    }

    /** It serves no longer. */
    void notServing() {
        outbox = null;
    }

    /**
     * Its log is being read.
     *
     * @param found why it could not be read the last time, which stands until the reading has come past it
     */
    void recovering(LogRecovery running, @Nullable LogDamage found) {
        damage = found;
        recovery = running;
    }

    /** Its log is no longer being read. */
    void recovered() {
        damage = null;
        recovery = null;
    }

    /** Its log cannot be read. */
    void damaged(LogDamage found) {
        recovery = null;
        damage = found;
    }

    /** An archive is read that is to take its place; null if none is any more. */
    void restoring(@Nullable RestoreMeter running) {
        restore = running;
    }

    void noteStop() {
        stops.incrementAndGet();
        handle.noteStop();
    }

    /** A call that was asked to stop does not. Until {@link #unstuck} nobody has to wait for it. */
    void stuck(String function) {
        Stuck found = new Stuck(function, clock.epochMicros());
        stuck = found;
        timesStuck.incrementAndGet();
        Instant since = Instant.EPOCH.plus(found.sinceMicros(), ChronoUnit.MICROS);
        handle.refuseCalls(new Database.Unavailable("stuck in " + function + " since " + since));
        log.warn("database {} is stuck: {} was asked to stop and goes on; its calls are refused", database, function);
        say(Level.ERROR, function, "stuck: it was asked to stop and goes on; meanwhile calls are refused");
    }

    /** A call beside the database that was asked to stop does not; nobody waits for it but its caller. */
    void stuckAside(String function) {
        timesStuck.incrementAndGet();
        log.warn("in database {} {} was asked to stop and goes on, on a thread of its own", database, function);
        say(Level.ERROR, function, "it was asked to stop and goes on; the database is not held up by it");
    }

    /** The call has ended at last. */
    void unstuck() {
        Stuck was = stuck;
        stuck = null;
        handle.acceptCalls();
        if (was != null) {
            long millis = (clock.epochMicros() - was.sinceMicros()) / 1000;
            log.info("database {} goes on: {} has ended after {} ms", database, was.function(), millis);
            say(Level.INFO, was.function(), "no longer stuck: it has ended after " + millis + " ms");
        }
    }

    /** A scheduled function begins too late; said once a second at most. The database's thread alone. */
    void noteLateness(String function, long micros) {
        long now = clock.nanoTime();
        lateStarts++;
        if (latenessSaidNanos == 0 || now - latenessSaidNanos >= LATENESS_PAUSE_NANOS) {
            log.warn(
                    "in database {} {} begins {} ms after it was due; so did {} before it",
                    database,
                    function,
                    micros / 1000,
                    lateStarts - 1);
            latenessSaidNanos = now;
            lateStarts = 0;
        }
    }

    /** Written by the database's thread alone. */
    void instanceAllocatedBytes(long bytes) {
        instanceAllocatedBytes = bytes;
    }

    long instanceAllocatedBytes() {
        return instanceAllocatedBytes;
    }

    /** The node is short of memory and this instance may be why. */
    void discardInstance() {
        long mebibytes = instanceAllocatedBytes >> 20;
        log.warn("an instance of database {} is thrown away: it has allocated {} MiB", database, mebibytes);
        moduleLog.append(LogRecord.system(
                Level.WARN,
                clock.epochMicros(),
                "the instance is thrown away, with what it kept: the node is short of memory, and it has allocated "
                        + mebibytes + " MiB"));
        handle.discardInstance();
    }

    private void say(Level level, String function, String message) {
        long now = clock.epochMicros();
        LogRecord line = LogRecord.system(level, now, message);
        moduleLog.append(
                new LogRecord(level, now, line.target(), line.filename(), null, function, message, line.trace()));
    }

    @Override
    public String toString() {
        return database.toString();
    }
}
