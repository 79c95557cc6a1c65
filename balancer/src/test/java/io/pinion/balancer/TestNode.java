package io.pinion.balancer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.pinion.actors.cluster.Pinion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.jspecify.annotations.Nullable;

/** One node of a cluster in this JVM, with a balancer that is quick. */
final class TestNode implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(90);

    private static final String QUICK = """
            pinion.balancer {
              report-interval = 100 ms
              window = 400 ms
              plan-interval = 300 ms
              silent-after = 5 s
              rebind.rest = 1 s
              arrive-within = 1 s
            }
            pinion.cores { reserve = 2, minimum = 1024 }
            pekko.actor.provider = cluster
            pekko.actor.allow-java-serialization = off
            pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
            pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
            pekko.cluster.min-nr-of-members = 1
            pekko.coordinated-shutdown.exit-jvm = off
            pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
            pekko.logging-filter = "org.apache.pekko.event.slf4j.Slf4jLoggingFilter"
            """;

    private final ActorSystem<Void> system;
    private final Balancer balancer;

    private TestNode(ActorSystem<Void> system) {
        this.system = system;
        Pinion.get(system);
        this.balancer = BalancerExtension.get(system).balancer();
    }

    /** A cluster of its own, with the embedded journal in a folder. */
    static TestNode start(Path directory) {
        return start(directory, "", null);
    }

    /**
     * @param settings go before all others
     * @param seed whose cluster it joins; its own if null
     */
    static TestNode start(Path directory, String settings, @Nullable TestNode seed) {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "pinion", config(directory, settings));
        Cluster cluster = Cluster.get(system);
        cluster.manager().tell(Join.create(seed == null ? cluster.selfMember().address() : seed.address()));
        eventually("the node is up", () -> cluster.selfMember().status().equals(MemberStatus.up()));
        return new TestNode(system);
    }

    static Config config(Path directory, String settings) {
        return ConfigFactory.parseString(settings)
                .withFallback(ConfigFactory.parseString("""
                        pekko.persistence.journal.plugin = pinion.journal
                        pekko.persistence.snapshot-store.plugin = pinion.snapshot-store
                        pinion.data-directory = "%1$s"
                        pinion.journal.rocksdb.directory = "%1$s/journal"
                        """.formatted(directory)))
                .withFallback(ConfigFactory.parseString(QUICK))
                .withFallback(ConfigFactory.load());
    }

    ActorSystem<Void> system() {
        return system;
    }

    Address address() {
        return Cluster.get(system).selfMember().address();
    }

    Balancer balancer() {
        return balancer;
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Looks again and again until it is so. */
    static void eventually(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + DEADLINE.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Override
    public void close() {
        leave();
    }

    /** Leaves its cluster in order, and is gone. */
    void leave() {
        await(CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterLeavingReason()));
    }
}
