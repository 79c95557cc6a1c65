package io.pinion.testing.journal;

import java.util.function.Consumer;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import scala.concurrent.Future;

/** A journal in memory, but for what becomes of its writes. */
public abstract class MemoryJournal extends AsyncWriteJournal {
    private final MemoryLogs logs;

    protected MemoryJournal(MemoryLogs logs) {
        this.logs = logs;
    }

    @Override
    public final Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        logs.deleteTo(persistenceId, toSequenceNr);
        return Future.successful(null);
    }

    @Override
    public final Future<Void> doAsyncReplayMessages(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            long max,
            Consumer<PersistentRepr> replayCallback) {
        logs.given(persistenceId, fromSequenceNr, toSequenceNr).stream()
                .limit(max)
                .forEach(replayCallback);
        return Future.successful(null);
    }

    @Override
    public final Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        return Future.successful(logs.highest(persistenceId));
    }
}
