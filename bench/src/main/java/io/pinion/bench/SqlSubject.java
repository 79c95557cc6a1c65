package io.pinion.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** An SQL engine in this process and in memory, over JDBC, with prepared statements. */
final class SqlSubject implements StoreSubject {
    private final Connection connection;
    private final boolean isNarrow;
    private final String name;
    private final byte[] payload;
    private final PreparedStatement insert;
    private final PreparedStatement update;
    private final PreparedStatement delete;
    private final PreparedStatement find;
    private final PreparedStatement range;
    private final PreparedStatement scan;

    /** @param url of an empty database */
    SqlSubject(String url, int width) throws SQLException {
        this.isNarrow = width == StoreRow.NARROW;
        this.name = StoreRow.name(width).toUtf8();
        this.payload = StoreRow.payload(width).toArray();
        this.connection = DriverManager.getConnection(url);
        try (Statement create = connection.createStatement()) {
            String more = isNarrow ? "" : ", name VARCHAR(1000) NOT NULL, payload VARBINARY(1000) NOT NULL";
            create.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL" + more + ")");
        }
        connection.setAutoCommit(false);
        this.insert = connection.prepareStatement(
                isNarrow ? "INSERT INTO account VALUES (?, ?)" : "INSERT INTO account VALUES (?, ?, ?, ?)");
        this.update = connection.prepareStatement(
                "UPDATE account SET balance = ?" + (isNarrow ? "" : ", name = ?, payload = ?") + " WHERE id = ?");
        this.delete = connection.prepareStatement("DELETE FROM account WHERE id = ?");
        this.find = connection.prepareStatement("SELECT * FROM account WHERE id = ?");
        this.range = connection.prepareStatement("SELECT * FROM account WHERE id >= ? AND id < ?");
        this.scan = connection.prepareStatement("SELECT * FROM account");
    }

    @Override
    public void begin() {
        // The first statement begins it.
    }

    @Override
    public void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void insert(int[] ids, int from, int to) throws SQLException {
        for (int i = from; i < to; i++) {
            insert.setInt(1, ids[i]);
            insert.setLong(2, ids[i]);
            if (!isNarrow) {
                insert.setString(3, name);
                insert.setBytes(4, payload);
            }
            StoreSubject.require(insert.executeUpdate() == 1, "insert");
        }
    }

    @Override
    public void update(int[] ids, int from, int to, long balance) throws SQLException {
        for (int i = from; i < to; i++) {
            update.setLong(1, balance);
            if (!isNarrow) {
                update.setString(2, name);
                update.setBytes(3, payload);
            }
            update.setInt(isNarrow ? 2 : 4, ids[i]);
            StoreSubject.require(update.executeUpdate() == 1, "update");
        }
    }

    @Override
    public void delete(int[] ids, int from, int to) throws SQLException {
        for (int i = from; i < to; i++) {
            delete.setInt(1, ids[i]);
            StoreSubject.require(delete.executeUpdate() == 1, "delete");
        }
    }

    @Override
    public long find(int[] ids, int from, int to) throws SQLException {
        long sum = 0;
        for (int i = from; i < to; i++) {
            find.setInt(1, ids[i]);
            sum += sum(find);
        }
        return sum;
    }

    @Override
    public long range(int fromId, int toId) throws SQLException {
        range.setInt(1, fromId);
        range.setInt(2, toId);
        return sum(range);
    }

    @Override
    public long scan() throws SQLException {
        return sum(scan);
    }

    private long sum(PreparedStatement query) throws SQLException {
        long sum = 0;
        boolean any = false;
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                any |= rows.getInt(1) >= 0;
                sum += rows.getLong(2);
                if (!isNarrow) {
                    StoreSubject.require(!rows.getString(3).isEmpty() && rows.getBytes(4).length > 0, "select");
                }
            }
        }
        StoreSubject.require(any, "select");
        return sum;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
