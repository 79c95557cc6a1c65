package io.pinion.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.durability.JournalRule;
import io.pinion.journal.JournalOpenException;
import io.pinion.journal.RocksDbJournal;
import io.pinion.journal.RocksDbStore;
import org.apache.pekko.actor.typed.ActorSystem;

/** The journal of a node, looked at before anything is hosted: what is wrong with it stops the start by name. */
final class NodeJournal {
    private static final String JDBC = "org.apache.pekko.persistence.jdbc.journal.JdbcAsyncWriteJournal";
    private static final String POSTGRES = "slick.jdbc.PostgresProfile$";

    private NodeJournal() {}

    /**
     * Opens the embedded one, or connects to the server of the other once.
     *
     * @throws NodeStartException if it cannot be used; it says why and what to do
     */
    static void open(ActorSystem<?> system) throws NodeStartException {
        Config config = system.settings().config();
        try {
            String journal = JournalRule.require(config);
            if (journal.equals(RocksDbJournal.class.getName())) {
                RocksDbStore.get(system);
            } else if (journal.equals(JDBC)) {
                checkServer(config.getConfig(config.getString("pinion.durability.journal-plugin-id")));
            }
        } catch (ConfigException e) {
            throw new NodeStartException("the configuration is wrong: " + e.getMessage(), e);
        } catch (JournalOpenException e) {
            throw new NodeStartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void checkServer(Config plugin) throws NodeStartException {
        if (plugin.getString("slick.profile").equals(POSTGRES)) {
            PostgresCheck.of(plugin).run();
        }
    }
}
