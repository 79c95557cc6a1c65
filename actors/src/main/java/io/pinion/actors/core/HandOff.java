package io.pinion.actors.core;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one core from a turn that has held it for too long while others wait, and gives it to another thread on the same
 * CPU. The turn goes on under the kernel's time slicing, reniced by its share. Runs on the monitor's thread, which also
 * makes the relief threads, so that they inherit nothing from a core's.
 */
final class HandOff {
    private static final Logger log = LoggerFactory.getLogger(HandOff.class);
    private static final int NICE_MAX = 19;
    /** After the system had no thread for us, it is not asked for so long. */
    private static final long HIRE_PAUSE_NANOS = 1_000_000_000;

    private final Core core;
    private final Crew crew;
    private final int reliefThreadsMax;
    private final TurnWatch watch;
    private boolean isCapped;
    private boolean hasHireFailed;
    private long hireFailedNanos;

    HandOff(Core core, FairnessSettings settings) {
        this.core = core;
        this.crew = core.crew();
        this.reliefThreadsMax = settings.reliefThreadsMax();
        this.watch = new TurnWatch(settings.slice().toNanos());
    }

    /** Looks after all cores. */
    static Monitor.Sampler sampler(List<Core> cores, FairnessSettings settings) {
        return new Sampler(
                cores.stream().map(core -> new HandOff(core, settings)).toList());
    }

    private static final class Sampler implements Monitor.Sampler {
        private final List<HandOff> cores;
        private boolean isWatching;

        Sampler(List<HandOff> cores) {
            this.cores = cores;
        }

        @Override
        public void sample(long nowNanos, long unwatchedNanos) {
            boolean isAnyRunning = false;
            for (HandOff core : cores) {
                isAnyRunning |= core.look(nowNanos, unwatchedNanos);
            }
            isWatching = isAnyRunning;
        }

        @Override
        public boolean isWatching() {
            return isWatching;
        }
    }

    /** @return whether the core is running a turn */
    private boolean look(long nowNanos, long unwatchedNanos) {
        Worker owner = crew.owner();
        if (owner == null) {
            return false;
        }
        TurnSlot slot = owner.slot();
        long turn = slot.running();
        if (watch.isOverdue(turn, wasLong(slot), nowNanos, unwatchedNanos, owner.cpuNanos()) && core.hasWaiting()) {
            handOff(owner, turn, nowNanos);
        }
        return turn != 0;
    }

    private void handOff(Worker busy, long turn, long nowNanos) {
        Worker relief = relief(nowNanos);
        if (relief == null) {
            return;
        }
        int weight = weight(busy.slot());
        if (!busy.slot().take(turn, nowNanos, busy.cpuNanos().getAsLong())) {
            crew.putBack(relief);
            return;
        }
        core.meter().handOff();
        crew.owner(relief);
        busy.slot().settle(core.placement().setBack(busy.threadId(), niceness(weight)));
        watch.forget();
    }

    private @Nullable Worker relief(long nowNanos) {
        Worker spare = crew.takeSpare();
        if (spare != null) {
            return spare;
        }
        if (crew.reliefThreads() >= reliefThreadsMax) {
            if (!isCapped) {
                log.warn("Core {} waits for a long turn: it has {} relief threads", core.index(), reliefThreadsMax);
            }
            isCapped = true;
            return null;
        }
        isCapped = false;
        return hasHireFailed && nowNanos - hireFailedNanos < HIRE_PAUSE_NANOS ? null : hire(nowNanos);
    }

    private @Nullable Worker hire(long nowNanos) {
        try {
            return crew.hire();
        } catch (OutOfMemoryError e) { // how Java says that the system has no thread for us
            hasHireFailed = true;
            hireFailedNanos = nowNanos;
            log.warn("Core {} waits for a long turn: there is no thread to relieve it", core.index(), e);
            return null;
        }
    }

    /** If another turn has begun meanwhile this tells of that one, and taking the one that was looked at fails. */
    private static boolean wasLong(TurnSlot slot) {
        Binding binding = slot.binding();
        return binding != null && binding.wasLong();
    }

    private static int weight(TurnSlot slot) {
        Binding binding = slot.binding();
        return binding == null ? Binding.WEIGHT_DEFAULT : binding.weight();
    }

    /** Ten times the weight is ten steps, which the kernel takes for about ten times the share; never above the others. */
    static int niceness(int weight) {
        double steps = 10 * Math.log10(Math.max(weight, Binding.WEIGHT_DEFAULT) / (double) Binding.WEIGHT_DEFAULT);
        return Math.max(0, NICE_MAX - (int) Math.round(steps));
    }
}
