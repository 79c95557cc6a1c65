package io.pinion.journal;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** A pool whose threads do themselves what comes of what they do, as {@link OwnWork} has it. Threadsafe. */
final class OwnWorkExecutor extends AbstractExecutorService {
    private final ExecutorService threads;

    OwnWorkExecutor(ExecutorService threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        if (!OwnWork.take(task, this::start)) {
            start(task);
        }
    }

    private void start(Runnable task) {
        threads.execute(() -> OwnWork.during(task));
    }

    @Override
    public void shutdown() {
        threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
