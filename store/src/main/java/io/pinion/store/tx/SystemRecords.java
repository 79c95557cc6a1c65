package io.pinion.store.tx;

import io.pinion.store.table.Table;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the host itself writes down in system tables: who is connected, and the settings of SQL. All of it takes place in
 * the datastore's open transaction, is undone with it, and is part of its delta. Used by the writer's thread.
 *
 * <p>Every method throws {@link IllegalStateException} if no transaction is open.
 */
public final class SystemRecords {
    /** The one setting there is. */
    public static final String ROW_LIMIT = "row_limit";

    private static final int KEY_INDEX = 0;
    private static final int U64_TAG = 8;

    private final Datastore store;

    SystemRecords(Datastore store) {
        this.store = store;
    }

    /** Whether the table says who is connected, and by which credentials: nothing that outlives its node's connections. */
    public static boolean isOfConnections(int tableId) {
        return tableId == SystemSchema.ST_CLIENT || tableId == SystemSchema.ST_CONNECTION_CREDENTIALS;
    }

    /** Whether the table holds what connections authenticated with. */
    public static boolean isCredentials(int tableId) {
        return tableId == SystemSchema.ST_CONNECTION_CREDENTIALS;
    }

    /** A connection that is open, or was when the node that had it ended. */
    public record Client(Identity identity, ConnectionId connection) {}

    /**
     * Writes down a connection that has been opened.
     *
     * @param claims the JSON payload of the token that it authenticated with
     * @return false, and nothing is written, if the connection is there already
     */
    public boolean connect(Identity identity, ConnectionId connection, String claims) {
        WriteTransaction transaction = store.openTransaction();
        TableState clients = transaction.touchHostTable(SystemSchema.ST_CLIENT);
        if (claims(connection).isPresent() || find(clients, client(identity, connection)) != 0) {
            return false;
        }
        insert(transaction, SystemSchema.ST_CLIENT, client(identity, connection));
        BsatnWriter credentials =
                new BsatnWriter().writeConnectionId(connection).writeString(claims);
        insert(transaction, SystemSchema.ST_CONNECTION_CREDENTIALS, credentials);
        return true;
    }

    /** Removes a connection that has ended; false if it is not there. */
    public boolean disconnect(Identity identity, ConnectionId connection) {
        WriteTransaction transaction = store.openTransaction();
        delete(transaction, SystemSchema.ST_CONNECTION_CREDENTIALS, new BsatnWriter().writeConnectionId(connection));
        return delete(transaction, SystemSchema.ST_CLIENT, client(identity, connection));
    }

    private static BsatnWriter client(Identity identity, ConnectionId connection) {
        return new BsatnWriter().writeIdentity(identity).writeConnectionId(connection);
    }

    /** The claims that a connection authenticated with; empty if it is not connected. */
    public Optional<String> claims(ConnectionId connection) {
        store.openTransaction();
        TableState state = store.catalog().hostTable(SystemSchema.ST_CONNECTION_CREDENTIALS);
        int row = state == null ? 0 : find(state, new BsatnWriter().writeConnectionId(connection));
        if (state == null || row == 0) {
            return Optional.empty();
        }
        BsatnReader reader = reader(state.table, row);
        reader.readConnectionId();
        return Optional.of(reader.readString());
    }

    /** All connections, in no particular order. */
    public List<Client> clients() {
        store.openTransaction();
        List<Client> clients = new ArrayList<>();
        TableState state = store.catalog().hostTable(SystemSchema.ST_CLIENT);
        for (int row = state == null ? 0 : state.table.nextLive(1); state != null && row != 0; ) {
            BsatnReader reader = reader(state.table, row);
            clients.add(new Client(reader.readIdentity(), reader.readConnectionId()));
            row = state.table.nextLive(row + 1);
        }
        return clients;
    }

    /**
     * Sets the number of rows that a query of others than the owner may scan.
     *
     * @return {@link StoreCode#OK}, or {@link StoreCode#UNIQUE_ALREADY_EXISTS} if there is another limit, which has to be
     *     cleared before
     */
    public int setRowLimit(long rows) {
        BsatnWriter row =
                new BsatnWriter().writeString(ROW_LIMIT).writeByte(U64_TAG).writeLong(rows);
        WriteTransaction transaction = store.openTransaction();
        TableState state = transaction.touchHostTable(SystemSchema.ST_VAR);
        return transaction.insertHostRow(state, row.buffer(), 0, row.length());
    }

    /** Lifts the limit; false if there was none. */
    public boolean clearRowLimit() {
        return delete(store.openTransaction(), SystemSchema.ST_VAR, new BsatnWriter().writeString(ROW_LIMIT));
    }

    /** Unsigned; empty for no limit. */
    public OptionalLong rowLimit() {
        store.openTransaction();
        TableState state = store.catalog().hostTable(SystemSchema.ST_VAR);
        int row = state == null ? 0 : find(state, new BsatnWriter().writeString(ROW_LIMIT));
        if (state == null || row == 0) {
            return OptionalLong.empty();
        }
        BsatnReader reader = reader(state.table, row);
        reader.readString();
        reader.readU8();
        return OptionalLong.of(reader.readLong());
    }

    private static void insert(WriteTransaction transaction, int tableId, BsatnWriter row) {
        TableState state = transaction.touchHostTable(tableId);
        int code = transaction.insertHostRow(state, row.buffer(), 0, row.length());
        if (code != StoreCode.OK) {
            throw new IllegalStateException(
                    "table " + state.def.name() + " does not take " + row.toBytes() + ": " + code);
        }
    }

    private static boolean delete(WriteTransaction transaction, int tableId, BsatnWriter key) {
        TableState state = transaction.touchHostTable(tableId);
        int row = find(state, key);
        if (row != 0) {
            state.delete(row);
        }
        return row != 0;
    }

    private static int find(TableState state, BsatnWriter key) {
        return state.table.index(KEY_INDEX).find(key.buffer(), 0, key.length());
    }

    private static BsatnReader reader(Table table, int row) {
        return new BsatnReader(table.page(row), table.offset(row), table.length(row));
    }
}
