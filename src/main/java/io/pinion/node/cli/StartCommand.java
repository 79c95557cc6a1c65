package io.pinion.node.cli;

import io.pinion.node.PinionNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "start", mixinStandardHelpOptions = true, description = "Starts a node and runs it until Ctrl-C.")
final class StartCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final StartOptions options = new StartOptions();

    StartCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        terminal.note("Starting a node ...");
        try (PinionNode node = options.start(terminal)) {
            terminal.print("Ready at " + node.url());
            node.whenEnded().toCompletableFuture().join();
        }
    }
}
