package io.pinion.actors.database;

import io.pinion.actors.pool.PoolSettings;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of a node that compile modules, make and close instances and read files. Bounded; a full queue refuses. */
final class Workers {
    private Workers() {}

    /** Starts all threads at once, so that none inherits the CPU of a core that submits later. */
    static ThreadPoolExecutor start(PoolSettings settings) {
        AtomicInteger count = new AtomicInteger();
        ThreadFactory threads = task -> {
            Thread thread =
                    new Thread(null, task, "pinion-worker-" + count.incrementAndGet(), settings.workerStackBytes());
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor workers = new ThreadPoolExecutor(
                settings.workers(),
                settings.workers(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(settings.workerQueueMax()),
                threads);
        workers.prestartAllCoreThreads();
        return workers;
    }
}
