package io.pinion.actors.pool;

import io.pinion.modules.Instance;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a node that compile modules, make and close instances and read files: whatever takes time and may not run
 * on a core. Threadsafe; no method blocks.
 *
 * <p>Jobs of which one may take long carry a key, the program they work for. Keys take turns, and of one key all workers
 * but one are busy at most, so that no program keeps the others from theirs. Jobs without a key get every other turn. A
 * worker whose job has lasted longer than {@link WorkerSettings#slowAfter} does not count as one: another thread takes its
 * place until it is back, so that several programs that hang do not stop the node either.
 */
public final class Workers implements Executor, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Workers.class);

    /** After a thread had no memory to take a job it looks again. */
    private static final long NO_MEMORY_NANOS = 10_000_000;

    private final WorkerSettings settings;
    private final int keyedAtOnceMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition jobArrived = lock.newCondition();
    private final Condition jobStarted = lock.newCondition();

    private final ArrayDeque<Runnable> quick = new ArrayDeque<>();
    private final Map<Object, Lane> lanes = new HashMap<>();
    /** Lanes with a job that may be started, in the order of their turns. */
    private final ArrayDeque<Lane> turns = new ArrayDeque<>();

    /** Jobs that run and count, oldest first. */
    private final Set<Run> runs = new LinkedHashSet<>();

    private boolean isTurnOfQuick = true;
    private int queued;
    private int threads;
    private int threadsNamed;
    private int slow;
    private boolean isClosed;

    /** The jobs of one key. */
    private static final class Lane {
        private final Object key;
        private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();
        private int running;
        private boolean isInTurns;

        Lane(Object key) {
            this.key = key;
        }
    }

    /** One job that a thread has taken. */
    private static final class Run {
        private final Runnable job;
        private final @Nullable Lane lane;
        private final long startNanos = System.nanoTime();
        private boolean isSlow;

        Run(Runnable job, @Nullable Lane lane) {
            this.job = job;
            this.lane = lane;
        }
    }

    private Workers(WorkerSettings settings) {
        this.settings = settings;
        this.keyedAtOnceMax = Math.max(1, settings.count() - 1);
    }

    /** Starts all threads at once, so that none inherits the CPU of a core that submits later. */
    public static Workers start(WorkerSettings settings) {
        Workers workers = new Workers(settings);
        workers.lock.lock();
        try {
            workers.startMissing();
        } finally {
            workers.lock.unlock();
        }
        Thread watch = new Thread(workers::watch, "pinion-worker-watch");
        watch.setDaemon(true);
        watch.start();
        return workers;
    }

    /**
     * Runs a job that is soon done.
     *
     * @throws RejectedExecutionException if too many jobs wait, or after {@link #close}
     */
    @Override
    public void execute(Runnable job) {
        lock.lock();
        try {
            refuseIfFull();
            add(job);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs jobs that may take long.
     *
     * @param key the program they work for
     * @return refuses as {@link #execute} does
     */
    public Executor keyed(Object key) {
        return job -> {
            lock.lock();
            try {
                refuseIfFull();
                Lane lane = lanes.computeIfAbsent(key, Lane::new);
                lane.jobs.add(job);
                queued++;
                takeTurn(lane);
                jobArrived.signal();
            } finally {
                lock.unlock();
            }
        };
    }

    /** Closes an instance. Never refused, as there are only as many as were made; after the end it is closed here. */
    public void close(Instance instance) {
        Runnable job = () -> closeQuietly(instance);
        lock.lock();
        try {
            if (threads > 0) {
                add(job);
                return;
            }
        } finally {
            lock.unlock();
        }
        job.run();
    }

    @SuppressWarnings("IllegalCatch") // an engine that cannot close an instance harms nobody else
    private static void closeQuietly(Instance instance) {
        try {
            instance.close();
        } catch (Throwable e) {
            log.warn("an instance could not be closed", e);
        }
    }

    private void add(Runnable job) {
        quick.add(job);
        queued++;
        jobArrived.signal();
    }

    private void refuseIfFull() {
        if (isClosed) {
            throw new RejectedExecutionException("the node stops");
        }
        if (queued >= settings.queueMax()) {
            throw new RejectedExecutionException(
                    queued + " jobs wait for the workers of this node already, which is pinion.pool.worker-queue-max");
        }
    }

    private void takeTurn(Lane lane) {
        if (!lane.isInTurns && lane.running < keyedAtOnceMax && !lane.jobs.isEmpty()) {
            lane.isInTurns = true;
            turns.add(lane);
        }
    }

    /** The loop of a worker. It ends when there are too many of them, or nothing is left after {@link #close}. */
    private void work() {
        boolean isNeeded = true;
        while (isNeeded) {
            try {
                isNeeded = workOnce();
            } catch (OutOfMemoryError e) { // of this thread's own; the job still waits for when there is some
                LockSupport.parkNanos(NO_MEMORY_NANOS);
            }
        }
    }

    /** @return false if the thread is to end */
    private boolean workOnce() {
        Run run = next();
        if (run == null) {
            return false;
        }
        try {
            run(run.job);
        } finally {
            lock.lock();
            try {
                end(run);
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    @SuppressWarnings("IllegalCatch") // a job that fails is not the end of its thread
    private static void run(Runnable job) {
        try {
            job.run();
        } catch (Throwable e) {
            log.error("a job of the workers failed", e);
        }
        // A guest's initialiser may have been interrupted, and the interrupt come late.
        Thread.interrupted();
    }

    /** Waits for a job. Null if the thread is to end. */
    private @Nullable Run next() {
        lock.lock();
        try {
            while (true) {
                if (threads - slow > settings.count()) {
                    return endThread();
                }
                Run run = take();
                if (run != null) {
                    return run;
                }
                if (isClosed && queued == 0) {
                    return endThread();
                }
                jobArrived.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Run endThread() {
        threads--;
        // This one may have been woken for a job; and the watch ends with the last.
        jobArrived.signal();
        if (isClosed) {
            jobStarted.signal();
        }
        return null;
    }

    private void end(Run run) {
        runs.remove(run);
        if (run.isSlow) {
            slow--;
        }
        Lane lane = run.lane;
        if (lane != null) {
            lane.running--;
            takeTurn(lane);
            if (lane.running == 0 && lane.jobs.isEmpty()) {
                lanes.remove(lane.key);
            }
        }
        if (isClosed) {
            jobArrived.signalAll();
        }
    }

    /** What it takes is allocated before anything is changed. */
    private @Nullable Run take() {
        boolean takesQuick = !quick.isEmpty() && (isTurnOfQuick || turns.isEmpty());
        Lane lane = takesQuick ? null : turns.peek();
        if (!takesQuick && lane == null) {
            isTurnOfQuick = true;
            return null;
        }
        Run run = new Run((lane == null ? quick : lane.jobs).element(), lane);
        boolean isFirst = runs.isEmpty();
        runs.add(run);
        isTurnOfQuick = !takesQuick;
        queued--;
        if (lane == null) {
            quick.remove();
        } else {
            remove(lane);
        }
        if (isFirst) {
            jobStarted.signal();
        }
        if (!quick.isEmpty() || !turns.isEmpty()) {
            jobArrived.signal();
        }
        return run;
    }

    private void remove(Lane lane) {
        turns.remove();
        lane.jobs.remove();
        lane.isInTurns = false;
        lane.running++;
        takeTurn(lane);
    }

    /** The loop of the thread that looks after slow jobs. */
    private void watch() {
        lock.lock();
        try {
            while (!isClosed || threads > 0) {
                long left = markSlow();
                left = startMissingIfMemory() ? left : settings.slowAfter().toNanos();
                if (left > 0) {
                    // Whatever starts meanwhile is younger than the job whose time is waited for.
                    var _ = jobStarted.awaitNanos(left);
                } else {
                    jobStarted.await();
                }
            }
        } catch (InterruptedException e) {
            log.error("nobody looks after slow jobs any longer", e);
        } finally {
            lock.unlock();
        }
    }

    /** @return nanoseconds until the next job may be slow, negative if none runs */
    private long markSlow() {
        long slowAfter = settings.slowAfter().toNanos();
        for (var oldest = runs.iterator(); oldest.hasNext(); ) {
            Run run = oldest.next();
            long left = slowAfter - (System.nanoTime() - run.startNanos);
            if (left > 0) {
                return left;
            }
            oldest.remove();
            run.isSlow = true;
            slow++;
        }
        return -1;
    }

    /** @return false if it is worth another try */
    private boolean startMissingIfMemory() {
        try {
            startMissing();
            return true;
        } catch (OutOfMemoryError e) { // also how Java says that the system has no thread for us
            return false;
        }
    }

    private void startMissing() {
        while (threads - slow < settings.count() && threads < settings.count() + settings.slowMax() && !isDone()) {
            Thread thread = new Thread(null, this::work, "pinion-worker-" + ++threadsNamed, settings.stackBytes());
            thread.setDaemon(true);
            thread.start();
            threads++;
        }
    }

    private boolean isDone() {
        return isClosed && queued == 0;
    }

    /** Takes nothing more. What was taken is done, then the threads end. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            jobArrived.signalAll();
            jobStarted.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
