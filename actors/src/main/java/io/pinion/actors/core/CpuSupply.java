package io.pinion.actors.core;

import java.util.OptionalDouble;

/**
 * What this process may use of the machine.
 *
 * @param allowed the CPUs that its threads may run on, at least one
 * @param quotaCpus CPU time per time that its control groups grant, as in 2.5; empty for no limit
 */
record CpuSupply(CpuMask allowed, OptionalDouble quotaCpus) {
    CpuSupply {
        if (allowed.isEmpty()) {
            throw new IllegalArgumentException("a process may use one CPU at least");
        }
    }

    /** How many CPUs it can keep busy: a broken CPU of a quota does not count, one always does. */
    int usable() {
        double quota = quotaCpus.orElse(allowed.size());
        return (int) Math.clamp(quota, 1, allowed.size());
    }

    /** As in {@code 8 CPUs (0-7)} or {@code 3 of 8 CPUs (0-7; quota 3.5)}. */
    @Override
    public String toString() {
        int usable = usable();
        String cpus = allowed.size() == 1 ? "1 CPU" : allowed.size() + " CPUs";
        return usable == allowed.size()
                ? cpus + " (" + allowed + ")"
                : usable + " of " + cpus + " (" + allowed + "; quota " + quotaCpus.orElseThrow() + ")";
    }
}
