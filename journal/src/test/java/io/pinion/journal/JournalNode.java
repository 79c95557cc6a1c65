package io.pinion.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.Persistence;
import org.apache.pekko.persistence.PersistentEnvelope;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.testkit.javadsl.TestKit;
import scala.jdk.javaapi.CollectionConverters;

/** An actor system whose journal and snapshot store are in a given directory; closing it closes the store. */
final class JournalNode implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final String WRITER = "writer-1";
    private static final int INSTANCE_ID = 1;

    private final ActorSystem system;

    private JournalNode(ActorSystem system) {
        this.system = system;
    }

    static JournalNode start(Path directory) {
        return start(directory, "");
    }

    static JournalNode start(Path directory, String settings) {
        Config config = ConfigFactory.parseString(settings)
                .withFallback(ConfigFactory.parseString("""
                        pinion.journal.rocksdb.directory = "%s"
                        pekko {
                          loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
                          logging-filter = "org.apache.pekko.event.slf4j.Slf4jLoggingFilter"
                          loglevel = WARNING
                          coordinated-shutdown.run-by-jvm-shutdown-hook = off
                          persistence.journal.plugin = "pinion.journal"
                          persistence.snapshot-store.plugin = "pinion.snapshot-store"
                        }
                        """.formatted(directory)))
                .withFallback(ConfigFactory.load());
        return new JournalNode(ActorSystem.create("journal-test", config));
    }

    ActorSystem system() {
        return system;
    }

    RocksDbStore store() {
        return RocksDbStore.get(system);
    }

    ActorRef journal() {
        return Persistence.get(system).journalFor("", ConfigFactory.empty());
    }

    ActorRef snapshotStore() {
        return Persistence.get(system).snapshotStoreFor("", ConfigFactory.empty());
    }

    TestKit probe() {
        return new TestKit(system);
    }

    static PersistentRepr event(String persistenceId, long sequenceNr, Object payload) {
        return event(persistenceId, sequenceNr, payload, WRITER);
    }

    static PersistentRepr event(String persistenceId, long sequenceNr, Object payload, String writer) {
        return PersistentRepr.apply(payload, sequenceNr, persistenceId, "", false, ActorRef.noSender(), writer);
    }

    static AtomicWrite atomically(PersistentRepr... events) {
        return AtomicWrite.apply(CollectionConverters.asScala(List.of(events)).toList());
    }

    /** Sends one write request; the answers go to the probe. */
    void write(TestKit probe, AtomicWrite... writes) {
        journal()
                .tell(
                        new JournalProtocol.WriteMessages(
                                CollectionConverters.asScala(List.<PersistentEnvelope>of(writes))
                                        .toList(),
                                probe.getRef(),
                                INSTANCE_ID),
                        ActorRef.noSender());
    }

    /** Writes events {@code first} to {@code last} with the payloads a-n, the last two in one atomic write. */
    void writeAndExpect(String persistenceId, long first, long last) {
        TestKit probe = probe();
        List<AtomicWrite> writes = new ArrayList<>();
        for (long n = first; n < last - 1; n++) {
            writes.add(atomically(event(persistenceId, n, "a-" + n)));
        }
        writes.add(
                atomically(event(persistenceId, last - 1, "a-" + (last - 1)), event(persistenceId, last, "a-" + last)));
        write(probe, writes.toArray(AtomicWrite[]::new));
        expectRequestDone(probe);
        for (long n = first; n <= last; n++) {
            expectWritten(probe, n);
        }
    }

    static void expectRequestDone(TestKit probe) {
        probe.expectMsgEquals(PATIENCE, JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    }

    static void expectWritten(TestKit probe, long sequenceNr) {
        JournalProtocol.WriteMessageSuccess written =
                probe.expectMsgClass(PATIENCE, JournalProtocol.WriteMessageSuccess.class);
        if (written.persistent().sequenceNr() != sequenceNr) {
            throw new AssertionError("expected " + sequenceNr + " to be written, but got " + written);
        }
    }

    /** What a recovering actor is told. */
    record Replayed(List<PersistentRepr> events, long highest) {
        List<Object> payloads() {
            return events.stream().map(PersistentRepr::payload).toList();
        }
    }

    Replayed replay(String persistenceId) {
        return replay(persistenceId, 1, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    Replayed replay(String persistenceId, long from, long to, long max) {
        Object outcome = replayOutcome(persistenceId, from, to, max);
        if (outcome instanceof Replayed replayed) {
            return replayed;
        }
        throw new AssertionError("replay failed: " + outcome);
    }

    Throwable replayFailure(String persistenceId) {
        Object outcome = replayOutcome(persistenceId, 1, Long.MAX_VALUE, Long.MAX_VALUE);
        if (outcome instanceof Throwable failure) {
            return failure;
        }
        throw new AssertionError("replay should have failed, but gave " + outcome);
    }

    private Object replayOutcome(String persistenceId, long from, long to, long max) {
        TestKit probe = probe();
        journal()
                .tell(
                        new JournalProtocol.ReplayMessages(from, to, max, persistenceId, probe.getRef()),
                        ActorRef.noSender());
        List<PersistentRepr> events = new ArrayList<>();
        while (true) {
            Object message = probe.expectMsgClass(PATIENCE, Object.class);
            switch (message) {
                case JournalProtocol.ReplayedMessage replayed -> events.add(replayed.persistent());
                case JournalProtocol.RecoverySuccess success -> {
                    return new Replayed(events, success.highestSequenceNr());
                }
                case JournalProtocol.ReplayMessagesFailure failure -> {
                    return failure.cause();
                }
                default -> throw new AssertionError("unexpected " + message);
            }
        }
    }

    void deleteTo(String persistenceId, long sequenceNr) {
        TestKit probe = probe();
        journal()
                .tell(
                        new JournalProtocol.DeleteMessagesTo(persistenceId, sequenceNr, probe.getRef()),
                        ActorRef.noSender());
        probe.expectMsgClass(PATIENCE, org.apache.pekko.persistence.DeleteMessagesSuccess.class);
    }

    @Override
    public void close() {
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the actor system did not end", e);
        }
    }
}
