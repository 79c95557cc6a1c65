package io.pinion.actors.core;

import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs the mailboxes of the databases bound to it, one turn at a time, in the order in which they became
 * runnable. Any thread may submit; the queue takes everything, as a dispatcher that refuses a mailbox would strand it,
 * and its length is bounded by the number of databases: a mailbox stands in it at most once.
 *
 * <p>Waking: the submitter enqueues and then reads {@code parked}; the core sets {@code parked} and then looks at the
 * queue once more. One of the two sees the other, so no wake-up is lost.
 */
final class Core {
    private static final Logger log = LoggerFactory.getLogger(Core.class);

    private final int index;
    private final Placement placement;
    private final ConcurrentLinkedQueue<Turn> runQueue = new ConcurrentLinkedQueue<>();
    private final DelayHistogram queueDelay = new DelayHistogram();
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean closed;
    private volatile long turnStartNanos;
    private volatile boolean isRunning;
    private volatile long busyNanos;
    private volatile long turns;

    private record Turn(Runnable task, Binding binding, long queuedNanos) {}

    Core(int index, long stackBytes, Placement placement) {
        this.index = index;
        this.placement = placement;
        this.thread = new Thread(null, this::run, "pinion-core-" + index, stackBytes);
        this.thread.setDaemon(true);
    }

    int index() {
        return index;
    }

    void start() {
        thread.start();
    }

    void execute(Runnable task, Binding binding) {
        runQueue.add(new Turn(task, binding, System.nanoTime()));
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Ends the thread when the queue is empty. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    CoreLoad load() {
        return new CoreLoad(
                index,
                placement.cpu(index),
                busyNanos,
                turns,
                0,
                0,
                runQueue.size(),
                queueDelay.snapshot(),
                isRunning ? Optional.of(new CoreLoad.Turn(Optional.empty(), turnStartNanos)) : Optional.empty());
    }

    private void run() {
        int threadId = placement.enter(index);
        runTurns();
        placement.leave(threadId);
    }

    private void runTurns() {
        while (true) {
            Turn turn = runQueue.poll();
            if (turn != null) {
                runTurn(turn);
            } else if (closed) {
                return;
            } else {
                parked = true;
                if (runQueue.isEmpty() && !closed) {
                    LockSupport.park(this);
                }
                parked = false;
            }
        }
    }

    /** Nothing that a turn throws may end the core, and no turn sees an interrupt that was meant for another. */
    @SuppressWarnings({"IllegalCatch", "NonAtomicVolatileUpdate"}) // this thread alone writes the counts
    private void runTurn(Turn turn) {
        long start = System.nanoTime();
        queueDelay.record(start - turn.queuedNanos());
        turnStartNanos = start;
        isRunning = true;
        Thread.interrupted();
        try {
            turn.task().run();
        } catch (Throwable e) {
            log.error("A turn on {} threw; the core carries on", thread.getName(), e);
        } finally {
            Thread.interrupted();
            long nanos = System.nanoTime() - start;
            isRunning = false;
            busyNanos += nanos;
            turns++;
            turn.binding().noteTurn(nanos);
        }
    }
}
