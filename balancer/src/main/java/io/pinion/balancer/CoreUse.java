package io.pinion.balancer;

/**
 * What one core did of late.
 *
 * @param busy the part of the time that it spent in turns, 0 to 1; more if turns went on beside it after a hand-off
 * @param queueDelayNanos from runnable to running, the 99th percentile
 */
public record CoreUse(double busy, long queueDelayNanos) {
    double nanosPerSecond() {
        return busy * 1e9;
    }
}
