package io.pinion.node.management;

import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.CoreLoad;
import io.pinion.actors.core.CoreSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How busy cores and databases of this node have been lately: between its last two looks at counters that are there anyway.
 * Threadsafe.
 */
final class LoadSampler {
    private final CoreSet cores;
    private volatile Look before;
    private volatile Look last;

    private record Look(long nanos, Map<String, Long> databases, List<CoreLoad> cores) {}

    LoadSampler(CoreSet cores) {
        this.cores = cores;
        this.last = look();
        this.before = last;
    }

    private Look look() {
        Map<String, Long> databases = new HashMap<>();
        for (BindingLoad binding : cores.bindings()) {
            databases.put(binding.name(), binding.busyNanos());
        }
        return new Look(System.nanoTime(), databases, cores.cores());
    }

    /** Called at regular intervals. */
    synchronized void sample() {
        Look now = look();
        before = last;
        last = now;
    }

    /**
     * The part of one core that a database has taken.
     *
     * @param database as it is registered with the cores; empty if it was not there at both looks
     */
    OptionalDouble busyOfDatabase(String database) {
        Look from = before;
        Look to = last;
        Long earlier = from.databases().get(database);
        Long later = to.databases().get(database);
        return earlier == null || later == null ? OptionalDouble.empty() : fraction(later - earlier, from, to);
    }

    OptionalDouble busyOfCore(int core) {
        Look from = before;
        Look to = last;
        return fraction(
                to.cores().get(core).busyNanos() - from.cores().get(core).busyNanos(), from, to);
    }

    private static OptionalDouble fraction(long busyNanos, Look from, Look to) {
        long nanos = to.nanos() - from.nanos();
        return nanos <= 0 ? OptionalDouble.empty() : OptionalDouble.of(Math.clamp((double) busyNanos / nanos, 0, 1));
    }
}
