package io.pinion.testing;

import java.util.List;

/**
 * What killing a node has shown.
 *
 * @param cycles times that the node was killed under load and looked at afterwards
 * @param startsKilled times that it was killed while it started, besides
 * @param acknowledged transfers that clients were told of
 * @param unanswered transfers of which they heard nothing, and which they sent again after the restart
 * @param survived of those, how many had been carried out
 * @param repeated transfers with a request id that were done and sent again after the restart, all of which have to be
 *     answered as done, and to be done once
 * @param lost acknowledged transfers without a record
 * @param sumHolds whether the balances were at every look what the records make of them, each record one transfer that
 *     was sent
 * @param problems what was wrong, one sentence each; empty if nothing was
 */
public record KillReport(
        int cycles,
        int startsKilled,
        long acknowledged,
        long unanswered,
        long survived,
        long repeated,
        long lost,
        boolean sumHolds,
        List<String> problems) {
    public KillReport {
        problems = List.copyOf(problems);
    }
}
