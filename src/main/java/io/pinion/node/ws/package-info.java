/**
 * Lives here: WebSocket connections of clients: the wire formats, the socket, and the session of each connection with its
 * database. May not: HTTP routes, the actors' insides.
 */
@NullMarked
package io.pinion.node.ws;

import org.jspecify.annotations.NullMarked;
