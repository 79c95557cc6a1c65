package io.pinion.store.tx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/**
 * What a datastore knows of a frozen view: whether somebody may still read it. Threadsafe.
 *
 * <p>One number says all: twice the reads that are running, plus one once the view is closed. At exactly one the view is
 * released, for good: no read begins on a closed one. Whoever sees that sees all of what its readers did (each of them
 * has changed the number after its last read), so the writer may change what the view had shared.
 */
final class ViewLease extends PhantomReference<FrozenView> {
    private static final VarHandle STATE;
    private static final int CLOSED = 1;
    private static final int READ = 2;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(ViewLease.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** See {@link io.pinion.store.table.Epochs}. */
    final long number;

    final String reader;

    @SuppressWarnings("unused") // used as STATE
    private volatile int state;

    ViewLease(FrozenView view, ReferenceQueue<FrozenView> unreachable, long number, String reader) {
        super(view, unreachable);
        this.number = number;
        this.reader = reader;
    }

    /** Begins a read, which {@link #leave} ends; false if the view is closed. */
    boolean enter() {
        int now = state;
        while ((now & CLOSED) == 0) {
            if (STATE.compareAndSet(this, now, now + READ)) {
                return true;
            }
            now = state;
        }
        return false;
    }

    void leave() {
        STATE.getAndAdd(this, -READ);
    }

    void close() {
        STATE.getAndBitwiseOr(this, CLOSED);
    }

    boolean isClosed() {
        return (state & CLOSED) != 0;
    }

    boolean isReleased() {
        return state == CLOSED;
    }
}
