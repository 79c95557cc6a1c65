package io.pinion.store.query;

import io.pinion.store.query.Condition.ColumnWithValue;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The plans that are subscribed to, each once however many subscribe to it, and which of them a commit touches:
 *
 * <pre>
 *   changed row → its table → for each column that plans compare: its value → the plans that want that value
 *                           → the plans that want any row of the table
 * </pre>
 *
 * so that a thousand plans for a row each by its key cost one look-up for each changed row. Used by one thread.
 */
public final class SubscriptionSet {
    private final Map<SubscriptionPlan.Key, SubscriptionPlan> plans = new LinkedHashMap<>();
    private final Map<Integer, TableWatch> watches = new HashMap<>();
    private final Map<SubscribedFragment, Pending> pending = new LinkedHashMap<>();
    private long evaluations;

    /** What a commit did to one plan's result. */
    public sealed interface Evaluated {
        SubscriptionPlan plan();

        /** @param changes by fragment; at least one is not empty */
        record Changed(SubscriptionPlan plan, List<RowsChange> changes) implements Evaluated {
            public Changed {
                changes = List.copyOf(changes);
            }
        }

        /** The plan cannot be evaluated any more and has to be removed. */
        record Failed(SubscriptionPlan plan, String message) implements Evaluated {}
    }

    /** A source of a fragment: where changed rows go. */
    private record Watcher(SubscriptionPlan plan, SubscribedFragment fragment, int source) {}

    /** Changed rows that have reached a fragment. */
    private static final class Pending {
        private final SubscriptionPlan plan;
        private final RowList[] inserted;
        private final RowList[] deleted;

        Pending(Watcher watcher) {
            int count = watcher.fragment().select().tables().size();
            plan = watcher.plan();
            inserted = new RowList[count];
            deleted = new RowList[count];
            Arrays.fill(inserted, RowsChange.NONE.inserts());
            Arrays.fill(deleted, RowsChange.NONE.deletes());
        }
    }

    /**
     * Adds a plan, unless one with its key is there.
     *
     * @return the one that is there now
     */
    public SubscriptionPlan add(SubscriptionPlan plan) {
        SubscriptionPlan known = plans.putIfAbsent(plan.key(), plan);
        if (known != null) {
            return known;
        }
        forEachWatcher(
                plan,
                (watcher, table) -> watches.computeIfAbsent(table.id(), _ -> new TableWatch(table))
                        .add(watcher));
        return plan;
    }

    /** The plan with that key, null if there is none. */
    public @Nullable SubscriptionPlan find(SubscriptionPlan.Key key) {
        return plans.get(key);
    }

    /** Removes a plan that was added. */
    public void remove(SubscriptionPlan plan) {
        if (!plans.remove(plan.key(), plan)) {
            throw new IllegalArgumentException("the plan is not in the set: " + plan.key());
        }
        forEachWatcher(plan, (watcher, table) -> {
            TableWatch watch = watches.get(table.id());
            if (watch != null && watch.remove(watcher)) {
                watches.remove(table.id());
            }
        });
    }

    private interface WatcherAction {
        void accept(Watcher watcher, Catalog.Table table);
    }

    private static void forEachWatcher(SubscriptionPlan plan, WatcherAction action) {
        for (SubscribedFragment fragment : plan.fragments()) {
            List<Catalog.Table> tables = fragment.select().tables();
            for (int source = 0; source < tables.size(); source++) {
                action.accept(new Watcher(plan, fragment, source), tables.get(source));
            }
        }
    }

    public int size() {
        return plans.size();
    }

    /** How often a fragment has been evaluated for a commit so far. */
    public long evaluations() {
        return evaluations;
    }

    /**
     * Evaluates every plan that the commit can touch.
     *
     * @param reads the tables after the commit and before the next
     * @return those whose result has changed, or that have failed
     */
    public List<Evaluated> onCommit(Delta delta, RowSource reads) {
        pending.clear();
        delta.tables().forEach(this::route);
        delta.views().forEach(this::route);
        Map<SubscriptionPlan, List<RowsChange>> changes = new LinkedHashMap<>();
        Map<SubscriptionPlan, String> failures = new LinkedHashMap<>();
        pending.forEach((fragment, rows) -> {
            evaluations++;
            try {
                RowsChange change = fragment.change(rows.inserted, rows.deleted, reads);
                if (!change.isEmpty()) {
                    changes.computeIfAbsent(rows.plan, SubscriptionSet::unchanged)
                            .set(rows.plan.fragments().indexOf(fragment), change);
                }
            } catch (SqlException e) {
                failures.put(rows.plan, String.valueOf(e.getMessage()));
            }
        });
        pending.clear();
        return evaluated(changes, failures);
    }

    private static List<RowsChange> unchanged(SubscriptionPlan plan) {
        List<RowsChange> changes = new ArrayList<>();
        plan.fragments().forEach(_ -> changes.add(RowsChange.NONE));
        return changes;
    }

    private static List<Evaluated> evaluated(
            Map<SubscriptionPlan, List<RowsChange>> changes, Map<SubscriptionPlan, String> failures) {
        List<Evaluated> all = new ArrayList<>(changes.size() + failures.size());
        failures.forEach((plan, message) -> all.add(new Evaluated.Failed(plan, message)));
        changes.forEach((plan, rows) -> {
            if (!failures.containsKey(plan)) {
                all.add(new Evaluated.Changed(plan, rows));
            }
        });
        return all;
    }

    private void route(TableDelta delta) {
        TableWatch watch = watches.get(delta.tableId());
        if (watch == null) {
            return;
        }
        for (Watcher watcher : watch.ofAnyRow) {
            Pending rows = pending.computeIfAbsent(watcher.fragment(), _ -> new Pending(watcher));
            rows.inserted[watcher.source()] = delta.inserts();
            rows.deleted[watcher.source()] = delta.deletes();
        }
        watch.forEachMatch(delta.inserts(), (watcher, row) -> add(watcher, true, delta.inserts(), row));
        watch.forEachMatch(delta.deletes(), (watcher, row) -> add(watcher, false, delta.deletes(), row));
    }

    private void add(Watcher watcher, boolean isInsert, RowList rows, int row) {
        Pending found = pending.computeIfAbsent(watcher.fragment(), _ -> new Pending(watcher));
        RowList[] lists = isInsert ? found.inserted : found.deleted;
        RowList list = lists[watcher.source()];
        if (list.count() == 0) {
            list = new RowList();
            lists[watcher.source()] = list;
        }
        list.row(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
    }

    /** Who waits for rows of one table. */
    private static final class TableWatch {
        private final Catalog.Table table;
        private final List<Watcher> ofAnyRow = new ArrayList<>();
        /** By column. */
        private final Map<Integer, ValueWatch<Watcher>> ofValues = new HashMap<>();

        TableWatch(Catalog.Table table) {
            this.table = table;
        }

        void add(Watcher watcher) {
            ColumnWithValue equality =
                    watcher.fragment().equality(watcher.source()).orElse(null);
            if (equality == null) {
                ofAnyRow.add(watcher);
            } else {
                ofValues.computeIfAbsent(equality.column().column(), column -> new ValueWatch<>(table, column))
                        .add(equality.value(), watcher);
            }
        }

        /** Whether that was the last. */
        boolean remove(Watcher watcher) {
            ColumnWithValue equality =
                    watcher.fragment().equality(watcher.source()).orElse(null);
            if (equality == null) {
                ofAnyRow.remove(watcher);
            } else {
                ofValues.computeIfPresent(
                        equality.column().column(),
                        (_, watch) -> watch.remove(equality.value(), watcher) ? null : watch);
            }
            return ofAnyRow.isEmpty() && ofValues.isEmpty();
        }

        void forEachMatch(RowList rows, ValueWatch.Match<Watcher> action) {
            ofValues.values().forEach(watch -> watch.forEachMatch(rows, action));
        }
    }
}
