package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.store.value.Identity;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of databases when PostgreSQL fails in the ways that a server does which is not gone. */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Timeout(240)
class PostgresFaultsTest {
    private static final Path CONFIG = Path.of("main/dist/conf/postgresql.conf");
    private static final int LEDGERS = 8;

    /** The commit of the first event that is inserted once the sequence is there takes some seconds. */
    private static final String SLOW_COMMIT = """
            CREATE SEQUENCE landings;
            CREATE FUNCTION land() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF nextval('landings') = 1 THEN PERFORM pg_sleep(5); END IF;
              RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER land AFTER INSERT ON event_journal
              DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION land();
            """;

    private static final String IDLE_TIMEOUT = "SET idle_in_transaction_session_timeout TO ";

    private static final String DROP_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND application_name = 'pinion'";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PostgresServer server;

    private String journal = "";

    @SuppressWarnings("NullAway.Init") // every test starts it in its own way
    private LedgerHost host;

    @BeforeEach
    void prepare(PostgresServer running) throws Exception {
        server = running;
        journal = server.createDatabase();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private LedgerHost start(Map<String, ?> further) throws NodeStartException {
        Map<String, Object> settings = new HashMap<>(further);
        settings.put("pinion.postgresql.url", server.url(journal));
        settings.put("pinion.durability.restart-backoff-min", "20 ms");
        settings.put("pinion.durability.restart-backoff-max", "200 ms");
        return LedgerHost.start(directory, Optional.of(CONFIG), settings);
    }

    private static Identity ledger(int number) {
        return Identity.derive("localhost", "ledger " + number);
    }

    private List<LedgerLoad> startLoads() {
        return IntStream.range(0, LEDGERS)
                .mapToObj(i -> LedgerLoad.start(host.create(ledger(i))))
                .toList();
    }

    private void execute(String statements) throws SQLException {
        try (Connection connection = server.connect(journal);
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private long count(String query) throws SQLException {
        try (Connection connection = server.connect(journal);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void parkMillis(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    private static void assertNothingUnknown(List<LedgerLoad> loads) {
        loads.forEach(LedgerLoad::stop);
        loads.forEach(load -> assertEquals("", load.notCommitted()));
        loads.forEach(LedgerLoad::check);
        loads.forEach(load -> assertTrue(!load.committed().isEmpty(), "nothing was committed"));
    }

    /** The driver gives the write up while the server is about to commit it, and does so seconds later. */
    @Test
    void aWriteThatLandsAfterItWasGivenUpIsFoundAndNotDoneTwice() throws Exception {
        host = start(Map.of("pinion.postgresql.journal.slick.db.properties.socketTimeout", 2));
        LedgerHost.Copy copy = host.create(ledger(1));
        LedgerHost.Copy neighbour = host.create(ledger(2));
        execute(SLOW_COMMIT);
        long begin = System.nanoTime();

        CompletionStage<CallOutcome> slow = copy.transfer(1);
        CallOutcome outcome = LedgerHost.await(slow);

        assertInstanceOf(Committed.class, outcome);
        assertTrue(System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(2), "the write was not given up");
        assertInstanceOf(Committed.class, LedgerHost.await(copy.transfer(2)));
        assertInstanceOf(Committed.class, LedgerHost.await(neighbour.transfer(1)));
        assertEquals(List.of(1L, 2L), copy.checkedTransfers());
        assertEquals(List.of(1L, 2L), host.open(ledger(1)).checkedTransfers());
    }

    @Test
    void connectionsThatAreDroppedUnderLoadLeaveNoOutcomeUnknown() throws Exception {
        host = start(Map.of());
        List<LedgerLoad> loads = startLoads();

        long dropped = 0;
        for (int i = 0; i < 20; i++) {
            parkMillis(60);
            dropped += count("SELECT count(*) FROM (" + DROP_CONNECTIONS + ") AS dropped");
        }

        assertTrue(dropped > 0, "no connection was dropped");
        assertNothingUnknown(loads);
    }

    @Test
    void statementsThatTheServerEndsByTheirTimeOutAreDoneWhenItTakesThemAgain() throws Exception {
        host = start(
                Map.of("pinion.postgresql.session", "SET synchronous_commit TO on; SET statement_timeout TO '300ms'"));
        List<LedgerLoad> loads = startLoads();
        parkMillis(200);

        try (Connection other = server.connect(journal);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE event_journal IN EXCLUSIVE MODE");
            parkMillis(1500);
            other.rollback();
        }
        parkMillis(200);

        assertNothingUnknown(loads);
    }

    /** Its row is there and not committed, and its connection is open. */
    @Test
    void anOwnerThatIsCutOffInACommitHoldsUpTheNextOneForABoundedTime() throws Exception {
        String session = NodeConfig.load(Map.of(), Optional.of(CONFIG)).getString("pinion.postgresql.session");
        assertTrue(session.contains(IDLE_TIMEOUT + "'10s'"), session);
        String sooner = session.replace(IDLE_TIMEOUT + "'10s'", IDLE_TIMEOUT + "'2s'");
        host = start(Map.of("pinion.postgresql.session", sooner));
        assertInstanceOf(
                Committed.class, LedgerHost.await(host.create(ledger(1)).transfer(1)));

        try (Connection cutOff = server.connect(journal);
                Statement statement = cutOff.createStatement()) {
            statement.execute(sooner);
            cutOff.setAutoCommit(false);
            statement.execute(insertNext(ledger(1)));

            assertEquals(List.of(1L), host.open(ledger(1)).awaitServing().checkedTransfers());
            assertThrows(SQLException.class, cutOff::commit);
        }
    }

    /** One more event of a log. */
    private static String insertNext(Identity ledger) {
        return "INSERT INTO event_journal"
                + " (persistence_id, sequence_number, writer, event_ser_id, event_ser_manifest, event_payload)"
                + " SELECT persistence_id, sequence_number + 1, writer, event_ser_id, event_ser_manifest, event_payload"
                + " FROM event_journal WHERE persistence_id = 'database-" + ledger.toHex()
                + "' ORDER BY sequence_number DESC LIMIT 1";
    }

    @Test
    void aLogWhoseReadingIsInterruptedIsReadAgain() throws Exception {
        host = start(Map.of());
        for (int i = 0; i < LEDGERS; i++) {
            LedgerHost.Copy copy = host.create(ledger(i));
            List<CompletionStage<CallOutcome>> transfers =
                    LongStream.rangeClosed(1, 200).mapToObj(copy::transfer).toList();
            transfers.forEach(transfer -> assertInstanceOf(Committed.class, LedgerHost.await(transfer)));
        }
        host.close();
        host = start(Map.of());

        List<LedgerHost.Copy> copies =
                IntStream.range(0, LEDGERS).mapToObj(i -> host.open(ledger(i))).toList();
        for (int i = 0; i < 10; i++) {
            execute(DROP_CONNECTIONS);
            parkMillis(20);
        }

        for (LedgerHost.Copy copy : copies) {
            assertEquals(LongStream.rangeClosed(1, 200).boxed().toList(), copy.checkedTransfers());
        }
    }

    @Test
    void aDamagedEventStopsItsDatabaseAloneAndIsNamed() throws Exception {
        host = start(Map.of());
        LedgerHost.Copy copy = host.create(ledger(1));
        LedgerHost.Copy neighbour = host.create(ledger(2));
        for (long id = 1; id <= 5; id++) {
            assertInstanceOf(Committed.class, LedgerHost.await(copy.transfer(id)));
        }
        String log = "database-" + ledger(1).toHex();
        // Numbers 1 to 3 are Opened, the publish and the accounts.
        execute("UPDATE event_journal SET event_payload ="
                + " set_byte(event_payload, 20, get_byte(event_payload, 20) # 1)"
                + " WHERE sequence_number = 6 AND persistence_id = '" + log + "'");

        LedgerHost.Copy damaged = host.open(ledger(1));

        Unavailable refused =
                assertInstanceOf(Unavailable.class, LedgerHost.await(damaged.query("SELECT id FROM transfers")));
        assertTrue(
                refused.reason().contains("the log cannot be read after offset 4, journal sequence number 6"),
                refused.reason());
        assertInstanceOf(Committed.class, LedgerHost.await(neighbour.transfer(1)));
    }
}
