package io.pinion.store.query;

import io.pinion.store.query.Condition.ColumnWithColumn;
import io.pinion.store.query.Condition.ColumnWithValue;
import io.pinion.store.query.JoinPlan.Access;
import io.pinion.store.query.JoinPlan.Step;
import io.pinion.store.query.Statement.Operator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Finds a way to the rows of one fragment. From a first table it goes on to whichever costs least by what is known by
 * then: a key of an index before a range, a range before looking at every row. Of the tables to begin with it takes the
 * one that makes the whole cheapest.
 *
 * <p>Costs are counted in rows looked at, from the sizes of the tables and rules of thumb.
 */
final class JoinPlanner {
    /** With more tables than that the first is chosen by its own cost alone. */
    private static final int STARTS_MAX = 8;

    private static final double PASSED_BY_FILTER = 0.3;

    private final LogicalSelect select;
    private final List<Condition> conditions;
    private final double[] sizes;

    JoinPlanner(LogicalSelect select, ToLongFunction<Catalog.Table> rowCounts) {
        this.select = select;
        this.conditions = withImplied(select.conditions());
        this.sizes = select.tables().stream()
                .mapToDouble(table -> (double) Math.max(1, rowCounts.applyAsLong(table)))
                .toArray();
    }

    /** All conditions, and those that follow from two of them: what equals a column that equals a value equals it too. */
    static List<Condition> withImplied(List<Condition> conditions) {
        List<Condition> all = new ArrayList<>(conditions);
        Set<Condition> known = new HashSet<>(conditions);
        List<ColumnWithColumn> equalities = new ArrayList<>();
        for (Condition condition : conditions) {
            if (condition instanceof ColumnWithColumn equality && equality.operator() == Operator.EQUAL) {
                equalities.add(equality);
            }
        }
        for (int i = 0; i < all.size() && !equalities.isEmpty(); i++) {
            if (all.get(i) instanceof ColumnWithValue value && value.operator() == Operator.EQUAL) {
                for (ColumnWithColumn equality : equalities) {
                    addImplied(value, equality, known, all);
                }
            }
        }
        return all;
    }

    private static void addImplied(
            ColumnWithValue value, ColumnWithColumn equality, Set<Condition> known, List<Condition> all) {
        ColumnRef other = equality.left().equals(value.column())
                ? equality.right()
                : equality.right().equals(value.column()) ? equality.left() : value.column();
        Condition implied = new ColumnWithValue(other, Operator.EQUAL, value.order(), value.value());
        if (known.add(implied)) {
            all.add(implied);
        }
    }

    /** The cheapest way. */
    JoinPlan plan() {
        if (isEmpty() || select.tables().stream().anyMatch(Catalog.Table::isEvent)) {
            return JoinPlan.NOTHING;
        }
        if (select.tables().size() > STARTS_MAX) {
            return way(cheapestStart(), false);
        }
        JoinPlan best = way(0, false);
        for (int start = 1; start < select.tables().size(); start++) {
            JoinPlan other = way(start, false);
            best = other.cost() < best.cost() ? other : best;
        }
        return best;
    }

    private int cheapestStart() {
        int best = 0;
        for (int source = 1; source < select.tables().size(); source++) {
            if (candidate(source, 0, conditions).cost()
                    < candidate(best, 0, conditions).cost()) {
                best = source;
            }
        }
        return best;
    }

    /** The cheapest way on from rows of one table that are handed in. */
    JoinPlan planFrom(int source) {
        return isEmpty() ? JoinPlan.NOTHING : way(source, true);
    }

    private boolean isEmpty() {
        return conditions.contains(new Condition.Constant(false));
    }

    private JoinPlan way(int first, boolean isGiven) {
        List<Condition> open = new ArrayList<>(conditions);
        List<Step> steps = new ArrayList<>();
        long bound = 0;
        double rows = 1;
        double cost = 0;
        while (steps.size() < select.tables().size()) {
            AccessChoice choice =
                    steps.isEmpty() ? isGiven ? given(first) : candidate(first, 0, open) : cheapest(bound, open);
            cost += rows * choice.cost() + choice.once();
            bound |= 1L << choice.source();
            open.removeAll(choice.settled());
            List<Condition> residual = takeDecidable(open, bound);
            rows = Math.max(1, rows * choice.rows() * Math.pow(PASSED_BY_FILTER, Math.min(2, residual.size())));
            Catalog.Table table = select.tables().get(choice.source());
            steps.add(new Step(choice.source(), table, choice.access(), all(residual)));
        }
        return new JoinPlan(steps, cost);
    }

    private static AccessChoice given(int source) {
        return new AccessChoice(source, new Access.Given(), List.of(), 1, 0, 1);
    }

    private AccessChoice cheapest(long bound, List<Condition> open) {
        AccessChoice best = null;
        for (int source = 0; source < select.tables().size(); source++) {
            if ((bound & (1L << source)) == 0) {
                AccessChoice choice = candidate(source, bound, open);
                best = best == null || choice.total() < best.total() ? choice : best;
            }
        }
        return Objects.requireNonNull(best);
    }

    private AccessChoice candidate(int source, long bound, List<Condition> open) {
        return new AccessChooser(select.tables().get(source), source, bound, open, sizes[source]).choose();
    }

    /** Takes those that look at nothing but what is bound. */
    private static List<Condition> takeDecidable(List<Condition> open, long bound) {
        List<Condition> decidable = new ArrayList<>();
        for (Condition condition : open) {
            if ((condition.sources() & ~bound) == 0) {
                decidable.add(condition);
            }
        }
        open.removeAll(decidable);
        return decidable;
    }

    private static Condition all(List<Condition> conditions) {
        return conditions.size() == 1 ? conditions.getFirst() : new Condition.All(conditions);
    }
}
