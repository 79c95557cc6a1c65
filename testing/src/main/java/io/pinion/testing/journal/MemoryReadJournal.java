package io.pinion.testing.journal;

import com.typesafe.config.Config;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.ReadJournalProvider;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;

/** Reads {@link MemoryLogs}. */
final class MemoryReadJournal implements ReadJournal, CurrentEventsByPersistenceIdQuery {
    private final MemoryLogs logs;

    private MemoryReadJournal(MemoryLogs logs) {
        this.logs = logs;
    }

    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return Source.from(logs.queried(persistenceId, fromSequenceNr, toSequenceNr))
                .map(event -> EventEnvelope.apply(
                        Offset.sequence(event.sequenceNr()),
                        persistenceId,
                        event.sequenceNr(),
                        event.payload(),
                        event.timestamp()));
    }

    /** How Pekko finds it. */
    static final class Provider implements ReadJournalProvider {
        private final MemoryLogs logs;

        Provider(ExtendedActorSystem system, Config config) {
            this.logs = MemoryLogs.of(config);
        }

        @Override
        public org.apache.pekko.persistence.query.scaladsl.ReadJournal scaladslReadJournal() {
            return new org.apache.pekko.persistence.query.scaladsl.ReadJournal() {};
        }

        @Override
        public MemoryReadJournal javadslReadJournal() {
            return new MemoryReadJournal(logs);
        }
    }
}
