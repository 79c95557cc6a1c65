package io.pinion.balancer;

import java.util.ArrayDeque;
import java.util.Deque;

/** How long a fixed piece of work takes on this machine, so that nodes can be compared. Used by one thread. */
final class SpeedProbe {
    private static final int STEPS = 8_192;
    private static final int WARM_UP = 100;
    private static final int TRIES = 3;
    private static final int KEPT = 15;

    private final Deque<Long> latest = new ArrayDeque<>();
    private long state = 88_172_645_463_325_252L;

    SpeedProbe() {
        for (int round = 0; round < WARM_UP; round++) {
            work();
        }
    }

    /** @return the median of the last few times, in nanoseconds; 0 before there are enough */
    long measure() {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < TRIES; round++) {
            long start = System.nanoTime();
            work();
            best = Math.min(best, System.nanoTime() - start);
        }
        latest.addLast(best);
        if (latest.size() <= KEPT) {
            return 0;
        }
        latest.removeFirst();
        return latest.stream().sorted().skip(KEPT / 2).findFirst().orElse(0L);
    }

    /** Some microseconds of arithmetic, each step needing the one before. */
    private void work() {
        long x = state;
        for (int step = 0; step < STEPS; step++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        state = x;
    }
}
