package io.pinion.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.actor.ExtensionIdProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one RocksDB of an actor system that holds its events and snapshots; opened on first use in the directory
 * {@code pinion.journal.rocksdb.directory}, closed when the actor system has terminated and all its actors are gone.
 *
 * <p>An application should call {@link #get} once when it starts: a directory that cannot be opened then stops the start
 * with a {@link JournalOpenException}, and not the first persistent actor with a time-out. Threadsafe.
 */
public final class RocksDbStore implements Extension {
    private static final Logger log = LoggerFactory.getLogger(RocksDbStore.class);
    private static final Id ID = new Id();

    private final JournalSettings settings;
    private final JournalCounters counters = new JournalCounters();
    private final Database database;
    private final StoreReader reader;
    private final RecordCodec codec;
    private final CommitLoop commits;

    private RocksDbStore(ExtendedActorSystem system) {
        this.settings = JournalSettings.from(system.settings().config().getConfig("pinion.journal.rocksdb"));
        this.codec = new RecordCodec(system);
        StoreOpening.OpenStore opened = StoreOpening.open(settings);
        this.database = opened.database();
        this.reader = new StoreReader(database);
        try {
            this.commits = new CommitLoop(settings, database, opened.mark(), reader, counters, system.threadFactory());
        } catch (RuntimeException e) {
            close(opened, e);
            throw e;
        }
        commits.start();
        log.info("journal opened in {}", settings.directory());
    }

    /** How Pekko finds the store; for {@code pekko.library-extensions}, if it is to be opened with the actor system. */
    public static final class Id extends AbstractExtensionId<RocksDbStore> implements ExtensionIdProvider {
        @Override
        public RocksDbStore createExtension(ExtendedActorSystem system) {
            RocksDbStore store = new RocksDbStore(system);
            system.registerOnTermination((Runnable) store::close);
            return store;
        }

        @Override
        public Id lookup() {
            return ID;
        }
    }

    /** @throws JournalOpenException if the directory cannot be opened; the message says why */
    public static RocksDbStore get(ClassicActorSystemProvider system) {
        return ID.get(system);
    }

    /** Where the store is; absolute. */
    public Path directory() {
        return settings.directory();
    }

    public JournalMetrics metrics() {
        return counters.read(commits.queuedBytes());
    }

    /** The reason why the store takes no more writes until it is opened again, if there is one; for health checks. */
    public Optional<JournalException> failure() {
        return commits.failure();
    }

    void submit(Operation operation) {
        commits.submit(operation);
    }

    JournalSettings settings() {
        return settings;
    }

    JournalCounters counters() {
        return counters;
    }

    StoreReader reader() {
        return reader;
    }

    RecordCodec codec() {
        return codec;
    }

    private void close() {
        commits.close();
        database.close();
        log.info("journal closed in {}", settings.directory());
    }

    private static void close(StoreOpening.OpenStore opened, RuntimeException reason) {
        try {
            opened.mark().close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
        opened.database().close();
    }
}
