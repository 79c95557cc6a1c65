package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.KillDriver;
import io.pinion.testing.KillReport;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a node has acknowledged is there after kill -9, and of everything else all or nothing, once. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(1800)
class KilledNodeTest {
    private static final int FEW = 20;
    private static final int MANY = 500;
    private static final int MANY_SECONDS = 3 * 60 * 60;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void everyAcknowledgedTransferSurvivesTwentyKills() throws Exception {
        run(FEW, List.of());
    }

    @Test
    @Tag("slow")
    @Timeout(MANY_SECONDS)
    void everyAcknowledgedTransferSurvivesFiveHundredKills() throws Exception {
        run(MANY, List.of());
    }

    @Test
    @ExtendWith(PostgresExtension.class)
    void everyAcknowledgedTransferSurvivesTwentyKillsWithTheJournalInPostgres() throws Exception {
        runOnPostgres(FEW);
    }

    @Test
    @Tag("slow")
    @Timeout(MANY_SECONDS)
    @ExtendWith(PostgresExtension.class)
    void everyAcknowledgedTransferSurvivesFiveHundredKillsWithTheJournalInPostgres() throws Exception {
        runOnPostgres(MANY);
    }

    /** On a server of its own: other tests stop theirs meanwhile. */
    private void runOnPostgres(int cycles) throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            run(cycles, List.of("--config", server.writeConfig(directory).toString()));
        }
    }

    private void run(int cycles, List<String> nodeArguments) throws IOException, InterruptedException {
        long seed = System.nanoTime();
        String context = "seed " + seed;

        KillReport report = KillDriver.run(new KillDriver.Plan(
                Files.createDirectory(directory.resolve("node")), cycles, seed, nodeArguments, _ -> {}));

        assertEquals(List.of(), report.problems(), context);
        assertEquals(0, report.lost(), context);
        assertTrue(report.sumHolds(), context);
        assertEquals(cycles, report.cycles(), context);
        assertTrue(report.acknowledged() >= cycles, context + ": " + report);
    }
}
