package io.pinion.node;

import java.util.concurrent.CompletableFuture;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.persistence.query.ReadJournalProvider;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;

/** The embedded journal, in which the logs of databases cannot be read before a gate opens, if it does. */
public final class GatedReadJournal implements ReadJournal, CurrentEventsByPersistenceIdQuery {
    static final String ID = "test.gated-read-journal";

    /** Completes with true, as a stream takes null for its end; fails where the logs cannot be read. */
    static volatile CompletableFuture<Boolean> gate = CompletableFuture.completedFuture(true);

    private final ExtendedActorSystem system;

    private GatedReadJournal(ExtendedActorSystem system) {
        this.system = system;
    }

    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        CurrentEventsByPersistenceIdQuery journal = PersistenceQuery.get(system)
                .getReadJournalFor(CurrentEventsByPersistenceIdQuery.class, "pinion.journal.query");
        Source<EventEnvelope, NotUsed> events =
                journal.currentEventsByPersistenceId(persistenceId, fromSequenceNr, toSequenceNr);
        return persistenceId.startsWith("database-")
                ? Source.completionStage(gate).flatMapConcat(_ -> events)
                : events;
    }

    /** How Pekko finds it. */
    public static final class Provider implements ReadJournalProvider {
        private final ExtendedActorSystem system;

        /** Called by Pekko. */
        public Provider(ExtendedActorSystem system) {
            this.system = system;
        }

        @Override
        public org.apache.pekko.persistence.query.scaladsl.ReadJournal scaladslReadJournal() {
            return new org.apache.pekko.persistence.query.scaladsl.ReadJournal() {};
        }

        @Override
        public GatedReadJournal javadslReadJournal() {
            return new GatedReadJournal(system);
        }
    }
}
