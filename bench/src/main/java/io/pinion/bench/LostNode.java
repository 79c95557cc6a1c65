package io.pinion.bench;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.testing.NodeProcess;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * A node in a process of its own that has all databases of the cluster is killed as by kill -9, with the settings of a node as
 * they are but for balancing, which is off; two others go on with its databases. One of them is called all the time; then all
 * the others are.
 */
final class LostNode {
    private static final int ROWS = 1000;
    private static final int ROWS_OF_OTHERS = 10;
    private static final int IN_FLIGHT = 64;

    private static final int HEAP_MIB_AT_LEAST = 1024;

    /**
     * Half of a heap is for memories of WebAssembly instances. Each of these databases has one of 256 KiB, and one more while
     * half of that is free.
     */
    private static final double HEAP_MIB_FOR_EACH = 0.75;

    /** Else the balancer would take databases from the node that has all of them. */
    private static final Map<String, Object> UNBALANCED = Map.of("pinion.balancer.enabled", "off");

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final int databases;
    private final Output output;
    private final BenchReport report;

    LostNode(int databases, Output output, BenchReport report) {
        this.databases = databases;
        this.output = output;
        this.report = report;
    }

    void measure() throws IOException, SQLException, NodeStartException {
        output.progress("failover");
        int heapMib = Math.max(HEAP_MIB_AT_LEAST, (int) (databases * HEAP_MIB_FOR_EACH));
        try (TwoNodes nodes = TwoNodes.start(UNBALANCED);
                NodeProcess third = nodes.startThird(heapMib)) {
            Address address = other(nodes);
            moveAll(nodes.first().host(), address);
            Identity called = ClusterBench.publish(nodes.first().host(), ROWS);
            output.progress("publishing " + databases + " databases");
            List<Identity> others = publish(nodes.first().host());
            ClusterBench.await(() -> hasNone(nodes.first()) && hasNone(nodes.second()));
            output.progress("killing their node");
            kill(nodes, third, called, address);
            output.progress("calling all databases");
            activate(nodes.first().host(), others);
        }
    }

    /** The member that is none of this process, as soon as this process knows that it is up. */
    private static Address other(TwoNodes nodes) {
        Set<Address> own = Set.of(TwoNodes.address(nodes.first()), TwoNodes.address(nodes.second()));
        Supplier<Optional<Address>> other = () -> members(nodes)
                .filter(member -> member.status().equals(MemberStatus.up()))
                .map(Member::address)
                .filter(address -> !own.contains(address))
                .findAny();
        ClusterBench.await(() -> other.get().isPresent());
        return other.get().orElseThrow();
    }

    private static Stream<Member> members(TwoNodes nodes) {
        return StreamSupport.stream(cluster(nodes).state().getMembers().spliterator(), false);
    }

    private static Cluster cluster(TwoNodes nodes) {
        return Cluster.get(nodes.first().system());
    }

    /** Nothing is anywhere yet, so that this takes no time. */
    private static void moveAll(PinionHost host, Address node) {
        for (int bucket = 0; bucket < PinionHost.BUCKET_COUNT; bucket++) {
            PinionHost.RelocateOutcome outcome = ClusterBench.await(host.relocate(bucket, node));
            if (!(outcome instanceof PinionHost.Relocating)) {
                throw new IllegalStateException("a bucket cannot be moved: " + outcome);
            }
        }
    }

    private static boolean hasNone(PinionNode node) {
        return node.host().databasesHere().isEmpty();
    }

    private List<Identity> publish(PinionHost host) {
        List<Identity> published = Collections.synchronizedList(new ArrayList<>());
        inParallel(databases, _ -> published.add(ClusterBench.publish(host, ROWS_OF_OTHERS)));
        return published;
    }

    /** Does it for each number below the count, some at a time. */
    private static void inParallel(int count, IntConsumer work) {
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < IN_FLIGHT; i++) {
                running.add(threads.submit(() -> {
                    for (int own = next.getAndIncrement(); own < count; own = next.getAndIncrement()) {
                        work.accept(own);
                    }
                }));
            }
            running.forEach(each -> {
                try {
                    each.get();
                } catch (Exception e) {
                    throw new IllegalStateException("a database cannot be used", e);
                }
            });
        }
    }

    private void kill(TwoNodes nodes, NodeProcess third, Identity called, Address address) {
        ClusterLoad load = ClusterLoad.start(nodes.first().host(), called, ClusterBench.OWNER, ROWS, 1);
        ClusterBench.await(() -> load.answers() > 20);
        long start = System.nanoTime();
        third.kill();
        // One answer may be on its way still.
        long answers = load.answers() + 1;
        ClusterBench.await(() -> isUnreachable(nodes, address));
        long noticed = System.nanoTime();
        ClusterBench.await(() -> !isMember(nodes, address));
        long removed = System.nanoTime();
        ClusterBench.await(() -> load.answers() > answers);
        long served = System.nanoTime();
        load.end();
        report.add("failover", "unreachable_after_ms", "ms", ClusterBench.millis(noticed - start));
        report.add("failover", "removed_after_ms", "ms", ClusterBench.millis(removed - start));
        report.add("failover", "served_after_ms", "ms", ClusterBench.millis(served - start));
        report.add("failover", "of_it_recovery_ms", "ms", ClusterBench.millis(served - removed));
    }

    private static boolean isUnreachable(TwoNodes nodes, Address address) {
        return cluster(nodes).state().getUnreachable().stream()
                .anyMatch(member -> member.address().equals(address));
    }

    private static boolean isMember(TwoNodes nodes, Address address) {
        return members(nodes).anyMatch(member -> member.address().equals(address));
    }

    private void activate(PinionHost host, List<Identity> others) {
        Histogram nanos = new SynchronizedHistogram(Latencies.histogram());
        long start = System.nanoTime();
        inParallel(others.size(), number -> {
            long begin = System.nanoTime();
            read(host, others.get(number));
            nanos.recordValue(System.nanoTime() - begin);
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        String kase = "activation_" + others.size();
        report.add(kase, "seconds", "s", seconds);
        report.add(kase, "databases_per_s", "1/s", others.size() / seconds);
        report.add(kase, "p50_ms", "ms", Latencies.millis(nanos, 50));
        report.add(kase, "p99_ms", "ms", Latencies.millis(nanos, 99));
    }

    private static void read(PinionHost host, Identity database) {
        QueryOutcome outcome = ClusterBench.await(host.ask(
                database,
                replyTo -> new Database.Command.Query(
                        "SELECT * FROM accounts WHERE id = 1",
                        new Caller(ClusterBench.OWNER, ConnectionId.NONE),
                        true,
                        System.nanoTime() + DEADLINE.toNanos(),
                        replyTo),
                DEADLINE));
        if (!(outcome instanceof Database.Rows)) {
            throw new IllegalStateException("a database was not read: " + outcome);
        }
    }
}
