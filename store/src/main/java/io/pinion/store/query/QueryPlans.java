package io.pinion.store.query;

import io.pinion.store.schema.ModuleDef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plans statements for one datastore, and keeps the plans of queries that came lately, so that a text that comes again is
 * neither read nor planned. A plan is kept for all who have the same rights, so not if it depends on who asks; nor if it
 * reads a view. It is good while the schema stays and the tables are about as large as they were. Used by the
 * datastore's thread.
 */
public final class QueryPlans {
    /** Most plans that are kept; beyond it goes the one that was not asked for for longest. */
    static final int PLANS_MAX = 64;

    /** A longer text is not kept. */
    static final int TEXT_LENGTH_MAX = 2_000;

    /** Fewer rows more or less change no plan for the worse. */
    private static final long ROWS_MORE_MAX = 100;

    private final DatastoreCatalog tables;
    private final Map<Question, Kept> plans = new Recent();
    private @Nullable ModuleDef plannedFor;

    /** @param isOwner who sees more than others */
    private record Question(String sql, boolean isOwner) {}

    /** @param sizes of the tables, as the plan was made with them */
    private record Kept(SelectPlan plan, List<Catalog.Table> tables, List<Long> sizes) {}

    private static final class Recent extends LinkedHashMap<Question, Kept> {
        private static final long serialVersionUID = 1L;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Kept> eldest) {
            return size() > PLANS_MAX;
        }
    }

    public QueryPlans(DatastoreCatalog tables) {
        this.tables = tables;
    }

    /** The tables that it plans for. */
    public DatastoreCatalog tables() {
        return tables;
    }

    /**
     * As {@link SqlPlanner#plan}.
     *
     * @param catalog of the same tables; it is asked for nothing if the plan is there already
     */
    public SqlPlan plan(String sql, Catalog catalog, Caller caller) {
        forgetOtherSchema();
        Question question = new Question(sql, caller.isOwner());
        Kept kept = plans.get(question);
        if (kept != null && isStillGood(kept)) {
            return kept.plan();
        }
        SqlPlan plan = SqlPlanner.plan(sql, catalog, caller);
        if (plan instanceof SelectPlan select && select.canBeShared() && sql.length() <= TEXT_LENGTH_MAX) {
            List<Catalog.Table> read = select.tables();
            plans.put(
                    question,
                    new Kept(select, read, read.stream().map(tables::rowCount).toList()));
        }
        return plan;
    }

    @SuppressWarnings("ReferenceEquality") // an update of the schema makes another object
    private void forgetOtherSchema() {
        ModuleDef now = tables.module();
        if (now != plannedFor) {
            plans.clear();
            plannedFor = now;
        }
    }

    private boolean isStillGood(Kept kept) {
        for (int i = 0; i < kept.tables().size(); i++) {
            long before = kept.sizes().get(i);
            long change = Math.abs(tables.rowCount(kept.tables().get(i)) - before);
            if (change > before / 4 + ROWS_MORE_MAX) {
                return false;
            }
        }
        return true;
    }

    /** How many are kept. */
    int size() {
        return plans.size();
    }
}
