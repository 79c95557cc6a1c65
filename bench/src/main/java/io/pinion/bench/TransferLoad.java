package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Props;

/** Banks of one system, and transfers in them with a number in flight over all of them together. */
final class TransferLoad {
    static final int ACCOUNTS = 1000;
    static final long OPENING_BALANCE = 1_000_000;

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final BenchSystem system;
    private final List<ActorRef<Database.Command>> banks = new ArrayList<>();
    private long seed;

    TransferLoad(BenchSystem system, long seed) {
        this.system = system;
        this.seed = seed;
    }

    /** With one bank that is there already. */
    static TransferLoad of(BenchSystem system, ActorRef<Database.Command> bank, long seed) {
        TransferLoad load = new TransferLoad(system, seed);
        load.banks.add(bank);
        return load;
    }

    /** Publishes banks until there are that many. */
    void open(int count, Bytes program) {
        while (banks.size() < count) {
            ActorRef<Database.Command> actor = system.startDatabase();
            system.publish(program, actor)
                    .committed("seed", new Arguments.Json("[" + ACCOUNTS + "," + OPENING_BALANCE + "]"));
            banks.add(actor);
        }
    }

    /** @throws IllegalStateException if a transfer was not committed */
    Result run(int bankCount, int inFlight, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        int busy = Math.min(bankCount, inFlight);
        List<CompletableFuture<TransferDriver.Result>> running = new ArrayList<>();
        for (int i = 0; i < busy; i++) {
            int share = inFlight / busy + (i < inFlight % busy ? 1 : 0);
            CompletableFuture<TransferDriver.Result> done = new CompletableFuture<>();
            seed++;
            var load = new TransferDriver.Load(banks.get(i), BenchDatabase.CALLER, ACCOUNTS, share, nanos, seed);
            system.spawn(TransferDriver.create(load, done), Props.empty());
            running.add(done);
        }
        Histogram latency = Latencies.histogram();
        long calls = 0;
        long elapsedNanos = 0;
        for (CompletableFuture<TransferDriver.Result> each : running) {
            TransferDriver.Result result = each.get(nanos + TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
            if (result.errors() > 0) {
                throw new IllegalStateException(result.errors() + " transfers failed");
            }
            latency.add(result.latency());
            calls += result.calls();
            elapsedNanos = Math.max(elapsedNanos, result.elapsedNanos());
        }
        return new Result(calls, elapsedNanos, latency);
    }

    /** The histogram is in nanoseconds. */
    record Result(long calls, long elapsedNanos, Histogram latency) {
        double perSecond() {
            return calls * 1e9 / elapsedNanos;
        }
    }
}
