package io.pinion.node.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Takes backups of databases while they run, lists them, restores them.")
final class BackupCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    private BackupCommand() {}

    static CommandLine create(Terminal terminal) {
        return new CommandLine(new BackupCommand())
                .addSubcommand(new BackupCreateCommand(terminal))
                .addSubcommand(new BackupListCommand(terminal))
                .addSubcommand(new BackupRestoreCommand(terminal));
    }

    /** Without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command: create, list or restore?");
    }
}
