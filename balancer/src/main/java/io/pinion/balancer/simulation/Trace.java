package io.pinion.balancer.simulation;

import java.util.Random;

/** How much is asked of each database over time, and what happens to nodes. */
public enum Trace {
    /** All databases within half and one and a half times the mean. */
    UNIFORM,
    /** The nth busiest has the nth part of what the busiest has, which is a core at most. */
    ZIPF,
    /** One database takes most of a core, the others as in {@link #UNIFORM}. */
    GIANT,
    /** Four parts of the world, each with its day, which lasts ten minutes here. */
    DIURNAL,
    /** A third into it, one of a thousand databases is asked for thirty times as much. */
    FLASH_CROWD,
    /** A third into it, a node is lost, and its buckets go to the others one by one. */
    NODE_LOSS,
    /** One node needs twice as long for the same. */
    SLOW_NODE;

    static final double GIANT_DEMAND = 0.95;

    private static final double SPREAD = 0.5;
    private static final double CROWD = 30;
    private static final int CROWD_PART = 1000;
    private static final double DAY_SECONDS = 600;
    private static final double DAY_DEPTH = 0.6;
    private static final int REGIONS = 4;

    /** What each database is asked for on average, in cores, adding up to about the total. */
    double[] base(int databases, double total, Random random) {
        double[] demands = new double[databases];
        double sum = 0;
        for (int database = 0; database < databases; database++) {
            demands[database] = this == ZIPF ? 1.0 / (database + 1) : 1 + SPREAD * (2 * random.nextDouble() - 1);
            sum += demands[database];
        }
        double left = this == GIANT ? Math.max(0, total - GIANT_DEMAND) : total;
        for (int database = 0; database < databases; database++) {
            demands[database] = Math.min(GIANT_DEMAND, demands[database] * left / sum);
        }
        if (this == GIANT) {
            demands[0] = GIANT_DEMAND;
        }
        return demands;
    }

    /** What a database is asked for at a time, as a multiple of its base. */
    double factor(int database, double second, double seconds) {
        return switch (this) {
            case DIURNAL ->
                1
                        + DAY_DEPTH
                                * Math.sin(
                                        2 * Math.PI * (second / DAY_SECONDS + (double) (database % REGIONS) / REGIONS));
            case FLASH_CROWD -> second >= seconds / 3 && database % CROWD_PART == 0 ? CROWD : 1;
            case UNIFORM, ZIPF, GIANT, NODE_LOSS, SLOW_NODE -> 1;
        };
    }

    /** When the last thing happens that asks for moves. */
    double disturbedAt(double seconds) {
        return this == FLASH_CROWD || this == NODE_LOSS ? seconds / 3 : 0;
    }
}
