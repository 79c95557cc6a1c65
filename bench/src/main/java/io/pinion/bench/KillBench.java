package io.pinion.bench;

import io.pinion.testing.KillDriver;
import io.pinion.testing.KillReport;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Kills a node under load over and over, and looks for what it had acknowledged. */
@Command(
        name = "kill",
        description =
                "Kills a node under load with kill -9 and looks for every acknowledged transfer after its restart.",
        mixinStandardHelpOptions = true)
final class KillBench implements Callable<Integer> {
    @Option(names = "--cycles", defaultValue = "20", description = "kills under load (default: ${DEFAULT-VALUE})")
    private int cycles = 20;

    @Option(
            names = "--journal",
            defaultValue = "rocksdb",
            description = "rocksdb or postgresql (default: ${DEFAULT-VALUE})")
    private String journal = JournalOptions.ROCKSDB;

    @Option(names = "--seed", description = "of the moments and the transfers (default: a new one)")
    private @Nullable Long seed;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (cycles < 1) {
            throw new IllegalArgumentException("at least 1 cycle is needed");
        }
        Path folder = Files.createTempDirectory("pinion-kill");
        switch (journal) {
            case JournalOptions.ROCKSDB -> run(folder, List.of());
            case JournalOptions.POSTGRESQL -> {
                try (PostgresServer server = PostgresServer.start()) {
                    run(folder, List.of("--config", server.writeConfig(folder).toString()));
                }
            }
            default -> throw new IllegalArgumentException("there is no journal " + journal + ": rocksdb or postgresql");
        }
        return 0;
    }

    private void run(Path folder, List<String> nodeArguments) throws IOException, InterruptedException {
        long used = seed == null ? System.nanoTime() : seed;
        output.progress("seed " + used);
        KillReport result = KillDriver.run(new KillDriver.Plan(folder, cycles, used, nodeArguments, output::progress));
        result.problems().forEach(output::progress);
        if (result.problems().isEmpty()) {
            delete(folder);
        } else {
            output.progress("what the node left is kept in " + folder);
        }
        report(result);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void report(KillReport result) {
        BenchReport report = BenchReport.ofCheckout("kill");
        report.add(journal, "cycles", "", result.cycles());
        report.add(journal, "starts_killed", "", result.startsKilled());
        report.add(journal, "acknowledged", "", (double) result.acknowledged());
        report.add(journal, "unanswered", "", (double) result.unanswered());
        report.add(journal, "survived", "", (double) result.survived());
        report.add(journal, "repeated", "", (double) result.repeated());
        report.addWithMaximum(journal, "lost", "", (double) result.lost(), 0);
        report.addWithMinimum(journal, "sum_ok", "", result.sumHolds() ? 1 : 0, 1);
        report.addWithMaximum(journal, "problems", "", result.problems().size(), 0);
        output.print(report);
    }
}
