package io.pinion.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. Whatever waits at the moment it looks becomes one WriteBatch and one synced write; what
 * comes in meanwhile is the next. Those who wait are answered on this thread, and as long as they are few what they do then
 * is done here as well, which is mostly to send the next write.
 *
 * <p>States: <em>running</em>; <em>closing</em>, when nothing new is taken and what waits is still written; <em>stopped</em>,
 * after the first write that failed. Whether such a write reached the disk is unknown, and so would be everything built
 * on it: from then on every operation fails by name until the store is opened again. Where it failed for want of memory, or
 * by another error of the JVM, the thread ends with that error, and Pekko ends the process as it does for its own threads.
 */
final class CommitLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CommitLoop.class);

    private final JournalSettings settings;
    private final SyncedWrites writes;
    private final HighWaterMark mark;
    private final BatchBuilder builder;
    private final JournalCounters counters;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private ArrayDeque<Operation> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closing;

    private final AtomicReference<@Nullable JournalException> failure = new AtomicReference<>();
    private long markSyncedNanos = System.nanoTime();

    /** @param threads what makes the thread, and decides what follows when it ends with an error */
    CommitLoop(
            JournalSettings settings,
            SyncedWrites writes,
            HighWaterMark mark,
            StoreReader reader,
            JournalCounters counters,
            ThreadFactory threads) {
        this.settings = settings;
        this.writes = writes;
        this.mark = mark;
        this.counters = counters;
        this.builder = new BatchBuilder(reader, new Writers(reader, settings.cachedIdsMax()), counters);
        this.thread = threads.newThread(this::run);
        thread.setDaemon(true);
        thread.setName("pinion-journal-commit");
    }

    void start() {
        thread.start();
    }

    /** Never blocks; the outcome is in {@code operation.done()}. Any thread. */
    void submit(Operation operation) {
        JournalException refusal = enqueue(operation);
        if (refusal != null) {
            operation.done().completeExceptionally(refusal);
        }
    }

    Optional<JournalException> failure() {
        return Optional.ofNullable(failure.get());
    }

    long queuedBytes() {
        lock.lock();
        try {
            return waitingBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Writes what waits, syncs the mark and ends the thread; blocks until then. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            log.warn("interrupted while the journal in {} wrote what was waiting", settings.directory());
        }
    }

    private @Nullable JournalException enqueue(Operation operation) {
        lock.lock();
        try {
            JournalException stopped = failure.get();
            if (stopped != null) {
                return stopped;
            }
            if (closing) {
                return new JournalException("the journal in " + settings.directory() + " is closed");
            }
            boolean full = waitingBytes + operation.bytes() > settings.queuedBytesMax();
            if (full && operation.bytes() > 0 && !waiting.isEmpty()) {
                return new JournalException("the journal in " + settings.directory() + " is overloaded: " + waitingBytes
                        + " bytes wait to be written, " + settings.queuedBytesMax() + " may");
            }
            waiting.add(operation);
            waitingBytes += operation.bytes();
            changed.signal();
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try (builder;
                mark) {
            for (ArrayDeque<Operation> taken = take(); taken != null; taken = take()) {
                commit(taken);
                syncMarkWhenDue();
            }
            mark.sync();
        } catch (VirtualMachineError e) {
            stop(e);
            throw e;
        } catch (Throwable t) {
            stop(t);
        }
    }

    /** @return what waits, nothing if only the mark is to be synced, null if the loop is to end */
    private @Nullable ArrayDeque<Operation> take() throws InterruptedException {
        lock.lock();
        try {
            boolean waited = false;
            while (waiting.isEmpty() && !closing && !(waited && !mark.synced())) {
                if (mark.synced()) {
                    changed.await();
                } else {
                    waited = changed.awaitNanos(settings.markSyncInterval().toNanos()) <= 0;
                }
            }
            if (waiting.isEmpty() && closing) {
                return null;
            }
            ArrayDeque<Operation> taken = waiting;
            waiting = new ArrayDeque<>();
            waitingBytes = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void commit(ArrayDeque<Operation> taken) throws RocksDBException, IOException {
        try {
            while (!taken.isEmpty()) {
                fillBatch(taken);
                writeBatch();
                OwnWork.during(builder::acknowledgeAll);
            }
        } catch (RocksDBException | IOException | RuntimeException | Error e) {
            JournalException reason = stop(e);
            taken.forEach(operation -> operation.done().completeExceptionally(reason));
            throw e;
        }
    }

    private void fillBatch(ArrayDeque<Operation> taken) throws RocksDBException {
        long bytes = 0;
        while (!taken.isEmpty() && bytes < settings.batchBytesMax() && !builder.mustWait(taken.getFirst())) {
            Operation operation = taken.removeFirst();
            bytes += operation.bytes();
            builder.add(operation);
        }
    }

    private void writeBatch() throws RocksDBException, IOException {
        if (builder.isEmpty()) {
            return;
        }
        long started = System.nanoTime();
        writes.write(builder.complete());
        counters.syncNanos.add(System.nanoTime() - started);
        counters.batches.increment();
        mark.advance(writes.latestSequence());
    }

    private void syncMarkWhenDue() throws IOException {
        long now = System.nanoTime();
        if (!mark.synced()
                && now - markSyncedNanos >= settings.markSyncInterval().toNanos()) {
            mark.sync();
            markSyncedNanos = now;
        }
    }

    /** Fails what is in the batch and what waits, and everything that will ever be asked for. */
    private JournalException stop(Throwable cause) {
        JournalException reason = new JournalException(
                "the journal in " + settings.directory() + " stopped after a write failed: " + cause.getMessage(),
                cause);
        if (!failure.compareAndSet(null, reason)) {
            return reason;
        }
        log.error("{}; it takes no more writes until it is opened again", reason.getMessage(), cause);
        builder.failAll(reason);
        ArrayDeque<Operation> left;
        lock.lock();
        try {
            left = waiting;
            waiting = new ArrayDeque<>();
            waitingBytes = 0;
        } finally {
            lock.unlock();
        }
        left.forEach(operation -> operation.done().completeExceptionally(reason));
        return reason;
    }
}
