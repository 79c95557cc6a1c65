package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
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
                "programs",
                ConfigFactory.parseString("pinion.journal.rocksdb.directory = \"" + directory + "/journal\"")
                        .withFallback(ConfigFactory.load()));
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
