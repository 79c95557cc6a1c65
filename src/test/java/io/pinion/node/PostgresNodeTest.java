package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.persistence.jdbc.query.javadsl.JdbcReadJournal;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole node with its journal in PostgreSQL, as conf/postgresql.conf sets it up. */
@ExtendWith(PostgresExtension.class)
@Timeout(180)
class PostgresNodeTest {
    private static final Path CONFIG = Path.of("main/dist/conf/postgresql.conf");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void everythingIsThereAfterARestart(PostgresServer server) throws Exception {
        String journal = server.createDatabase();
        String token;
        String identity;
        try (PinionNode node = start(server, journal)) {
            Bank bank = Bank.at(node.url(), "bank", "");
            token = bank.token();
            assertEquals(200, bank.publish().statusCode());
            assertEquals(200, bank.call("seed", "[3,100]").statusCode());
            assertEquals(200, bank.call("transfer", "[1,2,30]").statusCode());
            identity = bank.get("/identity").body();
        }

        try (PinionNode node = start(server, journal)) {
            Bank bank = Bank.at(node.url(), "bank", token);

            assertEquals(Map.of(1L, 70L, 2L, 130L, 3L, 100L), bank.balances());
            assertEquals(identity, bank.get("/identity").body());
            assertEquals(200, bank.call("transfer", "[2,1,30]").statusCode());
            assertEquals(200, bank.publish().statusCode());
            assertEquals(Map.of(1L, 100L, 2L, 100L, 3L, 100L), bank.balances());
            String log = value(
                    server,
                    journal,
                    "SELECT persistence_id FROM event_journal WHERE persistence_id LIKE 'database-%' LIMIT 1");
            assertEquals(
                    value(server, journal, "SELECT count(*) FROM event_journal WHERE persistence_id = '" + log + "'"),
                    Long.toString(countAsStream(node.system(), log)));
        }
        assertFalse(Files.exists(directory.resolve("data/journal")), "the embedded journal was opened");
        // Bytes of our own (4 is Pekko's number for byte arrays), never Java serialization, which is 1.
        assertEquals(
                "4",
                value(
                        server,
                        journal,
                        "SELECT DISTINCT event_ser_id FROM event_journal"
                                + " WHERE persistence_id LIKE 'database-%' OR persistence_id LIKE 'program-%'"));
        assertEquals("0", value(server, journal, "SELECT count(*) FROM event_journal WHERE event_ser_id = 1"));
    }

    private static long countAsStream(ActorSystem<?> system, String persistenceId) {
        return PersistenceQuery.get(system)
                .getReadJournalFor(JdbcReadJournal.class, "pinion.postgresql.query")
                .currentEventsByPersistenceId(persistenceId, 1, Long.MAX_VALUE)
                .runFold(0L, (count, _) -> count + 1, system)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void aDeletedDatabaseLeavesOnlyTheEndOfItsLog(PostgresServer server) throws Exception {
        String journal = server.createDatabase();
        try (PinionNode node = start(server, journal)) {
            Bank bank = Bank.at(node.url(), "bank", "");
            assertEquals(200, bank.publish().statusCode());
            assertEquals(200, bank.call("seed", "[3,100]").statusCode());

            assertEquals(200, bank.send("DELETE", "/v1/database/bank", "").statusCode());

            assertEquals(404, bank.call("seed", "[1,1]").statusCode());
        }
        assertEquals(
                "1",
                value(
                        server,
                        journal,
                        "SELECT count(*) FROM event_journal"
                                + " WHERE persistence_id LIKE 'database-%' AND NOT deleted"));
    }

    @Test
    void missingTablesAreSaidSoByName(PostgresServer server) throws Exception {
        String journal = server.createEmptyDatabase();

        String refusal = refusal(server, journal, Map.of());

        assertTrue(refusal.contains("has no table event_journal"), refusal);
        assertTrue(refusal.contains("psql -f conf/postgresql.sql"), refusal);
    }

    @Test
    void tablesThatWouldTakeTwoOwnersAreRefused(PostgresServer server) throws Exception {
        String journal = server.createDatabase();
        execute(server, journal, "ALTER TABLE event_journal DROP CONSTRAINT event_journal_pkey");

        String refusal = refusal(server, journal, Map.of());

        assertTrue(refusal.contains("no unique key over (persistence_id,sequence_number)"), refusal);

        execute(server, journal, "CREATE UNIQUE INDEX own ON event_journal (sequence_number, persistence_id)");
        start(server, journal).close();
    }

    @Test
    void aServerThatIsNotThereIsSaidSo(PostgresServer server) throws Exception {
        String refusal = refusal(server, "none", Map.of("pinion.postgresql.url", "jdbc:postgresql://127.0.0.1:1/none"));

        assertTrue(refusal.contains("jdbc:postgresql://127.0.0.1:1/none cannot be used"), refusal);
        // The data directory is free again.
        start(server, server.createDatabase()).close();
    }

    @Test
    void journalsThatTakeTwoOwnersAreRefusedByName(PostgresServer server) {
        String cassandra = refusal(
                server,
                "none",
                Map.of(
                        "pinion.durability.journal-plugin-id",
                        "their.journal",
                        "their.journal.class",
                        "org.apache.pekko.persistence.cassandra.CassandraJournal"));
        String unknown = refusal(
                server,
                "none",
                Map.of(
                        "pinion.durability.journal-plugin-id",
                        "their.journal",
                        "their.journal.class",
                        "com.example.Journal"));
        String missing = refusal(server, "none", Map.of("pinion.durability.journal-plugin-id", "pinion.jornal"));

        assertTrue(cassandra.contains("org.apache.pekko.persistence.cassandra.CassandraJournal"), cassandra);
        assertTrue(cassandra.contains("takes two events with the same persistence id"), cassandra);
        assertTrue(unknown.contains("com.example.Journal"), unknown);
        assertTrue(unknown.contains("pinion.durability.fencing-journals"), unknown);
        assertTrue(missing.contains("there is no journal plugin pinion.jornal"), missing);
    }

    private PinionNode start(PostgresServer server, String journal) throws NodeStartException {
        return start(server, journal, Map.of());
    }

    private PinionNode start(PostgresServer server, String journal, Map<String, String> further)
            throws NodeStartException {
        Map<String, Object> overrides = new HashMap<>();
        overrides.put("pinion.http.port", 0);
        overrides.put("pinion.data-directory", directory.resolve("data").toString());
        overrides.put("pinion.postgresql.url", server.url(journal));
        overrides.put("pinion.postgresql.connections", 4);
        overrides.putAll(further);
        return PinionNode.start(NodeConfig.load(overrides, Optional.of(CONFIG)));
    }

    private String refusal(PostgresServer server, String journal, Map<String, String> further) {
        return String.valueOf(assertThrows(
                        NodeStartException.class,
                        () -> start(server, journal, further).close())
                .getMessage());
    }

    private static void execute(PostgresServer server, String database, String text) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static String value(PostgresServer server, String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
