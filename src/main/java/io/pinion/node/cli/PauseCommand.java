package io.pinion.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        description = {
            "Pauses a database until pinion resume: calls are refused with the reason, schedules wait.",
            "It stays paused when its node restarts and when it moves."
        })
final class PauseCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "What its callers are told.")
    private String reason = "";

    PauseCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        String path =
                "/pinion/databases/" + DatabaseNames.segment(database) + "/pause?reason=" + NodeClient.segment(reason);
        client.require(client.post(path, new byte[0]));
        terminal.print(database + " is paused");
    }
}
