package io.pinion.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.typed.ActorRef;

/** A thread that sends numbered messages as fast as they are handled, at most {@link #WINDOW} ahead. */
final class NumberedStream {
    /** More than is handled while a sender pauses, so that there is always something to handle. */
    private static final int WINDOW = 4096;

    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final RebindActor state;
    private final ActorRef<RebindActor.Command> actor;
    private final int sender;
    private final Thread thread;
    private volatile boolean isStopping;
    private long sent;

    private NumberedStream(RebindActor state, ActorRef<RebindActor.Command> actor, int sender) {
        this.state = state;
        this.actor = actor;
        this.sender = sender;
        this.thread = Thread.ofPlatform().name("bench-sender-" + sender).unstarted(this::run);
    }

    static NumberedStream start(RebindActor state, ActorRef<RebindActor.Command> actor, int sender) {
        NumberedStream stream = new NumberedStream(state, actor, sender);
        stream.thread.start();
        return stream;
    }

    private void run() {
        while (!isStopping) {
            if (sent - state.handled(sender) < WINDOW) {
                actor.tell(new RebindActor.Command.Numbered(sender, sent++));
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Ends the stream and waits for what it has sent; messages that were not handled in half a minute are lost. */
    long stopAndCountLost() throws InterruptedException {
        isStopping = true;
        thread.join();
        long begin = System.nanoTime();
        while (state.handled(sender) < sent && System.nanoTime() - begin < DRAIN_NANOS) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return sent - state.handled(sender);
    }
}
