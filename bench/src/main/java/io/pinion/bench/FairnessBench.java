package io.pinion.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long quiet databases wait on a core beside databases that burn, with the hand-off of cores and without. */
@Command(
        name = "fairness",
        description = "Latency of quiet databases beside some that burn whole seconds on the same core.",
        mixinStandardHelpOptions = true)
final class FairnessBench implements Callable<Integer> {
    private static final int MANY_HOGS = 20;
    /** So that what is measured is a core with hogs on it, not their coming all at once. */
    private static final Duration SETTLING = Duration.ofMillis(500);

    @Option(names = "--seconds", defaultValue = "4", description = "of each case and round (default: ${DEFAULT-VALUE})")
    private double seconds = 4;

    @Option(names = "--rounds", defaultValue = "3", description = "of all cases (default: ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--hogs",
            split = ",",
            defaultValue = "0,1,3,20",
            description = "numbers of databases that burn (default: ${DEFAULT-VALUE})")
    private List<Integer> hogCounts = List.of();

    @Option(names = "--burn", defaultValue = "1000", description = "of a hog's call, in ms (default: ${DEFAULT-VALUE})")
    private int burnMillis = 1000;

    @Option(names = "--quiet", defaultValue = "21", description = "quiet databases (default: ${DEFAULT-VALUE})")
    private int quiet = 21;

    @Option(
            names = "--interval",
            defaultValue = "5",
            description = "between the calls of a quiet database, in ms (default: ${DEFAULT-VALUE})")
    private int intervalMillis = 5;

    @Option(names = "--real", description = "databases with a module in place of plain actors")
    private boolean real;

    @Mixin
    private CoreOptions cores = new CoreOptions();

    @Mixin
    private Output output = new Output();

    /** What runs the neighbours. */
    private enum Mode {
        HANDOFF_ON,
        HANDOFF_OFF,
        DEFAULT;

        Props props(BenchSystem system) {
            return this == DEFAULT ? DispatcherSelector.defaultDispatcher() : system.onCore();
        }

        String settings() {
            return "pinion.fairness.hand-off = " + (this == HANDOFF_OFF ? "off" : "on");
        }
    }

    private record Case(int hogs, Mode mode) {
        String title() {
            return "hogs_" + hogs + "_" + mode.name().toLowerCase(Locale.ROOT);
        }
    }

    /** Of one case, over all rounds. */
    private static final class Worst {
        long maxNanos;
        long unanswered;
        long refused;

        void add(OpenLoad.Result result) {
            maxNanos = Math.max(maxNanos, result.latency().getMaxValue());
            unanswered += result.unanswered();
            refused += result.refused();
        }
    }

    @Override
    public Integer call() throws IOException {
        if (seconds <= 0
                || rounds < 1
                || quiet < 1
                || intervalMillis < 1
                || hogCounts.stream().anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException(
                    "some time, at least 1 round, 1 quiet database, 1 ms between calls and 0 hogs are needed");
        }
        List<Case> cases = cases();
        Rounds measured = new Rounds();
        Map<Case, Worst> worst = new HashMap<>();
        measure(new Case(0, Mode.HANDOFF_ON), new Rounds(), new Worst());
        for (int round = 1; round <= rounds; round++) {
            for (Case kase : cases) {
                output.progress("fairness: round " + round + " of " + rounds + ", " + kase.title());
                measure(kase, measured, worst.computeIfAbsent(kase, _ -> new Worst()));
            }
        }
        output.print(report(cases, measured, worst));
        return 0;
    }

    private List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int hogs : hogCounts) {
            cases.add(new Case(hogs, Mode.HANDOFF_ON));
            if (hogs > 0) {
                cases.add(new Case(hogs, Mode.HANDOFF_OFF));
            }
            if (!real) {
                cases.add(new Case(hogs, Mode.DEFAULT));
            }
        }
        return cases;
    }

    private void measure(Case kase, Rounds measured, Worst worst) throws IOException {
        try (Neighbours neighbours = start(kase)) {
            neighbours.startBurning();
            Duration interval = Duration.ofMillis(intervalMillis).dividedBy(quiet);
            OpenLoad load = new OpenLoad(number -> neighbours.callQuiet((int) (number % quiet)), interval);
            load.run(SETTLING);
            OpenLoad.Result result = load.run(Duration.ofNanos((long) (seconds * 1e9)));
            measured.add(kase.title(), "p50_ms", Latencies.millis(result.latency(), 50));
            measured.add(kase.title(), "p99_ms", Latencies.millis(result.latency(), 99));
            worst.add(result);
        }
    }

    private Neighbours start(Case kase) throws IOException {
        Duration burn = Duration.ofMillis(burnMillis);
        BenchSystem system =
                BenchSystem.start(cores.settings(1), kase.mode().settings(), "pinion.limits.reducer-time = 10 minutes");
        return real
                ? new DatabaseNeighbours(system, RunawayPrograms.WASM.read(), quiet, kase.hogs(), burn)
                : new ActorNeighbours(system, kase.mode().props(system), quiet, kase.hogs(), burn);
    }

    private static BenchReport report(List<Case> cases, Rounds measured, Map<Case, Worst> worst) {
        BenchReport report = BenchReport.ofCheckout("fairness");
        for (Case kase : cases) {
            String title = kase.title();
            boolean isTarget = kase.equals(new Case(MANY_HOGS, Mode.HANDOFF_ON));
            report.add(title, "p50_ms", "ms", measured.median(title, "p50_ms"));
            double p99 = measured.median(title, "p99_ms");
            if (isTarget) {
                report.addWithMaximum(title, "p99_ms", "ms", p99, 20);
            } else {
                report.add(title, "p99_ms", "ms", p99);
            }
            Worst seen = Objects.requireNonNull(worst.get(kase));
            report.add(title, "max_ms", "ms", seen.maxNanos / 1e6);
            report.add(title, "unanswered", "", (double) seen.unanswered);
            report.add(title, "refused", "", (double) seen.refused);
            if (isTarget) {
                String without = new Case(MANY_HOGS, Mode.HANDOFF_OFF).title();
                report.addWithMinimum(title, "times_better", "", measured.medianRatio(without, title, "p99_ms"), 100);
            }
        }
        return report;
    }
}
