package io.pinion.testing.history;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one copy of the data does with calls, one after the other.
 *
 * @param <S> its states, immutable and comparable by equals
 * @param <C> the calls
 * @param <A> the answers
 */
public interface Model<S, C, A> {
    S initial();

    /**
     * The state after a call; empty if the call is not answered so in that state.
     *
     * @param answer null if it is not known: any will do
     */
    Optional<S> step(S state, C call, @Nullable A answer);
}
