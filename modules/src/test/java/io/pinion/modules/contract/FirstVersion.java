package io.pinion.modules.contract;

import java.util.Set;

/** What the part of the contract on the npm SDK of version 1 does not say. */
final class FirstVersion {
    private static final Set<String> UNSAID = Set.of(
            "cleared 2 0",
            "up to 4 6",
            "kinds 20 90",
            "hash 3 3 3",
            "no index point 5",
            "no index delete 5",
            "undecodable point 3",
            "start 17",
            "commit 18",
            "abort 18",
            "scheduled 1 1");

    private FirstVersion() {}

    static boolean isSaid(String line) {
        return !UNSAID.contains(line);
    }
}
