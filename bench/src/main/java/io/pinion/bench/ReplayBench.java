package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorRef;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast a database comes back: from a log of batched transfers, from one with an event for each, from a snapshot. */
@Command(
        name = "replay",
        description = "Recovery of a log of transfers, and of a snapshot: transactions and rows per second.",
        mixinStandardHelpOptions = true)
final class ReplayBench implements Callable<Integer> {
    /** Two updates, each of which deletes a row and inserts one. */
    private static final int ROWS_PER_TRANSFER = 4;

    private static final int BATCHING = 1024;
    private static final double BATCHED_TX_PER_SECOND_MIN = 500_000;
    /** With a million rows. */
    private static final double SNAPSHOT_SECONDS_MAX = 2;

    private static final int MILLION = 1_000_000;

    /** The rows are one large transaction, and the snapshot is due after it. */
    private static final String SNAPSHOT_SETTINGS = """
            pinion.limits.reducer-time = 5 minutes
            pinion.durability.transaction-bytes-max = 1 GiB
            pinion.snapshot { log-bytes = 1 MiB, keep = 1 }
            """;

    @Option(
            names = "--transfers",
            defaultValue = "400000",
            description = "in the log of batches, at least (default: ${DEFAULT-VALUE})")
    private long transfers = 400_000;

    @Option(
            names = "--single",
            defaultValue = "20000",
            description = "in the log of one transfer per event, at least (default: ${DEFAULT-VALUE})")
    private long single = 20_000;

    @Option(
            names = "--rows",
            defaultValue = "1000000",
            description = "in the snapshot; 0 for none (default: ${DEFAULT-VALUE})")
    private int rowCount = MILLION;

    @Option(names = "--rounds", defaultValue = "5", description = "recoveries of each log (default: ${DEFAULT-VALUE})")
    private int roundCount = 5;

    @Mixin
    private BankOptions options = new BankOptions();

    @Mixin
    private JournalOptions journals = new JournalOptions();

    @Mixin
    private Output output = new Output();

    private final BenchReport report = BenchReport.ofCheckout("replay");

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        if (roundCount < 1 || transfers < 1 || single < 1) {
            throw new IllegalArgumentException("at least 1 round and 1 transfer are needed");
        }
        Bytes program = options.read(BankPrograms.WASM);
        for (String journal : journals.names()) {
            measure(journal, "batched", transfers, BATCHING, program);
            measure(journal, "single", single, 1, program);
            if (rowCount > 0) {
                measureSnapshot(journal, program);
            }
        }
        output.print(report);
        return 0;
    }

    /** In a system of its own, so that neither log is in the way of the other. */
    private void measure(String journal, String log, long atLeast, int inFlight, Bytes program)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        String kase = log + "_" + journal;
        try (BenchPostgres server = journals.openFor(journal);
                BenchSystem system = JournalOptions.start(server)) {
            output.progress(kase + ": writing the log");
            ActorRef<Database.Command> actor = system.startDatabase();
            BenchDatabase bank = system.publish(program, actor);
            bank.committed(
                    "seed", new Arguments.Json("[" + TransferLoad.ACCOUNTS + "," + TransferLoad.OPENING_BALANCE + "]"));
            long count = write(system, actor, atLeast, inFlight);
            output.progress(kase + ": recovering");
            report(kase, count, recover(system, actor, kase));
        }
    }

    private void measureSnapshot(String journal, Bytes program) throws IOException {
        String kase = "snapshot_" + journal;
        try (BenchPostgres server = journals.openFor(journal);
                BenchSystem system = JournalOptions.start(server, SNAPSHOT_SETTINGS)) {
            output.progress(kase + ": writing the snapshot");
            ActorRef<Database.Command> actor = system.startDatabase();
            system.publish(program, actor)
                    .committed("seed", new Arguments.Json("[" + rowCount + "," + TransferLoad.OPENING_BALANCE + "]"));
            system.awaitSnapshot();
            output.progress(kase + ": recovering");
            double seconds = recover(system, actor, kase).median(kase, "seconds");
            report.add(kase, "rows_per_s", "1/s", rowCount / seconds);
            if (rowCount == MILLION && journal.equals(JournalOptions.ROCKSDB)) {
                report.addWithMaximum(kase, "seconds", "s", seconds, SNAPSHOT_SECONDS_MAX);
            } else {
                report.add(kase, "seconds", "s", seconds);
            }
        }
    }

    private long write(BenchSystem system, ActorRef<Database.Command> actor, long atLeast, int inFlight)
            throws InterruptedException, ExecutionException, TimeoutException {
        TransferLoad load = TransferLoad.of(system, actor, options.seed());
        long count = 0;
        while (count < atLeast) {
            count += load.run(1, inFlight, TimeUnit.MILLISECONDS.toNanos(500)).calls();
        }
        return count;
    }

    private Rounds recover(BenchSystem system, ActorRef<Database.Command> first, String kase) {
        Rounds rounds = new Rounds();
        ActorRef<Database.Command> actor = first;
        for (int round = 0; round < roundCount; round++) {
            system.stop(actor);
            long begin = System.nanoTime();
            actor = system.startAgain();
            system.reach(actor).rows("SELECT id FROM accounts WHERE id = 1");
            rounds.add(kase, "seconds", (System.nanoTime() - begin) / 1e9);
        }
        return rounds;
    }

    private void report(String kase, long count, Rounds rounds) {
        double perSecond = count / rounds.median(kase, "seconds");
        boolean isEmbeddedBatches = kase.equals("batched_" + JournalOptions.ROCKSDB);
        report.add(kase, "rows_per_s", "1/s", perSecond * ROWS_PER_TRANSFER);
        if (isEmbeddedBatches) {
            report.addWithMinimum(kase, "tx_per_s", "1/s", perSecond, BATCHED_TX_PER_SECOND_MIN);
        } else {
            report.add(kase, "tx_per_s", "1/s", perSecond);
        }
        report.add(kase, "transactions", "", (double) count);
    }
}
