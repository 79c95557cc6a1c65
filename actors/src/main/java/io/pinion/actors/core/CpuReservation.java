package io.pinion.actors.core;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CPUs that the cores of an actor system own for as long as it lives, and the sweeper that keeps everything else off
 * them. Where CPUs cannot be owned it reserves none: the cores are as many, and their threads unpinned. Threadsafe.
 */
final class CpuReservation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CpuReservation.class);

    /**
     * What this process may use, while a reservation holds CPUs of it. Masks belong to the process, so two actor systems in
     * one cannot both keep foreign threads off their CPUs: the first one does, others run unpinned beside it.
     */
    private static final AtomicReference<@Nullable CpuMask> HELD = new AtomicReference<>();

    private final CpuChoice choice;
    private final Placement placement;
    private final @Nullable Sweeper sweeper;

    private CpuReservation(CpuChoice choice, Placement placement, @Nullable Sweeper sweeper) {
        this.choice = choice;
        this.placement = placement;
        this.sweeper = sweeper;
    }

    /**
     * Chooses CPUs and reserves them; says in one line of the log what was chosen and why. Not called on a core's thread, as
     * it starts the sweeper.
     *
     * @throws com.typesafe.config.ConfigException naming the key, if the settings do not fit this machine
     */
    static CpuReservation take(CoreSettings settings) {
        return take(settings, Affinity.ofThisMachine(), Path.of("/"));
    }

    /** @param root the folder that {@code proc} stands in */
    static CpuReservation take(CoreSettings settings, Affinity affinity, Path root) {
        CpuMask held = HELD.get();
        CpuMask allowed;
        try {
            allowed = held == null ? affinity.get(processLeader()) : held;
        } catch (AffinityException e) {
            CpuMask processors = CpuMask.range(0, Runtime.getRuntime().availableProcessors() - 1);
            return unpinned(CpuChoice.unpinned(settings, supply(processors, root), refusal(e)), affinity);
        }
        CpuSupply supply = supply(allowed, root);
        CpuChoice choice = CpuChoice.of(settings, supply);
        if (!choice.isPinned()) {
            return unpinned(choice, affinity);
        }
        if (!HELD.compareAndSet(null, allowed)) {
            String reason = "another actor system of this process has reserved CPUs";
            return unpinned(CpuChoice.unpinned(settings, supply, reason), affinity);
        }
        try {
            tryOut(affinity, choice);
        } catch (AffinityException e) {
            HELD.set(null);
            return unpinned(CpuChoice.unpinned(settings, supply, refusal(e)), affinity);
        }
        return pinned(choice, settings, affinity, allowed);
    }

    /** The thread that the process began with has its mask, whatever thread this is called on. */
    private static int processLeader() {
        return Math.toIntExact(ProcessHandle.current().pid());
    }

    private static String refusal(AffinityException e) {
        return "the system does not let threads be pinned: " + e.reason();
    }

    private static CpuSupply supply(CpuMask allowed, Path root) {
        try {
            return new CpuSupply(allowed, CpuQuota.read(root));
        } catch (IOException e) {
            log.warn("The CPU quota of this process is not known and is taken for none", e);
            return new CpuSupply(allowed, OptionalDouble.empty());
        }
    }

    /** Goes to each CPU with the calling thread, which ends where it belongs while they are reserved. */
    private static void tryOut(Affinity affinity, CpuChoice choice) throws AffinityException {
        int self = affinity.threadId();
        CpuMask before = affinity.get(self);
        try {
            for (int cpu : choice.reserved().toArray()) {
                affinity.set(self, CpuMask.of(cpu));
            }
            affinity.set(self, choice.rest());
        } catch (AffinityException e) {
            try {
                affinity.set(self, before);
            } catch (AffinityException alsoRefused) {
                e.addSuppressed(alsoRefused);
            }
            throw e;
        }
    }

    private static CpuReservation unpinned(CpuChoice choice, Affinity affinity) {
        log.info("Cores: {}, unpinned: {}", choice.cores(), choice.reason());
        return new CpuReservation(choice, new UnpinnedPlacement(affinity), null);
    }

    private static CpuReservation pinned(CpuChoice choice, CoreSettings settings, Affinity affinity, CpuMask allowed) {
        log.info(
                "Cores: {}, pinned to CPUs {}; everything else of this process runs on {} ({})",
                choice.cores(),
                choice.reserved(),
                choice.rest(),
                choice.reason());
        Sweeper sweeper =
                new Sweeper(affinity, allowed, choice.reserved(), settings.sweepInterval(), () -> HELD.set(null));
        sweeper.start();
        return new CpuReservation(choice, new PinnedPlacement(affinity, sweeper, choice.reserved()), sweeper);
    }

    /** How many cores there are, at least one. */
    int cores() {
        return choice.cores();
    }

    Placement placement() {
        return placement;
    }

    /** Lets every thread run on all allowed CPUs again. Called when the cores' threads end. */
    @Override
    public void close() {
        if (sweeper != null) {
            sweeper.close();
        }
    }
}
