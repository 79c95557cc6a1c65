package io.pinion.testing.history;

import io.pinion.testing.history.Configurations.Configuration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a history can be that of one copy of the data: whether each call can have taken effect at one moment between its
 * beginning and its end. Calls without an answer may have taken effect at any moment since they began, or never.
 *
 * <p>It walks through beginnings and ends in the order of time and keeps all states that the data can be in. A call that
 * begins may take effect from then on; one that ends must have, and only then it is looked what else may have before it
 * (G. Lowe, Testing for linearizability, 2016: just-in-time linearization). A state in which a call that ends cannot have
 * been answered as it was is dropped; when none is left, the history is none of one copy.
 *
 * <p>The time it takes grows with the length of the history, and with two to the power of how many are under way at a time.
 */
public final class Linearizability<S, C, A> {
    private static final int STATES_SHOWN_MAX = 20;

    private final Model<S, C, A> model;
    /** What is under way, by slot; a slot is free again when its call has ended. */
    private final List<@Nullable Operation<C, A>> slots = new ArrayList<>();

    /** Two calls may be equal. */
    private final IdentityHashMap<Operation<C, A>, Integer> slotOf = new IdentityHashMap<>();

    private Configurations<S> possible = new Configurations<>();

    private Linearizability(Model<S, C, A> model) {
        this.model = model;
        possible.add(new Configuration<>(model.initial(), new BitSet(), new BitSet()));
    }

    private record Event<C, A>(long nanos, boolean isEnd, Operation<C, A> operation) {}

    /** @param operations of one copy, in no order; where the data are independent parts, checking each is faster */
    public static <S, C, A> Verdict check(Model<S, C, A> model, List<Operation<C, A>> operations) {
        Linearizability<S, C, A> check = new Linearizability<>(model);
        for (Event<C, A> event : inOrder(operations)) {
            if (!event.isEnd()) {
                check.begin(event.operation());
            } else {
                Optional<Verdict> violation = check.end(event.operation());
                if (violation.isPresent()) {
                    return violation.get();
                }
            }
        }
        return new Verdict.Linearizable(operations.size());
    }

    /** What begins in the nanosecond in which something else ends may have taken effect before it. */
    private static <C, A> List<Event<C, A>> inOrder(List<Operation<C, A>> operations) {
        List<Event<C, A>> events = new ArrayList<>(2 * operations.size());
        for (Operation<C, A> operation : operations) {
            events.add(new Event<>(operation.beganNanos(), false, operation));
            if (operation.isAnswered()) {
                events.add(new Event<>(operation.endedNanos(), true, operation));
            }
        }
        events.sort(Comparator.<Event<C, A>>comparingLong(Event::nanos).thenComparing(Event::isEnd));
        return events;
    }

    private void begin(Operation<C, A> operation) {
        int free = slots.indexOf(null);
        if (free < 0) {
            free = slots.size();
            slots.add(operation);
        } else {
            slots.set(free, operation);
        }
        slotOf.put(operation, free);
    }

    private Optional<Verdict> end(Operation<C, A> operation) {
        int slot = Objects.requireNonNull(slotOf.remove(operation));
        Configurations<S> after = ended(slot);
        slots.set(slot, null);
        if (after.isEmpty()) {
            return Optional.of(violation(operation));
        }
        possible = after;
        return Optional.empty();
    }

    /** All configurations in which the call of the slot has taken effect, be it after others that are under way. */
    private Configurations<S> ended(int ending) {
        Configurations<S> after = new Configurations<>();
        Configurations<S> seen = new Configurations<>();
        Deque<Configuration<S>> open = new ArrayDeque<>(possible.all());
        while (!open.isEmpty()) {
            Configuration<S> next = open.remove();
            if (next.contains(ending)) {
                after.add(next.without(ending));
                continue;
            }
            for (int slot = 0; slot < slots.size(); slot++) {
                Optional<Configuration<S>> further = step(next, slot);
                if (further.isPresent() && seen.add(further.get())) {
                    open.add(further.get());
                }
            }
        }
        return after;
    }

    private Optional<Configuration<S>> step(Configuration<S> from, int slot) {
        Operation<C, A> operation = slots.get(slot);
        if (operation == null || from.contains(slot)) {
            return Optional.empty();
        }
        return model.step(from.state(), operation.call(), operation.answer())
                .map(state -> operation.isAnswered() ? from.withDone(slot, state) : from.withGuessed(slot, state));
    }

    private Verdict violation(Operation<C, A> operation) {
        List<Operation<?, ?>> concurrent = new ArrayList<>();
        for (Operation<C, A> other : slots) {
            if (other != null) {
                concurrent.add(other);
            }
        }
        List<S> states = possible.all().stream()
                .map(Configuration::state)
                .distinct()
                .limit(STATES_SHOWN_MAX)
                .toList();
        return new Verdict.Violated(operation, concurrent, states);
    }
}
