package io.pinion.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The same people and orders in SQLite, in this process and in memory. */
final class SqliteShop implements AutoCloseable {
    private final Connection connection;

    SqliteShop(int people) throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, city TEXT NOT NULL, age INTEGER NOT NULL)");
            statement.execute("CREATE INDEX person_city ON person (city)");
            statement.execute(
                    "CREATE TABLE purchase (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, price INTEGER NOT NULL)");
            statement.execute("CREATE INDEX purchase_person ON purchase (person_id)");
        }
        connection.setAutoCommit(false);
        fill(people);
        connection.commit();
    }

    private void fill(int people) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO person VALUES (?, ?, ?)")) {
            for (int id = 0; id < people; id++) {
                insert.setInt(1, id);
                insert.setString(2, Shop.city(id));
                insert.setInt(3, id % Shop.AGES);
                insert.executeUpdate();
            }
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO purchase VALUES (?, ?, ?)")) {
            for (int id = 0; id < 2 * people; id++) {
                insert.setInt(1, id);
                insert.setInt(2, Shop.buyer(id, people));
                insert.setLong(3, id);
                insert.executeUpdate();
            }
        }
    }

    /** Runs a query from its text and reads every column of every row; how many rows there are. */
    long run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return read(rows);
        }
    }

    /** A query with one parameter, to be run by {@link #run(PreparedStatement, int)}. */
    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    long run(PreparedStatement statement, int parameter) throws SQLException {
        statement.setInt(1, parameter);
        try (ResultSet rows = statement.executeQuery()) {
            return read(rows);
        }
    }

    private static long read(ResultSet rows) throws SQLException {
        int width = rows.getMetaData().getColumnCount();
        long count = 0;
        while (rows.next()) {
            for (int column = 1; column <= width; column++) {
                StoreSubject.require(rows.getObject(column) != null, "column");
            }
            count++;
        }
        return count;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
