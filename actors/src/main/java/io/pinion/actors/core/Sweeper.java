package io.pinion.actors.core;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every thread of this process on the CPUs where it belongs: threads of cores on their own, the collector's on all,
 * everything else on the rest. Masks are inherited by whatever a thread happens to start, so a pool worker, a carrier of
 * virtual threads, a compiler thread that a core's thread started would stay on that core for good; nothing in Pinion
 * relies on where a thread was started, as all are looked at when the sweeper starts and at every interval after it.
 *
 * <p>A thread that the system does not let go where it belongs (a CPU went offline, a cpuset shrank) is left where the
 * kernel put it and tried again at the next sweep; the log says so once.
 *
 * <p>A sweep asks one question per thread and allocates little more than the list of their names.
 */
final class Sweeper {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);

    private static final File THREADS = new File("/proc/self/task");

    /** How the kernel's names of collector threads start in HotSpot's collectors, cut to 15 bytes as they are there. */
    private static final List<String> COLLECTORS =
            List.of("GC Thread#", "G1 ", "ZWorker", "ZDriver", "RuntimeWorker#", "Shenandoah", "Safepoint Clean");

    /** A thread gets its name a moment after its start: names are read again after so many sweeps. */
    private static final int SWEEPS_PER_NAME = 60;

    private final Affinity affinity;
    private final Duration interval;
    private final CpuMask allowed;
    private final Runnable afterwards;
    private final Place collectors;
    private final Place others;
    private final Map<Integer, Place> cores;
    private final ConcurrentMap<Integer, Place> owners = new ConcurrentHashMap<>();
    private final AtomicBoolean isUnreadable = new AtomicBoolean();
    private final Thread thread = new Thread(this::run, "pinion-sweeper");
    private volatile boolean closed;

    /** Threads whose names are known, ascending: twice the id, plus one for a collector. Only the first ones count. */
    private int[] known = {};

    private int knownCount;
    private int sweeps;
    private int unlogged;

    /** @param afterwards runs when the sweeper was closed and has let all threads go */
    Sweeper(Affinity affinity, CpuMask allowed, CpuMask reserved, Duration interval, Runnable afterwards) {
        this.affinity = affinity;
        this.interval = interval;
        this.allowed = allowed;
        this.afterwards = afterwards;
        collectors = new Place("threads of the collector", allowed);
        others = new Place("threads that are no core's", allowed.minus(reserved));
        cores = IntStream.of(reserved.toArray())
                .boxed()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(), cpu -> new Place("threads of a core", CpuMask.of(cpu))));
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** From here on a thread belongs to a CPU; moves it there. Called by any thread, for itself or another. */
    void enter(int threadId, int cpu) {
        Place core = cores.get(cpu);
        if (core == null) {
            throw new IllegalArgumentException("CPU " + cpu + " is not reserved");
        }
        owners.put(threadId, core); // first: a sweep in between must not take it for a stranger there
        core.settle(threadId);
    }

    void leave(int threadId) {
        owners.remove(threadId);
    }

    /** Ends the sweeping and lets every thread run on all allowed CPUs again; returns when that is done, or interrupted. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try {
                sweep();
            } catch (RuntimeException | Error e) {
                report(e);
            }
            LockSupport.parkNanos(this, interval.toNanos());
            Thread.interrupted(); // nobody interrupts it; a flag that somebody set would keep it from parking
        }
        try {
            letGo();
        } finally {
            afterwards.run();
        }
    }

    private void report(Throwable thrown) {
        try {
            log.error("A sweep failed; the next one follows", thrown);
            if (unlogged > 0) {
                log.error("{} sweeps failed before and could not be logged", unlogged);
                unlogged = 0;
            }
        } catch (OutOfMemoryError e) { // the next sweep may have the memory
            unlogged++;
        }
    }

    private void letGo() {
        Place everywhere = new Place("threads of this process", allowed);
        for (String name : threads()) {
            everywhere.settle(Integer.parseInt(name));
        }
    }

    /** Looks at every thread once. Called by one thread at a time. */
    void sweep() {
        boolean namesAnew = sweeps++ % SWEEPS_PER_NAME == 0;
        String[] names = threads();
        int[] seen = new int[names.length];
        int count = 0;
        for (String name : names) {
            int threadId = Integer.parseInt(name);
            Place core = owners.get(threadId);
            if (core != null) {
                core.settle(threadId);
            } else {
                boolean collector = isCollector(threadId, namesAnew);
                seen[count++] = entry(threadId, collector);
                (collector ? collectors : others).settle(threadId);
            }
        }
        Arrays.sort(seen, 0, count);
        known = seen;
        knownCount = count;
    }

    private String[] threads() {
        String[] names = THREADS.list();
        if (names == null) {
            if (isUnreadable.compareAndSet(false, true)) {
                log.warn("{} cannot be listed: threads are no longer kept off the CPUs of cores", THREADS);
            }
            return new String[0];
        }
        return names;
    }

    private boolean isCollector(int threadId, boolean nameAnew) {
        if (!nameAnew) {
            int found = Arrays.binarySearch(known, 0, knownCount, entry(threadId, false));
            int at = found < 0 ? -found - 1 : found;
            if (at < knownCount && known[at] >> 1 == threadId) {
                return (known[at] & 1) != 0;
            }
        }
        String name = name(threadId);
        return COLLECTORS.stream().anyMatch(name::startsWith);
    }

    private static int entry(int threadId, boolean collector) {
        return threadId << 1 | (collector ? 1 : 0);
    }

    /** The kernel's name of a thread; empty if it has ended meanwhile. */
    private static String name(int threadId) {
        try {
            byte[] name = Files.readAllBytes(Path.of(THREADS.getPath(), Integer.toString(threadId), "comm"));
            return new String(name, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // the system has no other reason to refuse a process the name of its own thread
        }
    }

    /** Where threads of one kind belong. Threadsafe. */
    private final class Place {
        private final String who;
        private final CpuMask wanted;
        private final AtomicBoolean isReported = new AtomicBoolean();

        /** What the system gives for it: part of it, while CPUs are gone. */
        private volatile CpuMask given;

        Place(String who, CpuMask wanted) {
            this.who = who;
            this.wanted = wanted;
            this.given = wanted;
        }

        void settle(int threadId) {
            try {
                if (!affinity.has(threadId, given)) {
                    affinity.set(threadId, wanted);
                    given = affinity.get(threadId);
                    if (!given.equals(wanted)) {
                        report("it gives " + given);
                    }
                }
            } catch (AffinityException e) {
                if (!e.isThreadGone()) {
                    report(e.reason());
                }
            }
        }

        private void report(String problem) {
            if (isReported.compareAndSet(false, true)) {
                log.warn(
                        "The system does not let {} run on CPUs {}, and they stay where it puts them: {}",
                        who,
                        wanted,
                        problem);
            }
        }
    }
}
