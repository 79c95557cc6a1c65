package io.pinion.node;

import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Links between three nodes of this JVM are cut; with {@code -Dpinion.partitions.seed} as in an earlier run, and for {@code
 * -Dpinion.partitions.rounds}.
 */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Timeout(1800)
class PartitionTest {
    static final long SEED = Long.getLong("pinion.partitions.seed", System.nanoTime());
    static final int ROUNDS = Integer.getInteger("pinion.partitions.rounds", 8);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private Partitions start(PostgresServer server) throws Exception {
        CuttableNodes nodes = CuttableNodes.start(directory, server);
        return Partitions.of(nodes, nodes.clients(SEED), SEED);
    }

    @Test
    void anOwnerThatIsCutOffAcknowledgesNothingMoreAndTheOthersGoOn(PostgresServer server) throws Exception {
        try (Partitions partitions = start(server)) {
            partitions.flap(1, Duration.ofMillis(800));
            partitions.isolateAnOwner();
            partitions.check();
        }
    }

    @Test
    @Tag("slow")
    void whateverLinksAreCutTheAnswersAreThoseOfOneCopy(PostgresServer server) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        try (Partitions partitions = start(server)) {
            for (int round = 0; round < ROUNDS; round++) {
                switch (random.nextInt(3)) {
                    case 0 -> partitions.isolateAnOwner();
                    case 1 -> partitions.cutOneLink();
                    default -> partitions.flap(4, Duration.ofSeconds(6));
                }
            }
            partitions.check();
        }
    }
}
