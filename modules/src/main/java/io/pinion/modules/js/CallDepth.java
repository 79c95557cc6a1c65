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

    static final class Counter {
        int depth;
        boolean isExceeded;
    }

    /** A call begins, with nothing on the stack. */
    void begin() {
        Counter counter = counters.get();
        counter.depth = 0;
        counter.isExceeded = false;
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
