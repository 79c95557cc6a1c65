package io.pinion.node.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code pinion} command. Exit codes: 0 done, 1 failed, 2 misused. */
@Command(
        name = "pinion",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Provider.class,
        description = "Hosts modules: programs with tables, called over the network.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "First steps:  pinion quickstart      a node with a sample bank",
            "              pinion init my-app     a module of your own",
            "pinion COMMAND --help says more."
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(Terminal.ofProcess(), arguments));
    }

    /** Runs one command; blocks until it is done. */
    static int run(Terminal terminal, String... arguments) {
        return new CommandLine(new Main())
                .addSubcommand(new QuickstartCommand(terminal))
                .addSubcommand(new StartCommand(terminal))
                .addSubcommand(new InitCommand(terminal))
                .addSubcommand(new PublishCommand(terminal))
                .addSubcommand(new CallCommand(terminal))
                .addSubcommand(new SqlCommand(terminal))
                .addSubcommand(new LogsCommand(terminal))
                .addSubcommand(new ListCommand(terminal))
                .addSubcommand(new DescribeCommand(terminal))
                .addSubcommand(new GenerateCommand(terminal))
                .addSubcommand(new DeleteCommand(terminal))
                .addSubcommand(BackupCommand.create(terminal))
                .addSubcommand(new ExportCommand(terminal))
                .addSubcommand(new RecoveryCommand(terminal))
                .addSubcommand(new TruncateLogCommand(terminal))
                .addSubcommand(new NodesCommand(terminal))
                .addSubcommand(new CoresCommand(terminal))
                .addSubcommand(new DatabasesCommand(terminal))
                .addSubcommand(new RebindCommand(terminal))
                .addSubcommand(new RelocateCommand(terminal))
                .addSubcommand(new DrainCommand(terminal))
                .addSubcommand(new DecisionsCommand(terminal))
                .addSubcommand(new PauseCommand(terminal))
                .addSubcommand(new ResumeCommand(terminal))
                .addSubcommand(new LoginCommand(terminal))
                .addSubcommand(new VersionCommand(terminal))
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler((failure, _, _) -> report(terminal, failure))
                .execute(arguments);
    }

    private static int report(Terminal terminal, Exception failure) {
        if (failure instanceof CliException) {
            terminal.note("pinion: " + failure.getMessage());
        } else {
            terminal.note("pinion: this should not have happened; please report it:");
            failure.printStackTrace(terminal.err());
        }
        return ExitCode.SOFTWARE;
    }

    /** Without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }
}
