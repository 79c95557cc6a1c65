package io.pinion.actors.durability;

import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the recoveries of one node share: where they read, on which threads, and how many at a time. Threadsafe. */
public final class Recoveries {
    /** Configuration path of the dispatcher that decodes and applies logs; never a core. */
    public static final String DISPATCHER = "pinion.recovery-dispatcher";

    private static final Logger log = LoggerFactory.getLogger(Recoveries.class);
    /** So many places of an index in a row that cannot be read are taken for damage, more for a journal that fails. */
    private static final int INDEX_FAULTS_MAX = 8;

    private final LogReader reader;
    private final DurabilitySettings settings;
    private final Executor executor;
    private final Materializer materializer;
    private final Attributes attributes;
    private final Permits permits;

    public Recoveries(ActorSystem<?> system, LogReader reader, DurabilitySettings settings) {
        this.reader = reader;
        this.settings = settings;
        this.executor = system.dispatchers().lookup(DispatcherSelector.fromConfig(DISPATCHER));
        this.materializer = SystemMaterializer.get(system).materializer();
        this.attributes = ActorAttributes.dispatcher(DISPATCHER).and(Attributes.inputBuffer(1, 1));
        this.permits = new Permits(settings.recoveriesMax());
    }

    /** Begins with an empty state. */
    public LogRecovery begin(Identity database, LogReplay target) {
        return new LogRecovery(LogNames.log(database), this, target);
    }

    /**
     * What is known about a log beside it, oldest first. Damaged entries are left out with a warning.
     *
     * @return fails as the journal does
     */
    public CompletionStage<List<IndexedEntry>> index(Identity database) {
        return readIndex(new IndexRead(LogNames.index(database)), 1, 0);
    }

    /** The first events from a number on, so many at most. */
    CompletionStage<List<LoggedEvent>> events(String persistenceId, long sequenceNrFirst, long countMax) {
        return reader.events(persistenceId, sequenceNrFirst, Long.MAX_VALUE)
                .take(countMax)
                .runWith(Sink.<LoggedEvent>seq().withAttributes(attributes), materializer);
    }

    /**
     * Reads events of another log on the same threads and with the same bounds, several decoded at a time, and hands them
     * on in order to one thread.
     *
     * @param sequenceNrFirst of events that are all there
     * @param apply gets what was decoded
     * @return completes after the last, or fails as the first of journal, decoding and applying does, or with an
     *     {@link IncompleteLogException}
     */
    public <T> CompletionStage<Done> stream(
            String persistenceId,
            long sequenceNrFirst,
            long sequenceNrLast,
            Function<LoggedEvent, T> decode,
            Consumer<T> apply) {
        Course course = new Course(sequenceNrFirst - 1);
        return reader.events(persistenceId, sequenceNrFirst, sequenceNrLast)
                .map(course::next)
                .mapAsync(lookAhead(), event -> CompletableFuture.supplyAsync(() -> decode.apply(event), executor))
                .runWith(Sink.<T>foreach(apply::accept).withAttributes(attributes), materializer)
                .thenApply(done -> {
                    IncompleteLogException.requireEnd(course.sequenceNr, sequenceNrLast);
                    return done;
                });
    }

    /** How far a stream has given what it should. Its own thread, then whoever waits for its end. */
    private static final class Course {
        private long sequenceNr;

        Course(long sequenceNr) {
            this.sequenceNr = sequenceNr;
        }

        LoggedEvent next(LoggedEvent event) {
            IncompleteLogException.requireNext(sequenceNr, event.sequenceNr());
            sequenceNr = event.sequenceNr();
            return event;
        }
    }

    private CompletionStage<List<IndexedEntry>> readIndex(IndexRead read, long from, int faultCount) {
        return reader.events(read.name, from, Long.MAX_VALUE)
                .runWith(Sink.foreach(read::event).withAttributes(attributes), materializer)
                .handle((_, failure) -> failure)
                .thenCompose(failure -> {
                    if (failure == null) {
                        return CompletableFuture.completedStage(List.copyOf(read.entries));
                    }
                    int faults = read.sequenceNr >= from ? 1 : faultCount + 1;
                    if (faults > INDEX_FAULTS_MAX) {
                        return CompletableFuture.failedStage(failure);
                    }
                    long damaged = Math.max(read.sequenceNr + 1, from);
                    log.warn("entry {} of {} is left out: {}", damaged, read.name, failure.getMessage());
                    return readIndex(read, damaged + 1, faults);
                });
    }

    /** Filled by one thread after another. */
    private static final class IndexRead {
        private final String name;
        private final List<IndexedEntry> entries = new ArrayList<>();
        private long sequenceNr;

        IndexRead(String name) {
            this.name = name;
        }

        void event(LoggedEvent event) {
            sequenceNr = event.sequenceNr();
            try {
                entries.add(new IndexedEntry(sequenceNr, IndexCodec.read(event.unsafeArray())));
            } catch (CorruptEventException e) {
                log.warn("entry {} of {} is left out: {}", sequenceNr, name, e.getMessage());
            }
        }
    }

    LogReader reader() {
        return reader;
    }

    int lookAhead() {
        return settings.lookAheadEvents();
    }

    long logIntervalNanos() {
        return settings.progressInterval().toNanos();
    }

    Executor executor() {
        return executor;
    }

    Materializer materializer() {
        return materializer;
    }

    Attributes attributes() {
        return attributes;
    }

    Permits permits() {
        return permits;
    }
}
