package io.pinion.node.cli;

import java.io.Console;

/** Asks before something is done that cannot be undone. */
final class Confirmation {
    private Confirmation() {}

    /**
     * Returns if the user typed what was asked for.
     *
     * @param otherwise the complaint where there is nobody to ask
     */
    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again where there is no terminal
    static void ask(String otherwise, String question, String expected) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new CliException(otherwise);
        }
        if (!expected.equals(console.readLine("%s", question))) {
            throw new CliException("nothing was done");
        }
    }
}
