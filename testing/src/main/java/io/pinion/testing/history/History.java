package io.pinion.testing.history;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What clients call and are told, written down while they do it. Threadsafe; each attempt is its client's. */
public final class History<C, A> {
    private final Queue<Operation<C, A>> operations = new ConcurrentLinkedQueue<>();
    private final long startNanos = System.nanoTime();

    /** A call that is under way. It ends in exactly one of its ways; what changes nothing may be forgotten instead. */
    public final class Attempt {
        private final int client;
        private final C call;
        private final long beganNanos = nanos();

        private Attempt(int client, C call) {
            this.client = client;
            this.call = call;
        }

        public void answered(A answer) {
            operations.add(new Operation<>(client, call, answer, beganNanos, nanos()));
        }

        /** Whether it took effect, or will, is not known. */
        public void unheard() {
            operations.add(new Operation<>(client, call, null, beganNanos, Operation.NEVER));
        }
    }

    private long nanos() {
        return System.nanoTime() - startNanos;
    }

    /** To be asked for before the call is sent. */
    public Attempt begin(int client, C call) {
        return new Attempt(client, call);
    }

    /** Those that have ended so far. */
    public List<Operation<C, A>> operations() {
        return List.copyOf(operations);
    }
}
