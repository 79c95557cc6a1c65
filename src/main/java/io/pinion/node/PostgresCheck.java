package io.pinion.node;

import com.typesafe.config.Config;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks once whether a PostgreSQL server can hold the journal, with the settings that the journal will use. */
final class PostgresCheck {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCheck.class);

    /** The columns of each unique index without a condition on the table, in the order of their names. */
    private static final String UNIQUE_COLUMNS = """
            SELECT array_to_string(array_agg(column_of.attname ORDER BY column_of.attname), ',')
              FROM pg_index unique_index
              JOIN pg_attribute column_of
                ON column_of.attrelid = unique_index.indrelid AND column_of.attnum = ANY (unique_index.indkey)
             WHERE unique_index.indrelid = to_regclass(?) AND unique_index.indisunique AND unique_index.indisvalid
               AND unique_index.indpred IS NULL
             GROUP BY unique_index.indexrelid""";

    private final Config server;
    private final Config events;
    private final Config tags;
    private final String url;

    private PostgresCheck(Config server, Config events, Config tags) {
        this.server = server;
        this.events = events;
        this.tags = tags;
        this.url = server.getString("url");
    }

    /** @param plugin the section of the journal plugin */
    static PostgresCheck of(Config plugin) {
        return new PostgresCheck(
                plugin.getConfig("slick.db"),
                plugin.getConfig("tables.event_journal"),
                plugin.getConfig("tables.event_tag"));
    }

    /** @throws NodeStartException if it cannot; it says why and what to do */
    void run() throws NodeStartException {
        try (Connection connection = connect()) {
            requirePrimary(connection);
            requireTable(connection, name(events));
            requireTable(connection, name(tags));
            requireUniqueNumbers(connection);
            warnUnlessSynced(connection);
        } catch (SQLException e) {
            throw new NodeStartException(
                    "the journal in PostgreSQL at " + url + " cannot be used: " + e.getMessage(), e);
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        server.getConfig("properties")
                .entrySet()
                .forEach(entry -> properties.setProperty(
                        entry.getKey(), String.valueOf(entry.getValue().unwrapped())));
        properties.setProperty("user", server.getString("user"));
        properties.setProperty("password", server.getString("password"));
        Connection connection = DriverManager.getConnection(url, properties);
        try (Statement session = connection.createStatement()) {
            session.execute(server.getString("connectionInitSql"));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void requirePrimary(Connection connection) throws SQLException, NodeStartException {
        if (value(connection, "SELECT pg_is_in_recovery()").equals("t")) {
            throw new NodeStartException("PostgreSQL at " + url + " is a standby, which takes no writes");
        }
    }

    private static String name(Config table) {
        String schema = table.getString("schemaName");
        return (schema.isEmpty() ? "" : schema + ".") + table.getString("tableName");
    }

    private void requireTable(Connection connection, String table) throws SQLException, NodeStartException {
        if (values(connection, "SELECT to_regclass(?)", table).stream().allMatch(String::isEmpty)) {
            throw new NodeStartException("the journal in PostgreSQL at " + url + " has no table " + table
                    + ": create its tables with psql -f conf/postgresql.sql");
        }
    }

    private void requireUniqueNumbers(Connection connection) throws SQLException, NodeStartException {
        Config columns = events.getConfig("columnNames");
        String wanted = Stream.of("persistenceId", "sequenceNumber")
                .map(columns::getString)
                .sorted()
                .collect(Collectors.joining(","));
        if (!values(connection, UNIQUE_COLUMNS, name(events)).contains(wanted)) {
            throw new NodeStartException("the table " + name(events) + " in PostgreSQL at " + url
                    + " has no unique key over (" + wanted + "), so that two owners of one database could both write;"
                    + " create the tables with psql -f conf/postgresql.sql");
        }
    }

    private void warnUnlessSynced(Connection connection) throws SQLException {
        for (String setting : List.of("fsync", "synchronous_commit")) {
            if (value(connection, "SHOW " + setting).equals("off")) {
                LOG.warn(
                        "PostgreSQL at {} runs with {} = off: acknowledged transactions are lost when it loses power",
                        url,
                        setting);
            }
        }
    }

    private static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static List<String> values(Connection connection, String query, String argument) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, argument);
            try (ResultSet rows = statement.executeQuery()) {
                List<String> values = new ArrayList<>();
                while (rows.next()) {
                    String value = rows.getString(1);
                    values.add(value == null ? "" : value);
                }
                return values;
            }
        }
    }
}
