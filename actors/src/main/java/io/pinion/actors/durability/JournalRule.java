package io.pinion.actors.durability;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;

/**
 * Which journals may hold databases: those that refuse a second event with the persistence id and sequence number of
 * another. That refusal is what keeps a stale owner of a database from acknowledging anything.
 */
public final class JournalRule {
    private static final String PLUGIN_KEY = "pinion.durability.journal-plugin-id";
    private static final String FENCING_KEY = "pinion.durability.fencing-journals";

    /** Stands in the node's own folder; whatever else there is may be reached by others. */
    private static final String EMBEDDED = "io.pinion.journal.RocksDbJournal";

    private static final String SHARED_KEY = "pinion.durability.journal-is-shared";
    private static final String AUTO = "auto";

    /** Part of its key is a timestamp, so that two writers of one sequence number both succeed. */
    private static final String CASSANDRA = ".cassandra.";

    private JournalRule() {}

    /**
     * The class of the journal that the configuration chooses.
     *
     * @param config of the actor system
     * @throws ConfigException.BadValue if there is no such journal, or it may not hold databases; the message says why
     */
    public static String require(Config config) {
        String plugin = config.getString(PLUGIN_KEY);
        if (!config.hasPath(plugin + ".class")) {
            throw bad(config, "there is no journal plugin " + plugin);
        }
        String journal = config.getString(plugin + ".class");
        List<String> fencing = config.getStringList(FENCING_KEY);
        if (journal.contains(CASSANDRA)) {
            throw bad(
                    config,
                    plugin + " (" + journal
                            + ") takes two events with the same persistence id and sequence number, so that"
                            + " two owners of one database could both be acknowledged; use one of " + fencing);
        }
        if (!fencing.contains(journal)) {
            throw bad(
                    config,
                    plugin + " (" + journal + ") is not known to refuse a second event with the same persistence id and"
                            + " sequence number; if it does, add its class to " + FENCING_KEY);
        }
        return journal;
    }

    /**
     * Whether other nodes reach the journal that the configuration chooses: every one that is not known to be a node's
     * own, unless it is said.
     *
     * @param config of the actor system
     */
    static boolean isShared(Config config) {
        if (!config.getString(SHARED_KEY).equals(AUTO)) {
            return config.getBoolean(SHARED_KEY);
        }
        return !config.getString(config.getString(PLUGIN_KEY) + ".class").equals(EMBEDDED);
    }

    private static ConfigException.BadValue bad(Config config, String problem) {
        return new ConfigException.BadValue(config.getValue(PLUGIN_KEY).origin(), PLUGIN_KEY, problem);
    }
}
