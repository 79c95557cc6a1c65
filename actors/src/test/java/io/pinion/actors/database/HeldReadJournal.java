package io.pinion.actors.database;

import org.apache.pekko.NotUsed;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.ReadJournalProvider;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;

/** Reads {@link HeldJournal}. */
public final class HeldReadJournal implements ReadJournal, CurrentEventsByPersistenceIdQuery {
    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return Source.from(HeldJournal.events(persistenceId, fromSequenceNr, toSequenceNr))
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
        public HeldReadJournal javadslReadJournal() {
            return new HeldReadJournal();
        }
    }
}
