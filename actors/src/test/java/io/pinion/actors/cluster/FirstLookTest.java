package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.actors.cluster.PinionHost.PublishResult;
import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that has started again, with databases that have something due. */
@Timeout(120)
class FirstLookTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Identity ALICE = Identity.derive("localhost", "alice");

    @TempDir
    private Path directory;

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private static List<Identity> due(TestNode node) {
        List<Identity> due = new ArrayList<>();
        for (int partition = 0; partition < DirectoryClient.PARTITIONS; partition++) {
            due.addAll(await(node.pinion().directory().due(partition)));
        }
        return due;
    }

    @Test
    void whatIsDueHasRecoveredWhenItIsOver() throws Exception {
        Identity bank;
        try (TestNode node = TestNode.start(directory)) {
            Bytes program = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
            PublishResult published = await(node.pinion().publish(new Target.Fresh(), program, ALICE, false));
            assertInstanceOf(Database.Published.class, published.outcome());
            bank = published.database();
            node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
                assertEquals(List.of(bank), due(node));
                return 0;
            });
        }

        try (TestNode node = TestNode.start(directory, "pinion.sharding.wake-interval = 1 h\n")) {
            assertEquals(List.of(), node.pinion().databasesHere());
            node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
                assertEquals(Optional.empty(), node.pinion().recoveryUnderWay());
                return 0;
            });

            DatabaseState state = node.pinion().databasesHere().getFirst();
            assertEquals(bank, state.database());
            assertEquals(DatabaseState.Phase.SERVING, state.phase());
        }
    }

    @Test
    void aNodeWithNothingToRecoverHasDoneSo() {
        try (TestNode node = TestNode.start(directory)) {
            node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
                assertEquals(Optional.empty(), node.pinion().recoveryUnderWay());
                return 0;
            });
            assertEquals(List.of(), node.pinion().databasesHere());
        }
    }
}
