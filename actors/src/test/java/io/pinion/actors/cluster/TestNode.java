package io.pinion.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.SelfUp;
import org.apache.pekko.cluster.typed.Subscribe;
import org.jspecify.annotations.Nullable;

/** A cluster of one node with the embedded journal in a folder of its own. */
final class TestNode implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final ActorTestKit kit;
    private final Pinion pinion;

    private TestNode(ActorTestKit kit) {
        this.kit = kit;
        this.pinion = Pinion.get(kit.system());
    }

    /** Starts a node and waits until it is up. */
    static TestNode start(Path directory) {
        return start(directory, "");
    }

    /** @param settings go before all others */
    static TestNode start(Path directory, String settings) {
        return start(directory, settings, null);
    }

    /**
     * @param settings go before all others
     * @param seed whose cluster it joins; its own if null
     */
    static TestNode start(Path directory, String settings, @Nullable TestNode seed) {
        Config config = ConfigFactory.parseString(settings).withFallback(config(directory));
        ActorTestKit kit = ActorTestKit.create("pinion", config);
        Cluster cluster = Cluster.get(kit.system());
        TestProbe<SelfUp> up = kit.createTestProbe();
        cluster.subscriptions().tell(Subscribe.create(up.getRef(), SelfUp.class));
        cluster.manager()
                .tell(Join.create((seed == null ? cluster : Cluster.get(seed.system()))
                        .selfMember()
                        .address()));
        up.receiveMessage(DEADLINE);
        return new TestNode(kit);
    }

    private static Config config(Path directory) {
        return ConfigFactory.parseString("""
                pekko.actor.provider = cluster
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
                pekko.coordinated-shutdown.exit-jvm = off
                pekko.persistence.journal.plugin = pinion.journal
                pekko.persistence.snapshot-store.plugin = pinion.snapshot-store
                pinion.data-directory = "%1$s"
                pinion.journal.rocksdb.directory = "%1$s/journal"
                """.formatted(directory)).withFallback(ConfigFactory.load());
    }

    Pinion pinion() {
        return pinion;
    }

    ActorTestKit kit() {
        return kit;
    }

    ActorSystem<?> system() {
        return kit.system();
    }

    /** Stops as an operator does: everything closes in order. */
    @Override
    public void close() {
        kit.system().terminate();
        kit.system()
                .getWhenTerminated()
                .toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
