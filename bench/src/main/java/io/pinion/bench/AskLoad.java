package io.pinion.bench;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * Asks the same again and again, from the thread that calls, which waits as any thread would that wants an answer. An
 * answer that is not the right one ends the benchmark.
 */
final class AskLoad<A> {
    private final Supplier<CompletionStage<A>> ask;
    private final Predicate<A> isRight;

    AskLoad(Supplier<CompletionStage<A>> ask, Predicate<A> isRight) {
        this.ask = ask;
        this.isRight = isRight;
    }

    /** One at a time; nanoseconds from asking to the answer in the hands of this thread. */
    Histogram roundTrips(Duration time) {
        Histogram roundTrips = Latencies.histogram();
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < time.toNanos()) {
            long asked = now;
            finish(ask.get().toCompletableFuture());
            now = System.nanoTime();
            roundTrips.recordValue(now - asked);
        }
        return roundTrips;
    }

    /** So many at once, the oldest one waited for; answers per second. */
    double perSecond(int inFlight, Duration time) {
        ArrayDeque<CompletableFuture<A>> waiting = new ArrayDeque<>(inFlight);
        long answers = 0;
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < time.toNanos()) {
            while (waiting.size() < inFlight) {
                waiting.add(ask.get().toCompletableFuture());
            }
            finish(waiting.remove());
            answers++;
        }
        answers += waiting.size();
        waiting.forEach(this::finish);
        return answers * 1e9 / (System.nanoTime() - begin);
    }

    private void finish(CompletableFuture<A> answer) {
        A value = answer.join();
        if (!isRight.test(value)) {
            throw new IllegalStateException("not the answer that was expected: " + value);
        }
    }
}
