package io.pinion.bench;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.HdrHistogram.Histogram;

/**
 * Calls at a fixed rate, whatever becomes of the calls before. A call's time counts from when it was due, so that a stall
 * counts for every call that fell into it; a call that has no answer at the end counts with its age.
 */
final class OpenLoad {
    private static final long WAITS = 0;
    private static final long REFUSED = -1;

    private final LongFunction<CompletionStage<Boolean>> call;
    private final long intervalNanos;

    /** @param call makes a call, given its number; the answer is whether it was carried out */
    OpenLoad(LongFunction<CompletionStage<Boolean>> call, Duration interval) {
        this.call = call;
        this.intervalNanos = interval.toNanos();
    }

    /** Times in nanoseconds, of all calls; {@code unanswered} and {@code refused} are among them with their age. */
    record Result(Histogram latency, long unanswered, long refused) {}

    Result run(Duration time) {
        int calls = Math.toIntExact(time.toNanos() / intervalNanos);
        AtomicLongArray answeredNanos = new AtomicLongArray(calls);
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            int number = i;
            waitUntil(begin + i * intervalNanos);
            call.apply(number)
                    .whenComplete((isDone, failure) ->
                            answeredNanos.set(number, failure == null && isDone ? System.nanoTime() - begin : REFUSED));
        }
        waitUntil(begin + time.toNanos());
        return evaluate(answeredNanos, System.nanoTime() - begin);
    }

    private Result evaluate(AtomicLongArray answeredNanos, long elapsedNanos) {
        Histogram latency = Latencies.histogram();
        long unanswered = 0;
        long refused = 0;
        for (int i = 0; i < answeredNanos.length(); i++) {
            long answered = answeredNanos.get(i);
            if (answered == WAITS) {
                unanswered++;
            } else if (answered == REFUSED) {
                refused++;
            }
            latency.recordValue((answered > 0 ? answered : elapsedNanos) - i * intervalNanos);
        }
        return new Result(latency, unanswered, refused);
    }

    private static void waitUntil(long dueNanos) {
        for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
