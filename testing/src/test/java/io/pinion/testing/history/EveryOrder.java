package io.pinion.testing.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tries all orders of all calls that were answered and of any of the others: plain, and slow. */
final class EveryOrder {
    private EveryOrder() {}

    static <S, C, A> boolean explains(Model<S, C, A> model, List<Operation<C, A>> operations) {
        return explains(model, model.initial(), operations);
    }

    private static <S, C, A> boolean explains(Model<S, C, A> model, S state, List<Operation<C, A>> left) {
        if (left.stream().noneMatch(Operation::isAnswered)) {
            return true;
        }
        for (int i = 0; i < left.size(); i++) {
            Operation<C, A> first = left.get(i);
            boolean mayBeFirst = left.stream().noneMatch(other -> other.endedNanos() < first.beganNanos());
            Optional<S> after = mayBeFirst ? model.step(state, first.call(), first.answer()) : Optional.empty();
            if (after.isPresent() && explains(model, after.get(), without(left, i))) {
                return true;
            }
        }
        return false;
    }

    private static <T> List<T> without(List<T> all, int index) {
        List<T> rest = new ArrayList<>(all);
        rest.remove(index);
        return rest;
    }
}
