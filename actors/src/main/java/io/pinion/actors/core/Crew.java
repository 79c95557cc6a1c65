package io.pinion.actors.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one core: one owns it, some finish turns that the core was taken from, some are spare and wait.
 *
 * <p>Who owns the core alone touches its run queue. The monitor names another owner after it has taken the running turn
 * (see {@link TurnSlot}), and nobody else does before the core closes. A worker is spare while it is in {@code spares};
 * who removes it decides about it: the monitor, to make it the owner or to put it back, or the worker itself, to end.
 */
final class Crew {
    /** Spares beyond these end at once. */
    static final int SPARES_MAX = 4;
    /** A spare that is not needed for so long ends. */
    private static final long SPARE_NANOS = 10_000_000_000L;

    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(Crew.class, "owner", Worker.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Core core;
    private final ConcurrentLinkedDeque<Worker> spares = new ConcurrentLinkedDeque<>();
    /** All whose threads have been started and have not ended. */
    private final Set<Worker> workers = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Worker owner;
    private int hired;

    Crew(Core core) {
        this.core = core;
    }

    /** Gives the core its first owner. */
    void start() {
        owner(hire());
    }

    /** A new worker, with a thread that waits to own the core. One thread at a time. */
    Worker hire() {
        String name = "pinion-core-" + core.index() + (hired == 0 ? "" : "-relief-" + hired);
        Worker worker = new Worker(core, name);
        workers.add(worker);
        start(worker);
        hired++;
        return worker;
    }

    private void start(Worker worker) {
        boolean isStarted = false;
        try {
            worker.start();
            isStarted = true;
        } finally {
            if (!isStarted) {
                workers.remove(worker);
            }
        }
    }

    /** As it goes on changing. Any thread. */
    Set<Worker> workers() {
        return Set.copyOf(workers);
    }

    /** Whose thread runs the core; nobody's when it has closed. */
    @Nullable
    Worker owner() {
        return owner;
    }

    /** Names the owner. Monitor only, having taken the core from the one before. */
    void owner(Worker worker) {
        owner = worker;
        worker.unpark();
    }

    /** Gives up a closed core. Owner only. */
    void disown() {
        owner = null;
    }

    /** Takes on a core that was given up. */
    boolean own(Worker worker) {
        return OWNER.compareAndSet(this, (Worker) null, worker);
    }

    /** A spare, which is the caller's to name owner or to put back. */
    @Nullable
    Worker takeSpare() {
        return spares.pollFirst();
    }

    /** @return false if there are enough */
    boolean addSpare(Worker worker) {
        if (spares.size() >= SPARES_MAX) {
            return false;
        }
        spares.addFirst(worker);
        return true;
    }

    /** Puts back what {@link #takeSpare} gave or makes a spare of a new one. */
    void putBack(Worker worker) {
        spares.addFirst(worker);
    }

    /**
     * Waits as a spare. Called by the worker's own thread.
     *
     * @return false if it is not needed any longer and is to end
     */
    boolean awaitOwnership(Worker worker) {
        long since = System.nanoTime();
        while (owner != worker) {
            boolean isOver = core.inbox().isClosed() || System.nanoTime() - since >= SPARE_NANOS;
            if (isOver && spares.remove(worker)) {
                return false;
            }
            LockSupport.parkNanos(this, isOver ? 1_000_000 : SPARE_NANOS);
        }
        return true;
    }

    /** A worker's thread ends. */
    void left(Worker worker) {
        workers.remove(worker);
    }

    /** Threads beyond the owner's. */
    int reliefThreads() {
        return Math.max(0, workers.size() - 1);
    }

    void close() {
        spares.forEach(Worker::unpark);
    }
}
