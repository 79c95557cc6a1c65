package io.pinion.journal;

import org.apache.pekko.NotUsed;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.scaladsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.scaladsl.CurrentLastSequenceNumberByPersistenceIdQuery;
import org.apache.pekko.persistence.query.scaladsl.CurrentPersistenceIdsQuery;
import org.apache.pekko.persistence.query.scaladsl.PagedPersistenceIdsQuery;
import org.apache.pekko.persistence.query.scaladsl.ReadJournal;
import org.apache.pekko.stream.scaladsl.Source;
import scala.Option;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;
import scala.jdk.javaapi.OptionConverters;

/** {@link RocksDbReadJournal} for Scala. */
public final class RocksDbScalaReadJournal
        implements ReadJournal,
                CurrentEventsByPersistenceIdQuery,
                CurrentLastSequenceNumberByPersistenceIdQuery,
                CurrentPersistenceIdsQuery,
                PagedPersistenceIdsQuery {
    private final RocksDbReadJournal journal;

    RocksDbScalaReadJournal(RocksDbReadJournal journal) {
        this.journal = journal;
    }

    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return journal.currentEventsByPersistenceId(persistenceId, fromSequenceNr, toSequenceNr)
                .asScala();
    }

    @Override
    public Future<Option<Object>> currentLastSequenceNumberByPersistenceId(String persistenceId) {
        return FutureConverters.asScala(journal.currentLastSequenceNumberByPersistenceId(persistenceId)
                .thenApply(highest -> OptionConverters.toScala(highest.map(Object.class::cast))));
    }

    @Override
    public Source<String, NotUsed> currentPersistenceIds() {
        return journal.currentPersistenceIds().asScala();
    }

    @Override
    public Source<String, NotUsed> currentPersistenceIds(Option<String> afterId, long limit) {
        return journal.currentPersistenceIds(OptionConverters.toJava(afterId), limit)
                .asScala();
    }
}
