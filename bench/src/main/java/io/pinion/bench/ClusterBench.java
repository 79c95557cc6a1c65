package io.pinion.bench;

import io.pinion.actors.cluster.DatabaseState;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.testing.LedgerModule;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Two nodes: calls of a database on the own node and on the other, and the pause when a database moves under load. Then a
 * third, which is killed.
 */
@Command(
        name = "cluster",
        description =
                "Calls of databases on the own node and on another, how long they wait while one moves, and when its node is lost.",
        mixinStandardHelpOptions = true)
final class ClusterBench implements Callable<Integer> {
    static final Identity OWNER = Identity.derive("localhost", "owner");
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int MOVING_IN_FLIGHT = 8;

    /** A million rows are one transaction; and on a busy machine all nodes of one process stand still at times. */
    private static final Map<String, Object> LARGE_AND_PATIENT = Map.of(
            "pinion.limits.reducer-time",
            "5 minutes",
            "pinion.durability.transaction-bytes-max",
            "1 GiB",
            "pekko.cluster.failure-detector.acceptable-heartbeat-pause",
            "20 s");

    @Option(names = "--seconds", defaultValue = "5", description = "of each case of calls (default: ${DEFAULT-VALUE})")
    private double seconds = 5;

    @Option(
            names = "--in-flight",
            split = ",",
            defaultValue = "1,64",
            description = "calls at a time (default: ${DEFAULT-VALUE})")
    private List<Integer> inFlight = List.of();

    @Option(
            names = "--rows",
            split = ",",
            defaultValue = "1000,1000000",
            description = "rows of databases that are moved (default: ${DEFAULT-VALUE})")
    private List<Integer> rows = List.of();

    @Option(names = "--moves", defaultValue = "10", description = "of each (default: ${DEFAULT-VALUE})")
    private int moves = 10;

    @Option(
            names = "--databases",
            defaultValue = "2000",
            description = "on the node that is killed; 0 to kill none (default: ${DEFAULT-VALUE})")
    private int databases = 2000;

    @Mixin
    private Output output = new Output();

    private final BenchReport report = BenchReport.ofCheckout("cluster");

    @Override
    public Integer call() throws IOException, SQLException, NodeStartException {
        if (moves < 1 || rows.stream().anyMatch(count -> count < 2)) {
            throw new IllegalArgumentException("at least 1 move and 2 rows are needed");
        }
        try (TwoNodes nodes = TwoNodes.start(LARGE_AND_PATIENT)) {
            measureCalls(nodes);
            for (int count : rows) {
                measureMoves(nodes, count);
            }
        }
        if (databases > 0) {
            new LostNode(databases, output, report).measure();
        }
        output.print(report);
        return 0;
    }

    private void measureCalls(TwoNodes nodes) {
        Identity ledger = publish(nodes.first().host(), 1000);
        move(nodes.first(), ledger, nodes.first());
        for (int count : inFlight) {
            measureCalls("local_" + count, nodes.first().host(), ledger, count);
            measureCalls("remote_" + count, nodes.second().host(), ledger, count);
        }
    }

    private void measureCalls(String kase, PinionHost host, Identity ledger, int count) {
        output.progress(kase);
        ClusterLoad load = ClusterLoad.start(host, ledger, OWNER, 1000, count);
        pause(seconds / 2);
        long before = load.answers();
        long start = System.nanoTime();
        pause(seconds);
        long answers = load.answers() - before;
        double elapsed = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        load.end();
        report.add(kase, "calls_per_s", "1/s", answers / elapsed);
    }

    private void measureMoves(TwoNodes nodes, int rowCount) {
        String kase = "move_" + rowCount;
        output.progress(kase);
        Identity ledger = publish(nodes.first().host(), rowCount);
        move(nodes.first(), ledger, nodes.first());
        ClusterLoad load = ClusterLoad.start(nodes.first().host(), ledger, OWNER, rowCount, MOVING_IN_FLIGHT);
        pause(1);
        long[] pauses = new long[moves];
        for (int i = 0; i < moves; i++) {
            load.takeLongestGapNanos();
            move(nodes.first(), ledger, i % 2 == 0 ? nodes.second() : nodes.first());
            long answers = load.answers();
            await(() -> load.answers() > answers + MOVING_IN_FLIGHT);
            pauses[i] = load.takeLongestGapNanos();
        }
        load.end();
        long[] sorted = LongStream.of(pauses).sorted().toArray();
        report.add(kase, "pause_p50_ms", "ms", millis(sorted[(sorted.length - 1) / 2]));
        report.add(kase, "pause_p99_ms", "ms", millis(sorted[sorted.length - 1]));
    }

    static double millis(long nanos) {
        return nanos / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** A ledger of the owner of all of them, with so many accounts. */
    static Identity publish(PinionHost host, int rowCount) {
        PinionHost.PublishResult published =
                await(host.publish(new PinionHost.Target.Fresh(), Bytes.wrap(LedgerModule.program()), OWNER, false));
        if (!(published.outcome() instanceof Database.Published)) {
            throw new IllegalStateException("the ledger was not published: " + published.outcome());
        }
        CallOutcome opened = await(host.ask(
                published.database(),
                replyTo -> new Database.Command.CallReducer(
                        "open",
                        new Arguments.Json("[" + rowCount + ",1000]"),
                        new Caller(OWNER, ConnectionId.NONE),
                        RequestId.NONE,
                        true,
                        Database.NO_DEADLINE,
                        replyTo),
                DEADLINE));
        if (!(opened instanceof Database.Committed)) {
            throw new IllegalStateException("the accounts were not opened: " + opened);
        }
        return published.database();
    }

    /** Returns when the database serves there, asked for or not. */
    static void move(PinionNode through, Identity database, PinionNode target) {
        await(through.host().relocate(PinionHost.bucket(database), TwoNodes.address(target)));
        await(() -> {
            if (!isServing(target, database)) {
                Database.DescribeOutcome _ = await(through.host()
                        .<Database.DescribeOutcome>ask(database, Database.Command.Describe::new, DEADLINE));
            }
            return isServing(target, database);
        });
    }

    private static boolean isServing(PinionNode node, Identity database) {
        return node.host().databasesHere().stream()
                .anyMatch(state -> state.database().equals(database) && state.phase() == DatabaseState.Phase.SERVING);
    }

    static void await(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > DEADLINE.toNanos()) {
                throw new IllegalStateException("the database did not move in " + DEADLINE);
            }
            pause(0.02);
        }
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private static void pause(double seconds) {
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
