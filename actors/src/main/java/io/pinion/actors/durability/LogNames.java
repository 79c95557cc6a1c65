package io.pinion.actors.durability;

import io.pinion.store.value.Identity;

/** The persistence ids under which a database is in the journal. */
public final class LogNames {
    private LogNames() {}

    /** Its commits. */
    public static String log(Identity database) {
        return "database-" + database.toHex();
    }

    /** The rows of its snapshots. */
    public static String chunks(Identity database) {
        return "chunks-" + database.toHex();
    }

    /** What operators have ordered for it; only the newest event counts. */
    public static String orders(Identity database) {
        return "orders-" + database.toHex();
    }

    /** What is known about its log: see {@link IndexEntry}. */
    public static String index(Identity database) {
        return "index-" + database.toHex();
    }
}
