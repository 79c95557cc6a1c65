package io.pinion.store.query;

import io.pinion.store.query.JoinPlan.Access;
import java.util.List;

/**
 * A way to the rows of one table, with what it is thought to cost.
 *
 * @param settled conditions that the access sees to
 * @param cost rows looked at each time
 * @param once rows looked at the first time besides
 * @param rows found each time
 */
record AccessChoice(int source, Access access, List<Condition> settled, double cost, double once, double rows) {
    /** For comparing ways to go on. */
    double total() {
        return cost + once + rows;
    }
}
