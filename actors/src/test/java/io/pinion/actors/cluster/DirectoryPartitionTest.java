package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import io.pinion.actors.cluster.Directory.Command;
import io.pinion.actors.cluster.Directory.NameAnswer;
import io.pinion.actors.durability.SideLogs;
import io.pinion.store.value.Identity;
import io.pinion.testing.journal.MemoryLogs;
import io.pinion.testing.journal.RefusingJournal;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One partition of the directory and a journal that does not do what it should. */
class DirectoryPartitionTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final MemoryLogs LOGS = MemoryLogs.named("directory");
    private static final String PARTITION = "7";
    private static final String LOG =
            DirectoryPartition.persistenceId(PARTITION).id();
    private static final int WHOLE_AFTER = 4;
    private static final Identity ALICE = Identity.derive("localhost", "alice");
    private static final Identity BANK = Identity.derive("localhost", "bank");

    private ActorTestKit kit;
    private ActorRef<Command> partition;

    @BeforeEach
    void start() {
        LOGS.reset();
        kit = ActorTestKit.create("directory", ConfigFactory.parseString("""
                directory-journal.class = "io.pinion.testing.journal.RefusingJournal"
                directory-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                directory-journal.logs = directory
                pekko.persistence.snapshot-store.plugin = pekko.persistence.no-snapshot-store
                """).withFallback(ConfigFactory.load()));
        partition = begin();
    }

    @AfterEach
    void stop() {
        RefusingJournal.refuseAll(false);
        kit.shutdownTestKit();
        LOGS.reset();
    }

    private ActorRef<Command> begin() {
        DirectoryPartition.Settings settings =
                new DirectoryPartition.Settings("directory-journal", Duration.ofMinutes(1), WHOLE_AFTER);
        return kit.spawn(
                DirectoryPartition.create(PARTITION, settings, new SideLogs(kit.system(), "directory-journal")));
    }

    private void beginAgain() {
        kit.stop(partition);
        partition = begin();
    }

    private <T> T ask(Function<ActorRef<T>, Command> question) {
        TestProbe<T> answer = kit.createTestProbe();
        partition.tell(question.apply(answer.ref()));
        return answer.receiveMessage(DEADLINE);
    }

    private Directory.Done register(String name) {
        return this.<Directory.Done>ask(replyTo -> new Command.RegisterDatabase(BANK, ALICE, name, replyTo));
    }

    private List<String> names() {
        return this.<Directory.Names>ask(replyTo -> new Command.ListNames(BANK, replyTo))
                .names();
    }

    /** The write fails, and whoever asked is not answered. */
    private <T> void refused(Function<ActorRef<T>, Command> question) {
        TestProbe<T> nobody = kit.createTestProbe();
        RefusingJournal.refuseAll(true);
        LoggingTestKit.error("Failed to persist").expect(kit.system(), () -> {
            partition.tell(question.apply(nobody.ref()));
            return 0;
        });
        RefusingJournal.refuseAll(false);
    }

    @Test
    void whatCouldNotBeWrittenIsNotTakenForWritten() {
        this.<Directory.Done>refused(replyTo -> new Command.RegisterDatabase(BANK, ALICE, "bank", replyTo));

        assertEquals(List.of(), names());
        register("bank");
        assertEquals(1, LOGS.events(LOG).size());

        LOGS.reading((_, _) -> List.of());
        this.<NameAnswer>refused(replyTo -> new Command.ReserveName("shop", BANK, ALICE, 0, replyTo));
        LoggingTestKit.error("the journal ends after event 0 without an error, but has events up to 1")
                .expect(kit.system(), () -> 0);
        LOGS.readingHonestly();
        assertEquals(new Directory.NameFree(), this.<NameAnswer>ask(replyTo -> new Command.FindName("shop", replyTo)));

        beginAgain();
        assertEquals(List.of("bank"), names());
    }

    @Test
    void aLogThatIsNotGivenWholeIsReadAgain() {
        for (String name : List.of("one", "two", "three", "four", "five", "six")) {
            register(name);
        }
        List<String> expected = names();
        assertEquals(6, expected.size());
        kit.createTestProbe().awaitAssert(DEADLINE, () -> {
            // All that was known after four, then the fifth and the sixth.
            assertEquals(3, LOGS.events(LOG).size());
            return 0;
        });
        List<MemoryLogs.Reading> lies = List.of(
                (_, events) -> events.subList(0, Math.max(events.size() - 1, 0)),
                (_, _) -> List.of(),
                (_, events) -> events.subList(Math.min(1, events.size()), events.size()),
                (_, events) ->
                        events.stream().filter(event -> event.sequenceNr() != 6).toList());
        for (MemoryLogs.Reading lie : lies) {
            LOGS.reading(lie);
            LoggingTestKit.error("the journal").expect(kit.system(), () -> {
                beginAgain();
                return 0;
            });
            LOGS.readingHonestly();

            assertEquals(expected, names());
        }
    }
}
