package io.pinion.node;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pinion.testing.NetworkNamespaces;
import io.pinion.testing.PostgresExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** As {@link PartitionTest}, with three processes in three network namespaces: packets are lost, in one direction or in both. */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Tag("slow")
@Timeout(900)
class NamespacePartitionTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private NamespaceNodes nodes;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Partitions partitions;

    @BeforeEach
    void start() throws Exception {
        Optional<String> obstacle = NetworkNamespaces.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        nodes = NamespaceNodes.start(directory);
        partitions = Partitions.of(nodes, nodes.clients(PartitionTest.SEED), PartitionTest.SEED);
    }

    @AfterEach
    void stop() throws Exception {
        if (partitions != null) {
            partitions.close();
        }
    }

    @Test
    void theAnswersAreThoseOfOneCopyWhenAnOwnerIsCutOffFromTheOthers() throws Exception {
        partitions.isolateAnOwner();
        partitions.muteAnOwner();
        partitions.isolateAnOwner(nodes::cutFromJournal);
        partitions.check();
    }

    @Test
    void theyAreWhenLinksAreCutOneWayOrComeAndGo() throws Exception {
        partitions.cutOneLink();
        partitions.flap(6, Duration.ofSeconds(2));
        partitions.cutOneLink();
        partitions.flap(4, Duration.ofSeconds(9));
        partitions.check();
    }
}
