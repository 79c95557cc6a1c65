package io.pinion.actors.core;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What one core has done since it started and does now. The figures are read one after the other while the core goes on,
 * so they may be a turn apart.
 *
 * @param core its number
 * @param cpu the CPU that it owns, empty if its threads are unpinned
 * @param busyNanos time spent in turns, those that run included; of a turn that was handed off, the part before by the
 *     clock, the rest as CPU time
 * @param turns how many have ended
 * @param handOffs how many turns the core was taken from
 * @param reliefThreads threads beyond the one that owns the core: turns that were handed off, and spares
 * @param runnable bindings that wait for their turn
 * @param queueDelay from becoming runnable to running
 * @param current the turn that the core is in, empty when it is idle
 */
public record CoreLoad(
        int core,
        OptionalInt cpu,
        long busyNanos,
        long turns,
        long handOffs,
        int reliefThreads,
        int runnable,
        DelayHistogram.Snapshot queueDelay,
        Optional<Turn> current) {

    /**
     * A turn in progress.
     *
     * @param owner the registered name of the binding, empty if it has none
     * @param startNanos when it began, as of {@link System#nanoTime}
     */
    public record Turn(Optional<String> owner, long startNanos) {}
}
