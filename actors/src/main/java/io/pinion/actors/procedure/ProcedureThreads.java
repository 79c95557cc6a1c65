package io.pinion.actors.procedure;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a node that run procedures, one each for as long as it runs, as procedures wait. They are started by a
 * thread of their own and never by a core, whose CPU they would inherit. Threadsafe.
 */
public final class ProcedureThreads implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProcedureThreads.class);

    private static final long NO_THREAD_NANOS = 10_000_000;

    private final ThreadPoolExecutor threads;
    private final ExecutorService starter;
    private final AtomicInteger running = new AtomicInteger();
    private final int max;

    private ProcedureThreads(int max, ThreadFactory factory) {
        this.max = max;
        threads = new ThreadPoolExecutor(0, max, 1, TimeUnit.MINUTES, new SynchronousQueue<>(), factory);
        starter = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("pinion-procedure-starter").daemon().factory());
        starter.execute(() -> {}); // from here, so that no core starts it
    }

    /**
     * @param max of all databases together, at least 1
     * @param stackBytes guests recurse on it
     */
    public static ProcedureThreads start(int max, int stackBytes) {
        AtomicInteger named = new AtomicInteger();
        return new ProcedureThreads(max, task -> {
            Thread thread = new Thread(null, task, "pinion-procedure-" + named.incrementAndGet(), stackBytes);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Runs a procedure. Never blocks.
     *
     * @throws RejectedExecutionException if as many run as may, or the node stops
     */
    public void execute(Runnable procedure) {
        if (running.incrementAndGet() > max) {
            running.decrementAndGet();
            throw new RejectedExecutionException(
                    max + " procedures run on this node already, which is pinion.procedure.threads-max");
        }
        try {
            starter.execute(() -> start(procedure));
        } catch (RejectedExecutionException e) {
            running.decrementAndGet();
            throw e;
        }
    }

    private void start(Runnable procedure) {
        Runnable counted = () -> {
            try {
                procedure.run();
            } finally {
                running.decrementAndGet();
            }
        };
        boolean isStarted = false;
        while (!isStarted) {
            try {
                threads.execute(counted);
                isStarted = true;
            } catch (RejectedExecutionException e) { // the thread of one that has just ended is not back yet
                if (threads.isShutdown()) {
                    running.decrementAndGet();
                    log.debug("a procedure is not started, as the node stops", e);
                    return;
                }
                Thread.onSpinWait();
            } catch (OutOfMemoryError e) { // also how Java says that the system has no thread for us
                log.warn("there is no thread for a procedure; it is tried again", e);
                LockSupport.parkNanos(NO_THREAD_NANOS);
            }
        }
    }

    @Override
    public void close() {
        starter.shutdown();
        threads.shutdownNow();
    }
}
