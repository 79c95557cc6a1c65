package io.pinion.actors.subscription;

import java.util.List;

/**
 * What one commit did to one set of queries of one connection.
 *
 * @param setId that the connection chose, unsigned; 0 where changes are told per connection
 * @param rows by ascending table name; those of one table side by side
 */
public record SetChanges(int setId, List<ChangedRows> rows) {
    public SetChanges {
        rows = List.copyOf(rows);
    }
}
