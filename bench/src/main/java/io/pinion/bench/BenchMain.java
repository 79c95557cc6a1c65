package io.pinion.bench;

import com.typesafe.config.ConfigException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./pinion bench NAME}: exit code 0 when a benchmark ran, whatever it measured. */
@Command(
        name = "pinion bench",
        description = "Measures Pinion on this machine.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AskBench.class,
            ClusterBench.class,
            CommitBench.class,
            EngineBench.class,
            FanoutBench.class,
            FairnessBench.class,
            KillBench.class,
            MicroBench.class,
            RebindBench.class,
            ReplayBench.class,
            RunawayBench.class,
            ScheduleBench.class,
            SimulateBench.class,
            SqlBench.class,
            StoreBench.class,
            StoreMemoryBench.class,
            TransferBench.class,
            WebSocketBench.class
        })
public final class BenchMain {
    private BenchMain() {}

    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true, StandardCharsets.UTF_8), arguments));
    }

    static int run(PrintWriter out, String... arguments) {
        return new CommandLine(new BenchMain())
                .setOut(out)
                .setExecutionExceptionHandler(BenchMain::explain)
                .execute(arguments);
    }

    /** A mistake in the arguments, or cores that this machine cannot give, is said in one line; everything else shows where it came from. */
    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult arguments)
            throws Exception {
        if (failure instanceof IllegalArgumentException || failure instanceof ConfigException) {
            command.getErr().println("pinion: " + failure.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        throw failure;
    }
}
