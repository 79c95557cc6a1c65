package io.pinion.bench;

import io.pinion.actors.core.Cores;
import io.pinion.bench.RebindSubject.Way;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long an actor pauses when it is moved from one core to another, by a message or directly, with nothing else to do or
 * in the midst of a stream of messages; what moving a thousand times a second costs; and that nothing is lost or
 * reordered by it.
 */
@Command(
        name = "rebind",
        description = "Pause from rebinding to the first message on the new core, and throughput while rebinding.",
        mixinStandardHelpOptions = true)
final class RebindBench implements Callable<Integer> {
    private static final int CORES = 2;
    private static final String STAYING = "throughput";
    private static final String REBINDING = "throughput_rebinding";

    @Option(names = "--seconds", defaultValue = "3", description = "of each case and round (default: ${DEFAULT-VALUE})")
    private double seconds = 3;

    @Option(names = "--rounds", defaultValue = "5", description = "of all cases (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(names = "--rate", defaultValue = "1000", description = "rebindings per second (default: ${DEFAULT-VALUE})")
    private int rate = 1000;

    @Option(names = "--senders", defaultValue = "2", description = "threads that send (default: ${DEFAULT-VALUE})")
    private int senders = 2;

    @Mixin
    private CoreOptions cores = new CoreOptions();

    @Mixin
    private Output output = new Output();

    /** What is done to the actor while it is moved. */
    private enum Case {
        IDLE(Way.MESSAGE, false),
        LOADED(Way.MESSAGE, true),
        DIRECT_IDLE(Way.DIRECT, false),
        DIRECT_LOADED(Way.DIRECT, true);

        final Way way;
        final boolean isLoaded;

        Case(Way way, boolean isLoaded) {
            this.way = way;
            this.isLoaded = isLoaded;
        }

        String title() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Over all rounds of one case. */
    private static final class Tally {
        long calls;
        long rebinds;
        long lost;
        long reordered;
        long overlaps;
        long maxPauseNanos;

        void add(RebindSubject subject, long lostNow) {
            calls += subject.calls();
            rebinds += subject.rebinds();
            lost += lostNow;
            reordered += subject.state().outOfOrder();
            overlaps += subject.state().overlaps();
            maxPauseNanos = Math.max(maxPauseNanos, subject.state().pauses().getMaxValue());
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (seconds <= 0 || rounds < 1 || rate < 1 || senders < 1) {
            throw new IllegalArgumentException(
                    "some time, at least 1 round, 1 rebinding per second and 1 sender are needed");
        }
        try (BenchSystem system = BenchSystem.start(cores.settings(CORES))) {
            if (Cores.get(system.system()).count() < CORES) {
                throw new IllegalArgumentException("two cores are needed to move between");
            }
            output.progress("rebind: warming up");
            run(system, new Rounds(), new EnumMap<>(Case.class), new Tally());
            Rounds measured = new Rounds();
            Map<Case, Tally> tallies = new EnumMap<>(Case.class);
            Tally rebinding = new Tally();
            for (int round = 1; round <= rounds; round++) {
                output.progress("rebind: round " + round + " of " + rounds);
                run(system, measured, tallies, rebinding);
            }
            output.print(report(measured, tallies, rebinding));
        }
        return 0;
    }

    private void run(BenchSystem system, Rounds measured, Map<Case, Tally> tallies, Tally rebinding)
            throws InterruptedException {
        for (Case kase : Case.values()) {
            RebindSubject subject = new RebindSubject(system, kase.way, senders, rate);
            long lost = kase.isLoaded ? moveLoaded(subject) : moveIdle(subject);
            tallies.computeIfAbsent(kase, _ -> new Tally()).add(subject, lost);
            Histogram pauses = subject.state().pauses();
            measured.add(kase.title(), "p50_us", Latencies.micros(pauses, 50));
            measured.add(kase.title(), "p99_us", Latencies.micros(pauses, 99));
        }
        measured.add(STAYING, "calls_per_s", callsPerSecond(system, new Tally(), false));
        measured.add(REBINDING, "calls_per_s", callsPerSecond(system, rebinding, true));
    }

    /** One message after the other, until one has come to the new core. */
    private long moveIdle(RebindSubject subject) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < nanos()) {
            subject.rebind();
            do {
                subject.sendOne();
            } while (!subject.hasArrived());
        }
        return 0;
    }

    private long moveLoaded(RebindSubject subject) throws InterruptedException {
        long begin = System.nanoTime();
        subject.startStreams();
        while (System.nanoTime() - begin < nanos()) {
            subject.rebind();
            subject.awaitArrival();
        }
        return subject.stopStreams();
    }

    private double callsPerSecond(BenchSystem system, Tally tally, boolean isRebinding) throws InterruptedException {
        RebindSubject subject = new RebindSubject(system, Way.DIRECT, senders, rate);
        long begin = System.nanoTime();
        subject.startStreams();
        for (long left = nanos(); left > 0; left = begin + nanos() - System.nanoTime()) {
            if (isRebinding) {
                subject.rebind();
            } else {
                LockSupport.parkNanos(left);
            }
        }
        double perSecond = subject.calls() * 1e9 / (System.nanoTime() - begin);
        tally.add(subject, subject.stopStreams());
        return perSecond;
    }

    private long nanos() {
        return (long) (seconds * 1e9);
    }

    private static BenchReport report(Rounds measured, Map<Case, Tally> tallies, Tally rebinding) {
        BenchReport report = BenchReport.ofCheckout("rebind");
        tallies.forEach((kase, tally) -> {
            String title = kase.title();
            addPauses(report, kase, measured.median(title, "p50_us"), measured.median(title, "p99_us"));
            report.add(title, "max_us", "µs", tally.maxPauseNanos / 1e3);
            addTally(report, title, tally);
        });
        report.add(STAYING, "calls_per_s", "1/s", measured.median(STAYING, "calls_per_s"));
        report.add(REBINDING, "calls_per_s", "1/s", measured.median(REBINDING, "calls_per_s"));
        report.add(REBINDING, "ratio", "", measured.medianRatio(REBINDING, STAYING, "calls_per_s"));
        addTally(report, REBINDING, rebinding);
        return report;
    }

    private static void addPauses(BenchReport report, Case kase, double p50, double p99) {
        if (kase.isLoaded) {
            report.addWithMaximum(kase.title(), "p50_us", "µs", p50, 50);
            report.addWithMaximum(kase.title(), "p99_us", "µs", p99, 1_000);
        } else {
            report.add(kase.title(), "p50_us", "µs", p50);
            report.add(kase.title(), "p99_us", "µs", p99);
        }
    }

    private static void addTally(BenchReport report, String title, Tally tally) {
        report.add(title, "rebinds", "", (double) tally.rebinds);
        report.add(title, "calls", "", (double) tally.calls);
        report.addWithMaximum(title, "lost", "", (double) tally.lost, 0);
        report.addWithMaximum(title, "reordered", "", (double) tally.reordered, 0);
        report.addWithMaximum(title, "overlaps", "", (double) tally.overlaps, 0);
    }
}
