package io.pinion.journal;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.query.ReadJournalProvider;

/** How Pekko finds {@link RocksDbReadJournal}; named in {@code reference.conf}. */
public final class RocksDbReadJournalProvider implements ReadJournalProvider {
    private final RocksDbReadJournal journal;

    /** @param config the section {@code pinion.journal.query} */
    public RocksDbReadJournalProvider(ExtendedActorSystem system, Config config) {
        this.journal = new RocksDbReadJournal(system, config);
    }

    @Override
    public RocksDbScalaReadJournal scaladslReadJournal() {
        return new RocksDbScalaReadJournal(journal);
    }

    @Override
    public RocksDbReadJournal javadslReadJournal() {
        return journal;
    }
}
