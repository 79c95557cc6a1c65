package io.pinion.bench;

import com.typesafe.config.ConfigFactory;
import io.pinion.balancer.BalancerSettings;
import io.pinion.balancer.simulation.Scenario;
import io.pinion.balancer.simulation.Simulation;
import io.pinion.balancer.simulation.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The balancer's planner on clusters that exist in numbers only. */
@Command(
        name = "simulate",
        description = "What the balancer's planner makes of simulated clusters: time, moves and what stays uneven.",
        mixinStandardHelpOptions = true)
final class SimulateBench implements Callable<Integer> {
    @Option(
            names = "--clusters",
            split = ",",
            defaultValue = "1x2x40,3x4x500,16x16x20000",
            description = "nodes x cores of each x databases (default: ${DEFAULT-VALUE})")
    private List<String> clusters = List.of();

    @Option(names = "--traces", split = ",", description = "${COMPLETION-CANDIDATES} (default: all)")
    private List<Trace> traces = List.of(Trace.values());

    @Option(
            names = "--busy",
            defaultValue = "0.6",
            description = "of all cores, on average (default: ${DEFAULT-VALUE})")
    private double busy = 0.6;

    @Option(
            names = "--named",
            defaultValue = "1000000000",
            description = "databases that a node's report names (default: all)")
    private int named = Integer.MAX_VALUE;

    @Option(names = "--seconds", defaultValue = "600", description = "simulated (default: ${DEFAULT-VALUE})")
    private int seconds = 600;

    @Option(names = "--seed", defaultValue = "1", description = "of all chance (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        BalancerSettings settings = BalancerSettings.of(ConfigFactory.load());
        BenchReport report = BenchReport.ofCheckout("simulate");
        for (Scenario scenario : scenarios()) {
            output.progress("simulate: " + name(scenario) + ", seed " + scenario.seed());
            report(name(scenario), Simulation.run(scenario, settings), report);
        }
        output.print(report);
        return 0;
    }

    private List<Scenario> scenarios() {
        List<Scenario> scenarios = new ArrayList<>();
        for (String cluster : clusters) {
            String[] sizes = cluster.split("x", -1);
            if (sizes.length != 3) {
                throw new IllegalArgumentException("a cluster is NODESxCORESxDATABASES, not " + cluster);
            }
            int nodes = Integer.parseInt(sizes[0]);
            for (Trace trace : traces) {
                if (nodes > 1 || (trace != Trace.NODE_LOSS && trace != Trace.SLOW_NODE)) {
                    scenarios.add(new Scenario(
                            trace,
                            nodes,
                            Integer.parseInt(sizes[1]),
                            Integer.parseInt(sizes[2]),
                            busy,
                            named,
                            seconds,
                            seed));
                }
            }
        }
        return scenarios;
    }

    private static String name(Scenario scenario) {
        return scenario.trace().name().toLowerCase(Locale.ROOT) + "_" + scenario.nodes() + "x" + scenario.coresPerNode()
                + "x" + scenario.databases();
    }

    private static void report(String kase, Simulation.Result result, BenchReport report) {
        report.add(kase, "to_balance", "s", result.secondsToBalance());
        report.add(kase, "busiest_core", "cores", result.busiest());
        report.add(kase, "lower_bound", "cores", result.lowerBound());
        report.add(kase, "core_gap", "cores", result.coreGap());
        report.add(kase, "node_gap", "nodes", result.nodeGap());
        report.add(kase, "rebinds", "", result.rebinds());
        report.add(kase, "relocations", "", result.relocations());
        report.add(kase, "moves_per_db", "", result.movesPerDatabase());
        report.add(kase, "plan_median", "ms", result.planMillis());
        report.add(kase, "plan_max", "ms", result.planMillisMax());
    }
}
