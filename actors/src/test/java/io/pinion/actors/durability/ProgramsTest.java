package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.testing.journal.MemoryLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs in the embedded journal. */
class ProgramsTest {
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final Bytes PROGRAM = Bytes.ofUtf8("a program".repeat(300_000)); // three events
    private static final Bytes HASH = Hashes.keccak256(PROGRAM);

    @TempDir
    private Path directory;

    private ActorTestKit kit;
    private Programs programs;

    @BeforeEach
    void start() {
        start(false);
    }

    private void start(boolean isJournalShared) {
        kit = ActorTestKit.create(
                "programs", ConfigFactory.parseString("""
                        pinion.journal.rocksdb.directory = "%s/journal"
                        programs-journal.class = "io.pinion.testing.journal.RefusingJournal"
                        programs-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                        programs-journal.logs = programs
                        """.formatted(directory)).withFallback(ConfigFactory.load()));
        programs = Programs.start(kit.system(), "pinion.journal", isJournalShared);
    }

    private void restart(boolean isJournalShared) {
        stop();
        start(isJournalShared);
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private Programs.Held hold() {
        return await(programs.hold(HASH, PROGRAM));
    }

    private Optional<Bytes> read() {
        return await(programs.read(HASH));
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void aProgramIsStoredForGood() {
        await(programs.store(HASH, PROGRAM));

        assertEquals(Optional.of(PROGRAM), read());
        restart(false);
        assertEquals(Optional.of(PROGRAM), read());
    }

    @Test
    void oneThatIsDiscardedGoesAndCanBeStoredAnew() {
        hold().discard();

        assertEquals(Optional.empty(), read());
        await(programs.store(HASH, PROGRAM));
        restart(false);
        assertEquals(Optional.of(PROGRAM), read());
    }

    @Test
    void aProgramThatTheJournalDoesNotGiveWholeIsNeitherSpoiltNorTakenForAnother() {
        MemoryLogs logs = MemoryLogs.named("programs");
        logs.reset();
        Programs inMemory = Programs.start(kit.system(), "programs-journal", true);
        await(inMemory.store(HASH, PROGRAM));

        logs.reading((_, events) -> events.subList(0, 2));
        for (CompletionStage<?> asked : List.of(inMemory.read(HASH), inMemory.store(HASH, PROGRAM))) {
            CompletionException failure = assertThrows(CompletionException.class, () -> await(asked));
            assertInstanceOf(IncompleteLogException.class, failure.getCause());
        }
        logs.reading((_, _) -> List.of());
        await(inMemory.store(HASH, PROGRAM));
        logs.readingHonestly();

        assertEquals(Optional.of(PROGRAM), await(inMemory.read(HASH)));
        await(inMemory.store(HASH, PROGRAM));
        assertEquals(6, logs.events(ProgramLog.persistenceId(HASH.toHex())).size());
    }

    @Test
    void oneThatWasThereBeforeStays() {
        await(programs.store(HASH, PROGRAM));

        hold().discard();

        assertEquals(Optional.of(PROGRAM), read());
    }

    @Test
    void oneThatSomebodyElseHoldsStaysUntilHeDiscardsItToo() {
        Programs.Held first = hold();
        Programs.Held second = hold();

        first.discard();
        assertEquals(Optional.of(PROGRAM), read());
        second.discard();

        assertEquals(Optional.empty(), read());
    }

    @Test
    void oneThatSomebodyElseKeepsStays() {
        Programs.Held first = hold();
        hold().keep();

        first.discard();

        assertEquals(Optional.of(PROGRAM), read());
    }

    @Test
    void inAJournalThatNodesShareNothingGoes() {
        restart(true);

        hold().discard();

        assertEquals(Optional.of(PROGRAM), read());
    }
}
