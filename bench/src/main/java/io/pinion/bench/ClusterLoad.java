package io.pinion.bench;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Transfers in one ledger through one node, so many at a time, until it is ended. Threadsafe. */
final class ClusterLoad {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final AtomicLong IDS = new AtomicLong();

    private final PinionHost host;
    private final Identity database;
    private final Caller caller;
    private final long accounts;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong longestGapNanos = new AtomicLong();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicReference<@Nullable Object> problem = new AtomicReference<>();
    private final Phaser running = new Phaser(1);

    private ClusterLoad(PinionHost host, Identity database, Identity caller, long accounts) {
        this.host = host;
        this.database = database;
        this.caller = new Caller(caller, ConnectionId.NONE);
        this.accounts = accounts;
    }

    static ClusterLoad start(PinionHost host, Identity database, Identity caller, long accounts, int inFlight) {
        ClusterLoad load = new ClusterLoad(host, database, caller, accounts);
        for (int i = 0; i < inFlight; i++) {
            load.running.register();
            load.next();
        }
        return load;
    }

    private void next() {
        if (isOver.get()) {
            running.arriveAndDeregister();
            return;
        }
        transfer().whenCompleteAsync((outcome, failure) -> {
            if (!(outcome instanceof Database.Committed)) {
                problem.compareAndSet(null, failure == null ? outcome : failure);
                isOver.set(true);
            }
            long now = System.nanoTime();
            long gap = now - lastNanos.getAndSet(now);
            longestGapNanos.accumulateAndGet(gap, Math::max);
            answers.incrementAndGet();
            next();
        });
    }

    private CompletionStage<CallOutcome> transfer() {
        long id = IDS.incrementAndGet();
        BsatnWriter arguments = new BsatnWriter(32)
                .writeLong(id)
                .writeLong(1 + id % accounts)
                .writeLong(1 + (id + 1) % accounts)
                .writeLong(1);
        long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
        return host.ask(
                database,
                replyTo -> new Command.CallReducer(
                        "transfer",
                        new Arguments.Bsatn(arguments.toBytes()),
                        caller,
                        RequestId.NONE,
                        true,
                        deadlineNanos,
                        replyTo),
                TIMEOUT);
    }

    long answers() {
        return answers.get();
    }

    /** The longest time in which no call was answered since this was last asked. */
    long takeLongestGapNanos() {
        return longestGapNanos.getAndSet(0);
    }

    /** Returns when nothing is under way; fails if a call was answered otherwise than that it is committed. */
    void end() {
        isOver.set(true);
        running.arriveAndAwaitAdvance();
        Object found = problem.get();
        if (found != null) {
            throw new IllegalStateException("a call was answered " + found);
        }
    }
}
