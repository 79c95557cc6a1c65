package io.pinion.balancer;

import org.apache.pekko.NotUsed;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.ReadJournalProvider;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;

/** Reads {@link SharedJournal}. */
public final class SharedReadJournal implements ReadJournal, CurrentEventsByPersistenceIdQuery {
    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return Source.from(SharedJournal.events(persistenceId, fromSequenceNr, toSequenceNr))
                .map(event -> EventEnvelope.apply(
                        Offset.sequence(event.sequenceNr()),
                        persistenceId,
                        event.sequenceNr(),
                        event.payload(),
                        event.timestamp()));
    }

    /** How Pekko finds it. */
    public static final class Provider implements ReadJournalProvider {
        @Override
        public org.apache.pekko.persistence.query.scaladsl.ReadJournal scaladslReadJournal() {
            return new org.apache.pekko.persistence.query.scaladsl.ReadJournal() {};
        }

        @Override
        public SharedReadJournal javadslReadJournal() {
            return new SharedReadJournal();
        }
    }
}
