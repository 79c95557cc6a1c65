package io.pinion.node.http;

import io.pinion.actors.log.LogLine;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Lines of a log that wait for one client to read them, bounded by count and bytes; only an empty queue takes more at once.
 * One thread puts them in; the client's response takes them out.
 *
 * <p>A client that reads too slowly gets what was waiting, then a line that says so, and then the end: no line is missing in
 * the middle.
 */
final class WaitingLines {
    private static final int BATCHES_MAX = 1024;
    /** As in memory: two bytes per character, and what an object takes. */
    static final int BYTES_MAX = 8 << 20;

    private static final int LINE_OVERHEAD_BYTES = 48;

    private final AtomicLong waitingBytes = new AtomicLong();
    private final BoundedSourceQueue<Batch> queue;
    private final CompletionStage<Done> ended;
    private final Source<String, NotUsed> lines;
    private volatile boolean isCutOff;

    private record Batch(List<String> lines, long bytes) {
        static Batch of(List<String> lines) {
            long bytes = lines.stream()
                    .mapToLong(line -> 2L * line.length() + LINE_OVERHEAD_BYTES)
                    .sum();
            return new Batch(lines, bytes);
        }
    }

    WaitingLines(ActorSystem<?> system) {
        Pair<Pair<BoundedSourceQueue<Batch>, CompletionStage<Done>>, Source<Batch, NotUsed>> stream =
                Source.<Batch>queue(BATCHES_MAX).watchTermination(Keep.both()).preMaterialize(system);
        queue = stream.first().first();
        ended = stream.first().second();
        lines = stream.second().mapConcat(this::take).concatLazy(Source.lazySource(this::last));
    }

    /** What the client gets; to be run once. */
    Source<String, NotUsed> lines() {
        return lines;
    }

    /** Completes when the client has everything, or has hung up. */
    CompletionStage<Done> ended() {
        return ended;
    }

    /** @return false if the client has too much to read already; nothing may follow */
    boolean offer(List<String> newLines) {
        Batch batch = Batch.of(newLines);
        long before = waitingBytes.getAndAdd(batch.bytes());
        boolean isRoom = before == 0 || before + batch.bytes() <= BYTES_MAX;
        if (isRoom && queue.offer(batch).isEnqueued()) {
            return true;
        }
        isCutOff = true;
        queue.complete();
        return false;
    }

    /** Nothing follows. */
    void complete() {
        queue.complete();
    }

    private List<String> take(Batch batch) {
        waitingBytes.addAndGet(-batch.bytes());
        return batch.lines();
    }

    private Source<String, NotUsed> last() {
        if (!isCutOff) {
            return Source.empty();
        }
        long nowMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
        return Source.single(LogLine.json(LogRecord.system(
                Level.WARN, nowMicros, "the log ends here for this client, which reads it too slowly")));
    }
}
