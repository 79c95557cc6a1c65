package io.pinion.store.query;

import io.pinion.store.query.JoinPlan.Access;
import io.pinion.store.query.JoinPlan.Step;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;

/**
 * One evaluation of a plan. Every step is the sink of its own scan: a row that meets the step's condition starts the scan of
 * the next step, within its own; behind the last step is whoever wants the rows. Hot path: no allocation per row.
 */
final class JoinRun {
    private static final int POLL_MASK = 1023;

    private final RowSource reads;
    private final ScanLimit limit;
    private final RowCursor[] rows;
    private final StepRun[] steps;
    private final Target target;

    /** Receives one row of each table at a time: the cursors stand on them during the call. */
    interface Target {
        void found(RowCursor[] rows);
    }

    JoinRun(JoinPlan plan, RowLayouts layouts, RowSource reads, ScanLimit limit, Target target) {
        this.reads = reads;
        this.limit = limit;
        this.target = target;
        this.rows = layouts.cursors();
        this.steps = new StepRun[plan.steps().size()];
        RowSource own = reads;
        for (int i = 0; i < steps.length; i++) {
            Step step = plan.steps().get(i);
            steps[i] = new StepRun(step, i, StepReads.of(step, own, rows));
            own = own.nested();
        }
    }

    /** Delivers every row. */
    void run() {
        if (steps.length > 0) {
            steps[0].start();
        }
    }

    /** Goes on from one row of the first table, where the plan wants it given. */
    void given(byte[] bytes, int offset, int length) {
        if (steps.length > 0) {
            steps[0].row(bytes, offset, length);
        }
    }

    private final class StepRun implements RowSink {
        private final Condition residual;
        private final RowCursor cursor;
        private final StepReads access;
        private final int position;

        StepRun(Step step, int position, StepReads access) {
            this.residual = step.residual();
            this.cursor = rows[step.source()];
            this.access = access;
            this.position = position;
        }

        void start() {
            access.scan(this);
        }

        @Override
        public void row(byte[] bytes, int offset, int length) {
            if ((limit.count() & POLL_MASK) == 0) {
                reads.checkStop();
            }
            cursor.moveTo(bytes, offset, length);
            if (!residual.test(rows)) {
                return;
            }
            if (position + 1 < steps.length) {
                steps[position + 1].start();
            } else {
                target.found(rows);
            }
        }
    }

    /**
     * Least number of rows that a plan looks at, as far as that can be told without looking.
     *
     * @param reads for the sizes of tables
     */
    static long estimate(JoinPlan plan, RowSource reads) {
        long rows = plan.steps().isEmpty() ? 0 : 1;
        for (Step step : plan.steps()) {
            if (step.access() instanceof Access.TableScan) {
                long count = Math.max(0, reads.rowCount(step.table().id()));
                rows = count != 0 && rows > Long.MAX_VALUE / count ? Long.MAX_VALUE : rows * count;
            } else if (step.access() instanceof Access.HashLookup) {
                long count = Math.max(0, reads.rowCount(step.table().id()));
                rows = rows > Long.MAX_VALUE - count ? Long.MAX_VALUE : rows + count;
            }
        }
        return rows;
    }
}
