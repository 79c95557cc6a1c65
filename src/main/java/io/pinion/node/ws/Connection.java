package io.pinion.node.ws;

import io.pinion.actors.database.Database;

/**
 * What the handshake of a connection has come to.
 *
 * @param token as the client shall know it
 * @param claims the payload of that token, JSON text
 * @param isLight whether updates shall hide the calls that made them, where the protocol can tell them
 * @param isConfirmed whether nothing is shown before it is durable
 */
record Connection(
        Protocol protocol,
        Compression compression,
        boolean isLight,
        boolean isConfirmed,
        Database.Caller caller,
        String token,
        String claims) {
    /** Without the token, which is a secret. */
    @Override
    public String toString() {
        return "Connection[" + protocol.subprotocol() + ", " + caller + "]";
    }
}
