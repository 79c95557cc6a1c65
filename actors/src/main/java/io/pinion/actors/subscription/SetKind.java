package io.pinion.actors.subscription;

/** How a connection asked for a set of queries, which decides how the answers look. */
public enum SetKind {
    /** A set of its own, whatever other sets the connection has. */
    SET,
    /** The one nameless set of a connection, replaced as a whole. */
    LEGACY,
    /** One query; counted together with the other queries of the connection. */
    SINGLE,
    /** Several queries, counted as {@link #SINGLE} ones are. */
    MULTI
}
