package io.pinion.testing.history;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A set of states with what has taken effect in each. Of two that differ only in calls without an answer, one having all
 * of the other's and more, it keeps the one with fewer: what has not taken effect yet still may. Used by one thread.
 */
final class Configurations<S> {
    private static final int COUNT_MAX = 2_000_000;

    private final Map<Group<S>, List<BitSet>> groups = new HashMap<>();
    private int count;

    /**
     * The data at one moment.
     *
     * @param done slots of calls with an answer that have taken effect and have not ended
     * @param guessed slots of calls without an answer that have taken effect; neither set is changed any more
     */
    record Configuration<S>(S state, BitSet done, BitSet guessed) {
        boolean contains(int slot) {
            return done.get(slot) || guessed.get(slot);
        }

        Configuration<S> withDone(int slot, S after) {
            return new Configuration<>(after, with(done, slot), guessed);
        }

        Configuration<S> withGuessed(int slot, S after) {
            return new Configuration<>(after, done, with(guessed, slot));
        }

        Configuration<S> without(int slot) {
            BitSet less = (BitSet) done.clone();
            less.clear(slot);
            return new Configuration<>(state, less, guessed);
        }

        private static BitSet with(BitSet set, int slot) {
            BitSet more = (BitSet) set.clone();
            more.set(slot);
            return more;
        }
    }

    private record Group<S>(S state, BitSet done) {}

    /**
     * Whether it was not there, nor one that can do all that it can.
     *
     * @throws IllegalStateException if there are too many to go on: the history has too many calls at a time
     */
    boolean add(Configuration<S> added) {
        List<BitSet> guesses =
                groups.computeIfAbsent(new Group<>(added.state(), added.done()), _ -> new ArrayList<>(1));
        for (BitSet known : guesses) {
            if (isWithin(known, added.guessed())) {
                return false;
            }
        }
        int before = guesses.size();
        guesses.removeIf(known -> isWithin(added.guessed(), known));
        guesses.add(added.guessed());
        count += guesses.size() - before;
        if (count > COUNT_MAX) {
            throw new IllegalStateException("too many calls are under way at a time to be looked through");
        }
        return true;
    }

    private static boolean isWithin(BitSet fewer, BitSet more) {
        BitSet rest = (BitSet) fewer.clone();
        rest.andNot(more);
        return rest.isEmpty();
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }

    List<Configuration<S>> all() {
        List<Configuration<S>> all = new ArrayList<>(count);
        groups.forEach((group, guesses) ->
                guesses.forEach(guessed -> all.add(new Configuration<>(group.state(), group.done(), guessed))));
        return all;
    }
}
