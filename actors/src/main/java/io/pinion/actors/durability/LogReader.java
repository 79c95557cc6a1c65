package io.pinion.actors.durability;

import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;

/** Reads what the journal holds of one persistence id. Threadsafe; tests hand in their own. */
public interface LogReader {
    /**
     * Events in order, as a back-pressured stream that ends with the last one there is. It fails where the journal cannot
     * be read, after all events before that.
     *
     * @param fromSequenceNr included
     * @param toSequenceNr included
     */
    Source<LoggedEvent, NotUsed> events(String persistenceId, long fromSequenceNr, long toSequenceNr);

    /**
     * Reads by Pekko Persistence Query.
     *
     * @param readJournalId configuration path of the read journal that belongs to the journal
     * @throws IllegalArgumentException if it cannot read the events of one persistence id
     */
    static LogReader of(ClassicActorSystemProvider system, String readJournalId) {
        ReadJournal journal = PersistenceQuery.get(system).getReadJournalFor(ReadJournal.class, readJournalId);
        if (journal instanceof CurrentEventsByPersistenceIdQuery query) {
            return (persistenceId, fromSequenceNr, toSequenceNr) -> query.currentEventsByPersistenceId(
                            persistenceId, fromSequenceNr, toSequenceNr)
                    .map(LogReader::event);
        }
        throw new IllegalArgumentException(
                "the read journal " + readJournalId + " cannot read the events of one persistence id");
    }

    private static LoggedEvent event(EventEnvelope envelope) {
        if (envelope.event() instanceof byte[] bytes) {
            return new LoggedEvent(envelope.sequenceNr(), bytes);
        }
        throw new CorruptEventException("event " + envelope.sequenceNr() + " of persistence id "
                + envelope.persistenceId() + " is no bytes but a "
                + envelope.event().getClass().getName());
    }
}
