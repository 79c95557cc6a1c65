package io.pinion.bench;

import com.typesafe.config.ConfigFactory;
import io.pinion.actors.cluster.Pinion;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.DatabaseActor;
import io.pinion.actors.database.DatabaseServices;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.LogReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.pattern.Patterns;
import org.jspecify.annotations.Nullable;

/**
 * An actor system to measure in, with the embedded journal in a folder of its own; the folder goes when it closes. Used by
 * one thread.
 */
final class BenchSystem implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String CLUSTER_SETTINGS = """
            pekko.actor.provider = cluster
            pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
            pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
            pekko.coordinated-shutdown.exit-jvm = off
            """;

    private final Path data;
    private final ActorSystem<SpawnProtocol.Command> system;
    private @Nullable DatabaseServices services;
    private long databases;

    private BenchSystem(Path data, ActorSystem<SpawnProtocol.Command> system) {
        this.data = data;
        this.system = system;
    }

    /** @param settings lines as in a configuration file */
    static BenchSystem start(String... settings) throws IOException {
        Path data = Files.createTempDirectory("pinion-bench");
        String text = """
            pinion.data-directory = "%1$s"
            pinion.journal.rocksdb.directory = "%1$s/journal"
            pekko.persistence.journal.plugin = pinion.journal
            pekko.persistence.snapshot-store.plugin = pinion.snapshot-store
            pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
            pekko.loglevel = WARNING
            bench.control-first.mailbox-type = "org.apache.pekko.dispatch.UnboundedControlAwareMailbox"
            """.formatted(data) + String.join("\n", settings);
        return new BenchSystem(
                data,
                ActorSystem.create(
                        SpawnProtocol.create(), "bench", ConfigFactory.load(ConfigFactory.parseString(text))));
    }

    /** As {@link #start}, as a cluster of one node. */
    static BenchSystem startCluster(String... settings) throws IOException {
        BenchSystem started = start(CLUSTER_SETTINGS, String.join("\n", settings));
        Cluster cluster = Cluster.get(started.system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        long begin = System.nanoTime();
        while (!cluster.selfMember().status().equals(MemberStatus.up())) {
            if (System.nanoTime() - begin > TIMEOUT.toNanos()) {
                started.close();
                throw new IllegalStateException("the node did not become a cluster");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return started;
    }

    ActorSystem<?> system() {
        return system;
    }

    /** Its own folder, on the disk of the embedded journal. */
    Path data() {
        return data;
    }

    /**
     * Starts an actor under a generated name.
     *
     * @throws IllegalStateException if that ends the system, as a dispatcher does whose settings are wrong
     */
    <T> ActorRef<T> spawn(Behavior<T> behavior, Props props) {
        CompletionStage<ActorRef<T>> spawned = AskPattern.ask(
                system,
                (ActorRef<ActorRef<T>> replyTo) -> new SpawnProtocol.Spawn<>(behavior, "", props, replyTo),
                TIMEOUT,
                system.scheduler());
        CompletionStage<ActorRef<T>> ended = system.getWhenTerminated().thenApply(_ -> {
            throw new IllegalStateException("the actor system has ended; the log says why");
        });
        return await(spawned.applyToEither(ended, Function.identity()));
    }

    /** For an actor on a core. The cores start with the first of them, and end with the system. */
    Props onCore() {
        Cores.get(system);
        return DispatcherSelector.fromConfig(Cores.DISPATCHER);
    }

    /** As {@link #onCore}, with a mailbox from which control messages come first, as a database's has. */
    Props onCoreControlFirst() {
        return onCore().withMailboxFromConfig("bench.control-first");
    }

    /** Starts a database to which nothing is published yet. */
    ActorRef<Database.Command> startDatabase() {
        Cores.get(system);
        return spawn(DatabaseActor.create(nextIdentity(), services()), DatabaseActor.props());
    }

    /** A database that is published already. */
    BenchDatabase reach(ActorRef<Database.Command> actor) {
        return BenchDatabase.of(BenchDatabase.Recipient.of(actor, system, TIMEOUT));
    }

    /** Starts a copy of the database that was started last; that one has ended, see {@link #stop}. */
    ActorRef<Database.Command> startAgain() {
        return spawn(DatabaseActor.create(lastIdentity(), services()), DatabaseActor.props());
    }

    /** Returns when the database that was started last has a snapshot. */
    void awaitSnapshot() {
        LogReader reader =
                LogReader.of(system, services().settings().durability().readJournalId());
        long begin = System.nanoTime();
        while (await(reader.events(LogNames.index(lastIdentity()), 1, Long.MAX_VALUE)
                        .runFold(0, (count, _) -> count + 1, system))
                == 0) {
            if (System.nanoTime() - begin > TIMEOUT.toNanos()) {
                throw new IllegalStateException("the database got no snapshot");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Ends a database as a move to another node does; returns when it has. */
    void stop(ActorRef<Database.Command> database) {
        await(Patterns.gracefulStop(Adapter.toClassic(database), TIMEOUT, Database.Command.Stop.INSTANCE));
    }

    /** Publishes the program to a database of this system. */
    BenchDatabase publish(Bytes program, ActorRef<Database.Command> actor) {
        return BenchDatabase.publish(BenchDatabase.Recipient.of(actor, system, TIMEOUT), program);
    }

    /** Starts a database and publishes the program to it. */
    BenchDatabase publish(Bytes program) {
        return publish(program, startDatabase());
    }

    /** As {@link #publish}, in a system that {@link #startCluster is a cluster}: reached as an entity. */
    BenchDatabase publishEntity(Bytes program) {
        return BenchDatabase.publish(
                BenchDatabase.Recipient.of(Pinion.get(system).database(nextIdentity()), TIMEOUT), program);
    }

    private Identity nextIdentity() {
        databases++;
        return lastIdentity();
    }

    private Identity lastIdentity() {
        return new Identity(7, 7, 7, databases);
    }

    private DatabaseServices services() {
        if (services == null) {
            services = DatabaseServices.start(system);
        }
        return services;
    }

    /** What comes of it, within a time in which everything a benchmark waits for should have happened. */
    static <A> A await(CompletionStage<A> stage) {
        try {
            return stage.toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("what the benchmark waits for did not come", e);
        }
    }

    @Override
    public void close() throws IOException {
        system.terminate();
        await(system.getWhenTerminated());
        if (services != null) {
            services.close();
        }
        awaitFreeCpus();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * CPUs that the system owned are free, and all threads may run on them, a moment after it has ended: when the thread
     * that keeps others off them ends. The next system would not get them before.
     */
    private static void awaitFreeCpus() {
        long begin = System.nanoTime();
        while (isSweeping() && System.nanoTime() - begin < TIMEOUT.toNanos()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static boolean isSweeping() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("pinion-sweeper"));
    }
}
