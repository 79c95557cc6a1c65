package io.pinion.balancer;

import com.typesafe.config.Config;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * {@code pinion.balancer.*}. Immutable.
 *
 * @param isOn whether it moves anything, until an operator says otherwise
 * @param reportInterval how often a node reports its load, from 50 ms to 1 min
 * @param reportDatabasesMax databases of a report that are named, the busiest, from 1 to 1,000
 * @param window of the reports that count, at least as long as the interval, up to 5 min
 * @param silentAfter without a report a node is silent, from 1 s to 10 min, longer than the interval
 * @param planInterval how often it plans, from 100 ms to 10 min
 * @param rebind for moves between the cores of a node; its budget is one node's
 * @param relocate for moves between nodes; its budget is the cluster's
 * @param drainMovesMax buckets at a time that leave nodes that are emptied, from 1 to 1,024
 * @param returnAfter before that a bucket does not go back to the node it came from, up to 7 days
 * @param arriveWithin a bucket that is not where it was sent by then has not arrived, from 1 s to 1 h
 * @param decisionsMax that are remembered, from 1 to 100,000
 */
public record BalancerSettings(
        boolean isOn,
        Duration reportInterval,
        int reportDatabasesMax,
        Duration window,
        Duration silentAfter,
        Duration planInterval,
        MoveRule rebind,
        MoveRule relocate,
        int drainMovesMax,
        Duration returnAfter,
        Duration arriveWithin,
        int decisionsMax) {

    /**
     * When a move pays, and how many.
     *
     * @param imbalance above the mean, as a part of what a core or node can do, from which on something is done; 0.01 to 1.
     *     What is begun goes on until half of it is left. Less where one is nearly full
     * @param busyMin what is less busy than this is left alone, 0 to 1
     * @param movesMax of one plan, from 1 to 10,000
     * @param rest what was moved stays for this long, up to 7 days; longer if it moves again and again
     */
    public record MoveRule(double imbalance, double busyMin, int movesMax, Duration rest) {
        static MoveRule of(ConfigReader rule) {
            return new MoveRule(
                    rule.percent("imbalance", 1, 100) / 100.0,
                    rule.percent("busy-min", 0, 100) / 100.0,
                    rule.integer("moves-max", 1, 10_000),
                    rule.duration("rest", Duration.ZERO, Duration.ofDays(7)));
        }
    }

    /** @throws com.typesafe.config.ConfigException naming the key, if a value is missing or wrong */
    public static BalancerSettings of(Config config) {
        ConfigReader balancer = ConfigReader.at(config, "pinion.balancer");
        Duration interval = balancer.duration("report-interval", Duration.ofMillis(50), Duration.ofMinutes(1));
        return new BalancerSettings(
                balancer.flag("enabled"),
                interval,
                balancer.integer("report-databases-max", 1, 1_000),
                balancer.duration("window", interval, Duration.ofMinutes(5)),
                balancer.duration("silent-after", interval.multipliedBy(2), Duration.ofMinutes(10)),
                balancer.duration("plan-interval", Duration.ofMillis(100), Duration.ofMinutes(10)),
                MoveRule.of(balancer.section("rebind")),
                MoveRule.of(balancer.section("relocate")),
                balancer.integer("drain-moves-max", 1, 1024),
                balancer.duration("return-after", Duration.ZERO, Duration.ofDays(7)),
                balancer.duration("arrive-within", Duration.ofSeconds(1), Duration.ofHours(1)),
                balancer.integer("decisions-max", 1, 100_000));
    }

    /** The same, on or off. */
    BalancerSettings switched(boolean on) {
        return new BalancerSettings(
                on,
                reportInterval,
                reportDatabasesMax,
                window,
                silentAfter,
                planInterval,
                rebind,
                relocate,
                drainMovesMax,
                returnAfter,
                arriveWithin,
                decisionsMax);
    }
}
