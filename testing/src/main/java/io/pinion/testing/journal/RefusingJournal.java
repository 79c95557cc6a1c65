package io.pinion.testing.journal;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** A journal in memory that refuses a number that is not the next, and everything while it is told so. */
public final class RefusingJournal extends MemoryJournal {
    private static volatile boolean refusesAll;

    private final MemoryLogs logs;

    /** Called by Pekko. */
    public RefusingJournal(Config config) {
        MemoryLogs named = MemoryLogs.of(config);
        super(named);
        this.logs = named;
    }

    /** Whether writes fail, and leave nothing. */
    public static void refuseAll(boolean refuses) {
        refusesAll = refuses;
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> writes) {
        return FutureConverters.asScala(written(writes));
    }

    private CompletionStage<Iterable<Optional<Exception>>> written(Iterable<AtomicWrite> writes) {
        for (AtomicWrite write : writes) {
            for (PersistentRepr event : CollectionConverters.asJava(write.payload())) {
                if (refusesAll || !logs.putNext(event)) {
                    return CompletableFuture.failedStage(new IllegalStateException(
                            "event " + event.sequenceNr() + " of " + event.persistenceId() + " is refused"));
                }
            }
        }
        return CompletableFuture.completedStage(List.of());
    }
}
