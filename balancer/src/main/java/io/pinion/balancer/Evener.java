package io.pinion.balancer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Evens out what bins have to do by moving items between them: databases between cores, or buckets between nodes.
 *
 * <p>As long as the fullest bin is fuller than the mean by more than the tolerance, the item goes to the emptiest bin that
 * makes the fuller of the two least full; where none does, two items change places. A bin that nothing can be done about
 * is set aside, and the mean is that of the others. Each move makes the fuller of its two bins less full, so the sum of
 * {@code load² / capacity} falls: with constant loads it comes to an end, and nothing is ever worse than before.
 *
 * <p>Costs one pass over all items, the sorting of the items of those bins that are looked at, and a logarithm per move.
 */
final class Evener {
    /** Smaller items are not worth a move: parts of a bin. */
    private static final double ITEM_MIN = 0.0001;
    /** What a large item, or an exchange, has to improve: parts of the tolerance. */
    private static final double GAIN_MIN = 0.25;
    /** Of the largest items of a bin, so many are looked at for an exchange. */
    private static final int EXCHANGE_MAX = 256;

    /** What is left of the tolerance where a bin is full. */
    private static final double TIGHT = 0.2;

    private static final int INDEX_BITS = 24;
    private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

    /** Why an item does not move. */
    enum Hold {
        NONE,
        RESTING,
        PINNED
    }

    /** What is in the bins. Items are numbered from 0, bins too. */
    interface Items {
        int count();

        /** Of the moment when the evener is made. */
        int bin(int item);

        /** In the unit of the capacities. */
        long load(int item);

        Hold hold(int item);

        /** Whether it was there a while ago. */
        boolean isReturning(int item, int toBin);
    }

    /** @param isExchange one half of an exchange */
    record Move(int item, int from, int to, boolean isExchange, boolean makesRoom) {}

    /** A bin that stays too full. */
    record Stuck(int bin, Refusal.Reason reason) {}

    private final double[] loads;
    private final double[] capacities;
    private final Items items;
    private final BalancerSettings.MoveRule rule;
    private final boolean mayExchange;
    private int budget;

    private final int[] offsets;
    private final int[] members;
    private final long[] @Nullable [] sorted;
    private final boolean[] isMoved;
    private final TreeSet<Integer> byFullness;
    private double loadSum;
    private double capacitySum;
    private final List<Move> moves = new ArrayList<>();
    private final List<Stuck> stuck = new ArrayList<>();

    /**
     * @param loads of the bins, changed as items move; may be more than their items add up to
     * @param isBin which bins take part
     */
    Evener(
            double[] loads,
            double[] capacities,
            boolean[] isBin,
            Items items,
            BalancerSettings.MoveRule rule,
            boolean mayExchange,
            int budget) {
        this.loads = loads;
        this.capacities = capacities;
        this.items = items;
        this.rule = rule;
        this.mayExchange = mayExchange;
        this.budget = budget;
        if (items.count() > INDEX_MASK) {
            throw new IllegalArgumentException("too many items for one plan: " + items.count());
        }
        offsets = offsets();
        members = members();
        sorted = new long[loads.length][];
        isMoved = new boolean[items.count()];
        byFullness = new TreeSet<>(Comparator.comparingDouble(this::fullness).thenComparing(Comparator.naturalOrder()));
        for (int bin = 0; bin < loads.length; bin++) {
            if (isBin[bin]) {
                byFullness.add(bin);
                loadSum += loads[bin];
                capacitySum += capacities[bin];
            }
        }
    }

    private double fullness(int bin) {
        return loads[bin] / capacities[bin];
    }

    private int[] offsets() {
        int[] starts = new int[loads.length + 1];
        for (int item = 0; item < items.count(); item++) {
            starts[items.bin(item) + 1]++;
        }
        for (int bin = 0; bin < loads.length; bin++) {
            starts[bin + 1] += starts[bin];
        }
        return starts;
    }

    private int[] members() {
        int[] next = offsets.clone();
        int[] all = new int[items.count()];
        for (int item = 0; item < all.length; item++) {
            all[next[items.bin(item)]++] = item;
        }
        return all;
    }

    /** To be called once. */
    void run() {
        while (byFullness.size() > 1) {
            int full = byFullness.last();
            double above = fullness(full) - loadSum / capacitySum;
            double tolerance = tolerance(fullness(full));
            if (above <= (moves.isEmpty() ? tolerance : tolerance / 2) || fullness(full) < rule.busyMin()) {
                return;
            }
            if (budget <= 0) {
                stuck.add(new Stuck(full, Refusal.Reason.BUDGET_SPENT));
                return;
            }
            int empty = byFullness.first();
            if (!move(full, empty) && !(mayExchange && budget > 1 && exchange(full, empty))) {
                stuck.add(new Stuck(full, whyStuck(full, empty)));
                setAside(full);
            }
        }
    }

    /** The fuller, the tighter: a full bin may be asked for more than it does, and that does not show. */
    private double tolerance(double fullness) {
        return Math.clamp(1 - fullness, rule.imbalance() * TIGHT, rule.imbalance());
    }

    List<Move> moves() {
        return moves;
    }

    List<Stuck> stuck() {
        return stuck;
    }

    private void setAside(int bin) {
        byFullness.remove(bin);
        loadSum -= loads[bin];
        capacitySum -= capacities[bin];
    }

    /** What would make both equally full. */
    private double ideal(int full, int empty) {
        return (fullness(full) - fullness(empty))
                * capacities[full]
                * capacities[empty]
                / (capacities[full] + capacities[empty]);
    }

    /** How much less full the fuller of both is with so much less here and more there; negative if it is fuller. */
    private double gain(int full, int empty, long load) {
        double fuller = Math.max((loads[full] - load) / capacities[full], (loads[empty] + load) / capacities[empty]);
        return fullness(full) - fuller;
    }

    /** Small items need no gain but their own size; large ones have to be worth it. */
    private boolean isWorthwhile(int full, int empty, long load) {
        return load <= ideal(full, empty)
                ? load >= ITEM_MIN * capacities[full]
                : gain(full, empty, load) >= GAIN_MIN * rule.imbalance();
    }

    private boolean move(int full, int empty) {
        long[] candidates = candidates(full);
        int above = firstAtLeast(candidates, (long) ideal(full, empty) + 1);
        int best = better(
                full, empty, next(candidates, above - 1, -1, empty), next(candidates, above, 1, empty), candidates);
        if (best < 0) {
            return false;
        }
        int item = item(candidates[best]);
        put(item, full, empty, false, makesRoom(full, item));
        return true;
    }

    /** The nearest that may go there, from a place in a direction; -1 if there is none. */
    private int next(long[] candidates, int from, int step, int toBin) {
        for (int at = from; at >= 0 && at < candidates.length; at += step) {
            int item = item(candidates[at]);
            if (!isMoved[item] && !items.isReturning(item, toBin)) {
                return at;
            }
        }
        return -1;
    }

    private int better(int full, int empty, int small, int large, long[] candidates) {
        boolean isSmall = small >= 0 && isWorthwhile(full, empty, load(candidates[small]));
        boolean isLarge = large >= 0 && isWorthwhile(full, empty, load(candidates[large]));
        if (isSmall && isLarge && load(candidates[large]) > loads[full] / 2) {
            return small; // what is most of the load would be most of it elsewhere: others make room
        }
        if (isSmall && isLarge) {
            return gain(full, empty, load(candidates[small])) >= gain(full, empty, load(candidates[large]))
                    ? small
                    : large;
        }
        return isSmall ? small : isLarge ? large : -1;
    }

    /** Whether something larger than what moves stays, and is most of what a bin does on average. */
    private boolean makesRoom(int full, int moving) {
        long largest = 0;
        for (int at = offsets[full]; at < offsets[full + 1]; at++) {
            largest = Math.max(largest, isMoved[members[at]] ? 0 : items.load(members[at]));
        }
        return largest > items.load(moving) && largest / capacities[full] >= loadSum / capacitySum;
    }

    private boolean exchange(int full, int empty) {
        long[] here = candidates(full);
        long[] there = candidates(empty);
        double gainMin = GAIN_MIN * rule.imbalance();
        double best = 0;
        int bestHere = -1;
        int bestThere = -1;
        double wanted = ideal(full, empty);
        int other = there.length - 1;
        for (int at = here.length - 1; at >= Math.max(0, here.length - EXCHANGE_MAX); at--) {
            int item = item(here[at]);
            if (isMoved[item] || items.isReturning(item, empty)) {
                continue;
            }
            while (other > 0
                    && there.length - other < EXCHANGE_MAX
                    && load(here[at]) - load(there[other]) < wanted
                    && load(here[at]) - load(there[other - 1]) <= wanted) {
                other--;
            }
            for (int near = Math.max(0, other - 1); near <= Math.min(there.length - 1, other + 1); near++) {
                int back = item(there[near]);
                double gain = gain(full, empty, load(here[at]) - load(there[near]));
                if (gain > best && gain >= gainMin && !isMoved[back] && !items.isReturning(back, full)) {
                    best = gain;
                    bestHere = item;
                    bestThere = back;
                }
            }
        }
        if (bestHere < 0) {
            return false;
        }
        put(bestHere, full, empty, true, false);
        put(bestThere, empty, full, true, false);
        return true;
    }

    private void put(int item, int from, int to, boolean isExchange, boolean makesRoom) {
        byFullness.remove(from);
        byFullness.remove(to);
        loads[from] -= items.load(item);
        loads[to] += items.load(item);
        byFullness.add(from);
        byFullness.add(to);
        isMoved[item] = true;
        budget--;
        moves.add(new Move(item, from, to, isExchange, makesRoom));
    }

    /** The items of a bin that may move, by load; lower bits are their numbers. */
    private long[] candidates(int bin) {
        long[] known = sorted[bin];
        if (known != null) {
            return known;
        }
        double loadMin = ITEM_MIN * capacities[bin];
        long[] keys = new long[offsets[bin + 1] - offsets[bin]];
        int count = 0;
        for (int at = offsets[bin]; at < offsets[bin + 1]; at++) {
            int item = members[at];
            if (items.load(item) >= loadMin && items.hold(item) == Hold.NONE) {
                keys[count++] = items.load(item) << INDEX_BITS | item;
            }
        }
        long[] fresh = Arrays.copyOf(keys, count);
        Arrays.sort(fresh);
        sorted[bin] = fresh;
        return fresh;
    }

    private static int firstAtLeast(long[] candidates, long load) {
        int at = Arrays.binarySearch(candidates, load << INDEX_BITS);
        return at >= 0 ? at : -at - 1;
    }

    private static long load(long key) {
        return key >>> INDEX_BITS;
    }

    private static int item(long key) {
        return (int) (key & INDEX_MASK);
    }

    private Refusal.Reason whyStuck(int full, int empty) {
        boolean isResting = false;
        boolean isPinned = false;
        boolean isReturning = false;
        long largest = 0;
        for (int at = offsets[full]; at < offsets[full + 1]; at++) {
            int item = members[at];
            boolean isHere = !isMoved[item];
            long load = isHere ? items.load(item) : 0;
            boolean fits = isHere && isWorthwhile(full, empty, load);
            Hold hold = items.hold(item);
            isResting |= fits && hold == Hold.RESTING;
            isPinned |= fits && hold == Hold.PINNED;
            isReturning |= fits && hold == Hold.NONE && items.isReturning(item, empty);
            largest = Math.max(largest, load);
        }
        if (isResting) {
            return Refusal.Reason.RESTING;
        }
        if (isReturning) {
            return Refusal.Reason.RETURNING;
        }
        if (isPinned) {
            return Refusal.Reason.ALL_PINNED;
        }
        return largest > loads[full] / 2 ? Refusal.Reason.GIANT : Refusal.Reason.NOTHING_FITS;
    }
}
