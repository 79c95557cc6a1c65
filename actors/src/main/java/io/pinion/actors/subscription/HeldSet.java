package io.pinion.actors.subscription;

import java.util.List;

/**
 * A set of queries of which a connection has been told the rows.
 *
 * @param setId that the connection chose, unsigned; without a meaning for {@link SetKind#LEGACY}
 */
public record HeldSet(int setId, SetKind kind, List<String> queries) {
    public HeldSet {
        queries = List.copyOf(queries);
    }
}
