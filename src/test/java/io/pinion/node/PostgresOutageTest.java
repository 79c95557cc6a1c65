package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.value.Identity;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The PostgreSQL server goes away for a second under load: nobody gets a wrong answer, and everybody goes on. */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Timeout(180)
class PostgresOutageTest {
    private static final int LEDGERS = 12;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void aServerThatStoppedLosesNothingAndLeavesNoOutcomeUnknown(PostgresServer server) throws Exception {
        try (LedgerHost host = start(server)) {
            List<LedgerLoad> loads = startLoads(host);
            parkSeconds(1);

            server.stop();
            parkSeconds(1);
            server.startAgain();

            awaitProgress(loads);
            loads.forEach(LedgerLoad::stop);
            loads.forEach(LedgerLoad::check);
            // What was under way was looked up and, where it had not arrived, sent again.
            loads.forEach(load -> assertEquals(0, load.unknown().size()));
        }
    }

    @Test
    void aServerThatStoodStillIsWaitedFor(PostgresServer server) throws Exception {
        try (LedgerHost host = start(server)) {
            List<LedgerLoad> loads = startLoads(host);
            parkSeconds(1);

            server.freeze();
            try {
                parkSeconds(1);
            } finally {
                server.thaw();
            }

            awaitProgress(loads);
            loads.forEach(LedgerLoad::stop);
            loads.forEach(load -> assertEquals("", load.notCommitted()));
            loads.forEach(LedgerLoad::check);
        }
    }

    private LedgerHost start(PostgresServer server) throws Exception {
        return LedgerHost.start(
                directory,
                Optional.of(Path.of("main/dist/conf/postgresql.conf")),
                Map.of(
                        "pinion.postgresql.url",
                        server.url(server.createDatabase()),
                        "pinion.durability.restart-backoff-max",
                        "500 ms"));
    }

    private static List<LedgerLoad> startLoads(LedgerHost host) {
        return IntStream.range(0, LEDGERS)
                .mapToObj(i -> LedgerLoad.start(host.create(Identity.derive("localhost", "ledger " + i))))
                .toList();
    }

    /** Until every client has had a transfer acknowledged that it began after now. */
    private static void awaitProgress(List<LedgerLoad> loads) {
        List<Integer> before =
                loads.stream().map(load -> load.committed().size()).toList();
        long begin = System.nanoTime();
        for (int i = 0; i < loads.size(); i++) {
            while (loads.get(i).committed().size() < before.get(i) + 2) {
                assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(60), "ledger " + i + " does not go on");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    /** The outage and the load before it are what is tested, so their length is fixed. */
    private static void parkSeconds(int seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
