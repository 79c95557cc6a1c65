package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * What is done to a {@link CuttableCluster} while clients call through all its nodes, and what has to hold: whatever becomes
 * of the links, what is acknowledged is done once and stays done, and all answers are those of one copy; most of the nodes go
 * on within a time, all of them when the links are whole and those that ended were started again. Used by one thread.
 */
final class Partitions implements AutoCloseable {
    private static final List<Integer> ALL =
            IntStream.range(0, CuttableCluster.NODES).boxed().toList();
    private static final Duration SERVED_AGAIN_MAX = Duration.ofSeconds(90);

    private final CuttableCluster cluster;
    private final LedgerClients clients;
    private final SplittableRandom random;
    private final List<String> done = new ArrayList<>();
    private final long seed;

    private Partitions(CuttableCluster cluster, LedgerClients clients, long seed) {
        this.cluster = cluster;
        this.clients = clients;
        this.random = new SplittableRandom(seed);
        this.seed = seed;
    }

    /** @param clients which have begun */
    static Partitions of(CuttableCluster cluster, LedgerClients clients, long seed) {
        System.out.println("partitions of seed " + seed);
        return new Partitions(cluster, clients, seed);
    }

    /** What else is done to a node. */
    interface Further {
        void to(int node) throws Exception;
    }

    /** The owner of some ledger hears no other node, and none hears it: the others go on, and it ends. */
    void isolateAnOwner() throws Exception {
        isolateAnOwner(_ -> {});
    }

    void isolateAnOwner(Further further) throws Exception {
        int node = someOwner();
        begin("isolate " + node);
        for (int other : othersThan(node)) {
            cluster.cut(node, other);
            cluster.cut(other, node);
        }
        further.to(node);
        clients.awaitServed(othersThan(node), SERVED_AGAIN_MAX, context());
        awaitEnd(node);
        recover();
    }

    /** What the owner of some ledger says gets nowhere, but it hears the others: it is as good as gone. */
    void muteAnOwner() throws Exception {
        int node = someOwner();
        begin("mute " + node);
        for (int other : othersThan(node)) {
            cluster.cut(node, other);
        }
        clients.awaitServed(othersThan(node), SERVED_AGAIN_MAX, context());
        recover();
    }

    /** Two nodes do not reach each other, or one not the other; the third reaches both. At least one goes on. */
    void cutOneLink() throws Exception {
        int from = random.nextInt(CuttableCluster.NODES);
        int to = (from + 1 + random.nextInt(CuttableCluster.NODES - 1)) % CuttableCluster.NODES;
        begin("cut " + from + " to " + to);
        cluster.cut(from, to);
        if (random.nextBoolean()) {
            cluster.cut(to, from);
        }
        int third = CuttableCluster.NODES - from - to;
        if (!cluster.hasEnded(third)) {
            clients.awaitServed(List.of(third), SERVED_AGAIN_MAX, context());
        }
        recover();
    }

    /** Links of all kinds are cut and whole again by turns, for times that are long enough to be noticed, or are not. */
    void flap(int times, Duration longest) throws Exception {
        for (int i = 0; i < times; i++) {
            int from = random.nextInt(CuttableCluster.NODES);
            List<Integer> targets =
                    random.nextBoolean() ? othersThan(from) : othersThan(from).subList(0, 1);
            begin("flap " + from + " to " + targets);
            for (int to : targets) {
                cluster.cut(from, to);
                if (random.nextBoolean()) {
                    cluster.cut(to, from);
                }
            }
            pause(longest);
            cluster.heal();
            pause(longest);
        }
        recover();
    }

    private void pause(Duration longest) {
        LockSupport.parkNanos(longest.toNanos() / 4 + random.nextLong(longest.toNanos() * 3 / 4));
    }

    private void begin(String what) {
        done.add(what);
    }

    private String context() {
        return "seed " + seed + ", after " + done;
    }

    private int someOwner() throws Exception {
        int ledger = random.nextInt(CuttableCluster.LEDGERS);
        long begin = System.nanoTime();
        int owner = cluster.owner(ledger);
        while (owner < 0) {
            assertTrue(
                    System.nanoTime() - begin < SERVED_AGAIN_MAX.toNanos(),
                    () -> "nobody has ledger " + ledger + "; " + context());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            owner = cluster.owner(ledger);
        }
        return owner;
    }

    private static List<Integer> othersThan(int node) {
        return ALL.stream().filter(other -> other != node).toList();
    }

    private void awaitEnd(int node) {
        long begin = System.nanoTime();
        while (!cluster.hasEnded(node)) {
            assertTrue(
                    System.nanoTime() - begin < SERVED_AGAIN_MAX.toNanos(),
                    () -> "node " + node + " does not end; " + context());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Links are whole, nodes that end are started again as a supervisor does, until all serve everything. */
    private void recover() throws Exception {
        cluster.heal();
        long begin = System.nanoTime();
        while (true) {
            for (int node : ALL) {
                if (cluster.hasEnded(node)) {
                    cluster.startAgain(node);
                }
            }
            Duration left = SERVED_AGAIN_MAX.minusNanos(System.nanoTime() - begin);
            if (clients.awaitServed(ALL, () -> endedCount() > 0, left, context())) {
                return;
            }
        }
    }

    private long endedCount() {
        return ALL.stream().filter(cluster::hasEnded).count();
    }

    /** To be asked for at the end, when everything is served. */
    void check() throws Exception {
        int acknowledged = clients.acknowledgedCount();
        System.out.println(context() + ": " + acknowledged + " transfers were acknowledged");
        assertTrue(acknowledged > 20, () -> "only " + acknowledged + " transfers were acknowledged; " + context());
        clients.check(cluster.doors(0), context());
    }

    @Override
    public void close() throws IOException {
        clients.close();
        cluster.close();
    }
}
