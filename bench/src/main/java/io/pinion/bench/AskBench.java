package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What an ask costs that does nothing: of an actor on each dispatcher, and of a database. All in one JVM, round after
 * round, each round with all of them.
 */
@Command(
        name = "ask",
        description = "Empty calls by ask: round trip and pipelined rate, per dispatcher and of a database.",
        mixinStandardHelpOptions = true)
final class AskBench implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String PINNED = "pinned";
    private static final String UNRESERVED = CoreOptions.unpinned(1);
    private static final String RESERVED = CoreOptions.pinned(1);
    private static final String PINNED_DISPATCHER =
            "bench-pinned { type = PinnedDispatcher, executor = thread-pool-executor }";

    @Option(
            names = "--seconds",
            defaultValue = "1",
            description = "of each measurement of each round (default: ${DEFAULT-VALUE})")
    private double seconds = 1;

    @Option(names = "--rounds", defaultValue = "5", description = "after one to warm up (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(
            names = "--in-flight",
            defaultValue = "64",
            description = "asks at once for the rate (default: ${DEFAULT-VALUE})")
    private int inFlight = 64;

    @Option(
            names = "--spin",
            defaultValue = "50 us",
            description = "of the cores that spin (default: ${DEFAULT-VALUE})")
    private String spin = "50 us";

    @Option(names = "--examples", defaultValue = "examples", description = "folder of the sample modules")
    private Path examples = Path.of("examples");

    @Mixin
    private Output output = new Output();

    private record Ping(ActorRef<Done> replyTo) {}

    /** Something to ask, alive until it is closed. */
    private record Subject(BenchSystem system, AskLoad<?> load) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            system.close();
        }
    }

    private interface Opening {
        Subject open() throws IOException;
    }

    /** @param isReserving whether it takes a CPU for itself while it is open, and so is open only when it is measured */
    private record Case(String name, Opening opening, boolean isReserving) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (seconds <= 0 || rounds < 1 || inFlight < 1) {
            throw new IllegalArgumentException("some time, at least 1 round and 1 ask in flight are needed");
        }
        List<Case> cases = cases(BankPrograms.WASM.read(examples));
        Map<String, Subject> open = new HashMap<>();
        try {
            for (Case kase : cases) {
                if (!kase.isReserving()) {
                    open.put(kase.name(), kase.opening().open());
                }
            }
            run(cases, open, new Rounds(), "to warm up");
            Rounds measured = new Rounds();
            for (int round = 1; round <= rounds; round++) {
                run(cases, open, measured, round + " of " + rounds);
            }
            output.print(report(cases, measured));
            return 0;
        } finally {
            for (Subject subject : open.values()) {
                subject.close();
            }
        }
    }

    private List<Case> cases(Bytes program) {
        String spinning = "pinion.cores.spin = " + spin;
        Function<BenchSystem, Props> core = BenchSystem::onCore;
        return List.of(
                new Case("default", () -> actor(_ -> DispatcherSelector.defaultDispatcher()), false),
                new Case(
                        PINNED,
                        () -> actor(_ -> DispatcherSelector.fromConfig("bench-pinned"), PINNED_DISPATCHER),
                        false),
                new Case("core", () -> actor(core, UNRESERVED), false),
                new Case("core_spin", () -> actor(core, UNRESERVED, spinning), false),
                new Case("core_reserved", () -> actor(core, RESERVED), true),
                new Case("core_reserved_spin", () -> actor(core, RESERVED, spinning), true),
                new Case("database", () -> database(program), false),
                new Case("database_entity", () -> entity(program), false));
    }

    private void run(List<Case> cases, Map<String, Subject> open, Rounds measured, String round) throws IOException {
        output.progress("ask: round " + round);
        for (Case kase : cases) {
            Subject kept = open.get(kase.name());
            if (kept != null) {
                measure(kase.name(), kept, measured);
            } else {
                try (Subject subject = kase.opening().open()) {
                    measure(kase.name(), subject, measured);
                }
            }
        }
    }

    private void measure(String kase, Subject subject, Rounds measured) {
        Duration time = Duration.ofNanos((long) (seconds * 1e9));
        subject.load().perSecond(inFlight, time.dividedBy(4));
        Histogram roundTrips = subject.load().roundTrips(time);
        measured.add(kase, "p50_us", Latencies.micros(roundTrips, 50));
        measured.add(kase, "p99_us", Latencies.micros(roundTrips, 99));
        measured.add(kase, "calls_per_s", subject.load().perSecond(inFlight, time));
    }

    private static BenchReport report(List<Case> cases, Rounds measured) {
        BenchReport report = BenchReport.ofCheckout("ask");
        for (Case kase : cases) {
            String name = kase.name();
            addP50(report, name, measured.median(name, "p50_us"));
            report.add(name, "p99_us", "µs", measured.median(name, "p99_us"));
            report.add(name, "calls_per_s", "1/s", measured.median(name, "calls_per_s"));
            addRatio(report, name, measured.medianRatio(name, PINNED, "p50_us"));
        }
        return report;
    }

    private static void addP50(BenchReport report, String kase, double micros) {
        if (kase.equals("core_reserved_spin")) {
            report.addWithMaximum(kase, "p50_us", "µs", micros, 10);
        } else {
            report.add(kase, "p50_us", "µs", micros);
        }
    }

    private static void addRatio(BenchReport report, String kase, double ratio) {
        if (kase.equals("core")) {
            report.addWithMaximum(kase, "ratio_to_pinned", "", ratio, 1.2);
        } else {
            report.add(kase, "ratio_to_pinned", "", ratio);
        }
    }

    private static Subject actor(Function<BenchSystem, Props> dispatcher, String... settings) throws IOException {
        BenchSystem system = BenchSystem.start(settings);
        ActorRef<Ping> actor = system.spawn(answering(), dispatcher.apply(system));
        return new Subject(
                system,
                new AskLoad<>(
                        () -> AskPattern.ask(
                                actor, Ping::new, TIMEOUT, system.system().scheduler()),
                        answer -> answer.equals(Done.getInstance())));
    }

    private static Behavior<Ping> answering() {
        return Behaviors.receiveMessage(ping -> {
            ping.replyTo().tell(Done.getInstance());
            return Behaviors.same();
        });
    }

    private static Subject database(Bytes program) throws IOException {
        BenchSystem system = BenchSystem.start(UNRESERVED);
        return subject(system, system.publish(program));
    }

    private static Subject entity(Bytes program) throws IOException {
        BenchSystem system = BenchSystem.startCluster(UNRESERVED);
        return subject(system, system.publishEntity(program));
    }

    private static Subject subject(BenchSystem system, BenchDatabase database) {
        return new Subject(
                system, new AskLoad<>(() -> database.call("empty"), answer -> answer instanceof Database.Committed));
    }
}
