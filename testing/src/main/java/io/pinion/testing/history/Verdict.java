package io.pinion.testing.history;

import java.util.List;

/** What was found of a history. */
public sealed interface Verdict {
    /** There is an order of the calls, each within its time, in which one copy gives all the answers. */
    record Linearizable(int operations) implements Verdict {}

    /**
     * There is none.
     *
     * @param operation whose answer cannot be explained, given all that had ended before
     * @param concurrent what was under way at its end
     * @param states all that were possible before
     */
    record Violated(Operation<?, ?> operation, List<Operation<?, ?>> concurrent, List<?> states) implements Verdict {
        public Violated {
            concurrent = List.copyOf(concurrent);
            states = List.copyOf(states);
        }
    }
}
