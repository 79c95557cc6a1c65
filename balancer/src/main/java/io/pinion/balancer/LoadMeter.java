package io.pinion.balancer;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.CoreLoad;
import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.DelayHistogram;
import io.pinion.actors.database.DatabaseLoad;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns what cores and databases have done since they began into what they did of late: between one and two windows,
 * or since something was moved here. Used by one thread.
 */
final class LoadMeter {
    private static final double QUEUE_PERCENTILE = 99;

    private final CoreSet cores;
    private final Function<Set<Identity>, Collection<DatabaseLoad>> loads;
    private final long windowNanos;
    private final int namedMax;
    private Map<String, Track> tracks = new HashMap<>();
    private @Nullable Sample base;
    private @Nullable Sample middle;
    private boolean isRestarting;

    /** What the cores had done by a moment. */
    private record Sample(long nanos, List<CoreLoad> cores) {}

    /** What one database had done by the moments of the samples. */
    private static final class Track {
        final Identity database;
        final int shard;
        long busyBase;
        long busyMiddle;
        long turnsBase;
        long turnsMiddle;

        Track(Identity database) {
            this.database = database;
            this.shard = PinionHost.bucket(database);
        }

        void shift(BindingLoad now) {
            busyBase = busyMiddle;
            turnsBase = turnsMiddle;
            busyMiddle = now.busyNanos();
            turnsMiddle = now.turns();
        }
    }

    /** @param databases in memory, named or not */
    record Measured(
            boolean isSettled, int databases, List<CoreUse> cores, List<DatabaseUse> named, List<ShardUse> shards) {}

    /**
     * @param loads what waits for each of those databases, as far as they are here
     * @param namedMax databases that are named, the busiest of each core
     */
    LoadMeter(CoreSet cores, Function<Set<Identity>, Collection<DatabaseLoad>> loads, Duration window, int namedMax) {
        this.cores = cores;
        this.loads = loads;
        this.windowNanos = window.toNanos();
        this.namedMax = namedMax;
    }

    /** Something was moved: what was before counts no more. */
    void restart() {
        isRestarting = true;
    }

    Measured measure(long nowNanos) {
        Sample now = new Sample(nowNanos, cores.cores());
        List<BindingLoad> bindings = cores.bindings();
        Sample since = base == null ? now : base;
        double seconds = base == null ? 1 : Math.max(1, now.nanos() - since.nanos()) / 1e9;
        Map<String, Track> present = new HashMap<>();
        List<Use> uses = new ArrayList<>();
        for (BindingLoad binding : bindings) {
            Track track = track(binding.name());
            if (track != null) {
                present.put(binding.name(), track);
                uses.add(use(binding, track, seconds));
            }
        }
        tracks = present;
        Measured measured = new Measured(
                !isRestarting && now.nanos() - since.nanos() >= windowNanos,
                uses.size(),
                coreUses(since, now, seconds),
                named(uses),
                shards(uses));
        shift(now, bindings);
        return measured;
    }

    /** Null if what runs under that name is no database. */
    private @Nullable Track track(String name) {
        Track known = tracks.get(name);
        if (known != null) {
            return known;
        }
        try {
            return new Track(Identity.parse(name));
        } catch (IllegalArgumentException notDatabase) {
            return null;
        }
    }

    private record Use(Track track, BindingLoad binding, long busyNanos, long turns) {}

    /** A binding that was made anew begins at nothing again. */
    private static Use use(BindingLoad binding, Track track, double seconds) {
        long busy = binding.busyNanos() - track.busyBase;
        long turns = binding.turns() - track.turnsBase;
        return new Use(track, binding, (long) ((busy < 0 ? binding.busyNanos() : busy) / seconds), (long)
                ((turns < 0 ? binding.turns() : turns) / seconds));
    }

    private static List<CoreUse> coreUses(Sample since, Sample now, double seconds) {
        List<CoreUse> uses = new ArrayList<>();
        for (int core = 0; core < now.cores().size(); core++) {
            CoreLoad before = since.cores().get(core);
            CoreLoad after = now.cores().get(core);
            double busy = Math.max(0, after.busyNanos() - before.busyNanos()) / seconds / 1e9;
            DelayHistogram.Snapshot delays = after.queueDelay().minus(before.queueDelay());
            uses.add(new CoreUse(busy, delays.percentile(QUEUE_PERCENTILE)));
        }
        return uses;
    }

    private List<DatabaseUse> named(List<Use> uses) {
        int perCore = Math.max(1, namedMax / Math.max(1, cores.count()));
        Map<Integer, PriorityQueue<Use>> busiest = new HashMap<>();
        for (Use use : uses) {
            PriorityQueue<Use> queue = busiest.computeIfAbsent(
                    use.binding().core(), _ -> new PriorityQueue<>(Comparator.comparingLong(Use::busyNanos)));
            queue.add(use);
            if (queue.size() > perCore) {
                queue.poll();
            }
        }
        List<Use> chosen = busiest.values().stream()
                .flatMap(Collection::stream)
                .sorted(Comparator.comparingLong(Use::busyNanos).reversed())
                .limit(namedMax)
                .toList();
        Set<Identity> identities =
                chosen.stream().map(use -> use.track().database).collect(Collectors.toUnmodifiableSet());
        Map<Identity, DatabaseLoad> details = loads.apply(identities).stream()
                .collect(Collectors.toMap(DatabaseLoad::database, load -> load, (a, _) -> a));
        return chosen.stream()
                .map(use -> database(use, details.get(use.track().database)))
                .toList();
    }

    private static DatabaseUse database(Use use, @Nullable DatabaseLoad load) {
        return new DatabaseUse(
                use.track().database,
                use.track().shard,
                use.binding().core(),
                use.busyNanos(),
                use.turns(),
                load == null ? 0 : load.waiting(),
                use.binding().weight(),
                load == null ? 0 : load.instances(),
                load == null ? 0 : load.instanceAllocatedBytes());
    }

    private static List<ShardUse> shards(List<Use> uses) {
        Map<Integer, ShardUse> shards = new HashMap<>();
        for (Use use : uses) {
            shards.merge(
                    use.track().shard,
                    new ShardUse(use.track().shard, use.busyNanos(), 1),
                    (a, b) -> new ShardUse(a.shard(), a.busyNanos() + b.busyNanos(), a.databases() + b.databases()));
        }
        return List.copyOf(shards.values());
    }

    /** Every window the older sample gives way to the newer one. */
    private void shift(Sample now, List<BindingLoad> bindings) {
        Sample newer = middle;
        if (isRestarting || newer == null) {
            base = now;
            middle = now;
            bindings.forEach(this::shift);
            bindings.forEach(this::shift);
            isRestarting = false;
        } else if (now.nanos() - newer.nanos() >= windowNanos) {
            base = newer;
            middle = now;
            bindings.forEach(this::shift);
        }
    }

    private void shift(BindingLoad binding) {
        Track track = tracks.get(binding.name());
        if (track != null) {
            track.shift(binding);
        }
    }
}
