package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that have left memory come back when it is time, and only then. */
class WakerTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Identity ALICE = Identity.derive("localhost", "alice");

    @TempDir
    private Path directory;

    private TestNode node;

    @BeforeEach
    void start() {
        node = TestNode.start(directory, """
            pinion.database { passivate-after = 500 ms, idle-after = 1 s }
            pinion.pool.idle-after = 1 s
            pinion.sharding.wake-interval = 200 ms
            """);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private boolean isHere(Identity database) {
        return node.pinion().databasesHere().stream()
                .anyMatch(state -> state.database().equals(database));
    }

    private void awaitHere(Identity database, boolean expected) {
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(expected, isHere(database));
            return expected;
        });
    }

    /** Everything that is due at a time. */
    private List<Identity> due(long atMicros) {
        var probe = node.kit().<Directory.Owned>createTestProbe();
        return IntStream.range(0, DirectoryClient.PARTITIONS)
                .mapToObj(partition -> {
                    node.pinion()
                            .directory()
                            .partition(partition)
                            .tell(new Directory.Command.ListDue(atMicros, probe.getRef()));
                    return probe.receiveMessage(DEADLINE).databases();
                })
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void aDatabaseWithAScheduleLeavesMemoryAndIsBackWhenItIsDue() throws Exception {
        Bytes program = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
        PinionHost.PublishResult published = await(node.pinion().publish(new Target.Fresh(), program, ALICE, false));
        assertInstanceOf(Database.Published.class, published.outcome());
        Identity bank = published.database();

        awaitHere(bank, false);
        long nowMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
        assertEquals(List.of(), due(nowMicros), "it is due already");
        assertEquals(List.of(bank), due(nowMicros + TimeUnit.HOURS.toMicros(2)));

        await(node.pinion().directory().wake(bank, nowMicros));
        awaitHere(bank, true);
    }

    @Test
    void aDatabaseThatHasEndedIsNotWoken() throws Exception {
        Bytes program = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
        Identity bank = await(node.pinion().publish(new Target.Fresh(), program, ALICE, false))
                .database();

        assertInstanceOf(Database.Deleted.class, await(node.pinion().delete(bank, ALICE)));

        assertTrue(due(Long.MAX_VALUE - 1).isEmpty());
    }
}
