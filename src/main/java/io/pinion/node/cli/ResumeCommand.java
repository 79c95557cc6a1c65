package io.pinion.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "resume", mixinStandardHelpOptions = true, description = "Ends what pinion pause has begun.")
final class ResumeCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    ResumeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        client.require(client.post("/pinion/databases/" + DatabaseNames.segment(database) + "/resume", new byte[0]));
        terminal.print(database + " serves again");
    }
}
