package io.pinion.actors.core;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
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
public final class Core implements Executor {
    private static final Logger log = LoggerFactory.getLogger(Core.class);

    private final ConcurrentLinkedQueue<Runnable> runQueue = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean closed;

    Core(int index, long stackBytes) {
        this.thread = new Thread(null, this::run, "pinion-core-" + index, stackBytes);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void execute(Runnable turn) {
        runQueue.add(turn);
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Ends the thread when the queue is empty. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        while (true) {
            Runnable turn = runQueue.poll();
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
    private void runTurn(Runnable turn) {
        Thread.interrupted();
        try {
            turn.run();
        } catch (Throwable e) {
            log.error("A turn on {} threw; the core carries on", thread.getName(), e);
        } finally {
            Thread.interrupted();
        }
    }
}
