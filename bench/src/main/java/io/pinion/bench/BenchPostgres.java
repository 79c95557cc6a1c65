package io.pinion.bench;

import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server to measure with: one of somebody else, or one of its own that ends with this. */
final class BenchPostgres implements AutoCloseable {
    private final @Nullable PostgresServer own;
    private final String url;

    private BenchPostgres(@Nullable PostgresServer own, String url) {
        this.own = own;
        this.url = url;
    }

    /**
     * @param given the URL of a database with user and password as parameters, or blank for a server of its own
     * @throws IOException if it cannot be reached, or is not installed
     */
    static BenchPostgres open(String given) throws IOException {
        BenchPostgres opened;
        try {
            if (given.isBlank()) {
                PostgresServer server = PostgresServer.start();
                opened = new BenchPostgres(
                        server, server.url(server.createEmptyDatabase()) + "?user=" + PostgresServer.USER);
            } else {
                opened = new BenchPostgres(null, given);
            }
            opened.execute(PostgresServer.tables());
            return opened;
        } catch (SQLException e) {
            throw new IOException("PostgreSQL cannot be used: " + e.getMessage(), e);
        }
    }

    /** Whether one can be opened without an URL. */
    static boolean isInstalled() {
        return PostgresServer.find().isPresent();
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url);
    }

    void execute(String statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    /** What a system needs to keep its journal there. */
    String settings() {
        return """
                pinion.durability.journal-plugin-id = "pinion.postgresql.journal"
                pinion.durability.read-journal-id = "pinion.postgresql.query"
                pekko.persistence.journal.plugin = "pinion.postgresql.journal"
                pekko.persistence.snapshot-store.plugin = "pekko.persistence.no-snapshot-store"
                pinion.postgresql.url = "%s"
                """.formatted(url) + (own == null ? "" : "pinion.postgresql.user = " + PostgresServer.USER);
    }

    @Override
    public void close() throws IOException {
        if (own != null) {
            own.close();
        }
    }
}
