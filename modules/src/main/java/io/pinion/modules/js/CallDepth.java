package io.pinion.modules.js;

import com.oracle.truffle.api.ContextLocal;

/**
 * How deep the guest's functions are nested in each other, by context. Kept by {@link CallDepthInstrument}; asked by the
 * thread that is in the context.
 */
final class CallDepth {
    /** What a core's stack of 16 MiB has room for, at 4 KiB per level; a simple function takes 1.5 KiB interpreted. */
    static final int MAX = 4_000;

    static final String EXCEEDED =
            "the call stack is exhausted: more than " + MAX + " functions called each other, or fewer large ones";

    private final ContextLocal<Counter> counters;

    CallDepth(ContextLocal<Counter> counters) {
        this.counters = counters;
    }

    /** Written by the context's thread, but for a stop. */
    @SuppressWarnings("removal") // ThreadDeath: see the class comment of Border
    static final class Counter {
        int depth;
        boolean isExceeded;
        /**
         * Whether the call was asked to stop: then no function begins. Not volatile, which would cost a function that is
         * compiled into its caller more than the function does: one that is called looks anew.
         */
        boolean isStopped;

        /** Made beforehand, as it is thrown where the stack may have room for nothing more. */
        final ThreadDeath end = new ThreadDeath();

        private void begin() {
            depth = 0;
            isExceeded = false;
            isStopped = false;
        }

        /** By any thread, while the call runs. */
        void stop() {
            isStopped = true;
        }
    }

    /** A call begins, with nothing on the stack. */
    Counter begin() {
        Counter counter = counters.get();
        counter.begin();
        return counter;
    }

    /** Whether every function that was counted when it began has been counted when it ended. */
    boolean isBalanced() {
        return counters.get().depth == 0;
    }

    /** Whether the call that began last was ended for its depth. */
    boolean isExceeded() {
        return counters.get().isExceeded;
    }
}
