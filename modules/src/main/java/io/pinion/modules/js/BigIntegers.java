package io.pinion.modules.js;

import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * The guest's BigInts of the callers seen lately: making one from text costs as much as an empty reducer. One per context.
 */
final class BigIntegers {
    private static final int SLOTS = 256;

    private final Value fromHex;
    private final @Nullable Identity[] identities = new Identity[SLOTS];
    private final @Nullable Value[] identityValues = new Value[SLOTS];
    private final @Nullable ConnectionId[] connections = new ConnectionId[SLOTS];
    private final @Nullable Value[] connectionValues = new Value[SLOTS];

    BigIntegers(Value fromHex) {
        this.fromHex = fromHex;
    }

    Value of(Identity identity) {
        int slot = slot(identity.word0() ^ identity.word1());
        Value value = identityValues[slot];
        if (value == null || !identity.equals(identities[slot])) {
            value = fromHex.execute(identity.toHex());
            identities[slot] = identity;
            identityValues[slot] = value;
        }
        return value;
    }

    Value of(ConnectionId connection) {
        int slot = slot(connection.word0() ^ connection.word1());
        Value value = connectionValues[slot];
        if (value == null || !connection.equals(connections[slot])) {
            value = fromHex.execute(connection.toHex());
            connections[slot] = connection;
            connectionValues[slot] = value;
        }
        return value;
    }

    private static int slot(long word) {
        return (int) (word ^ (word >>> 32)) & (SLOTS - 1);
    }
}
