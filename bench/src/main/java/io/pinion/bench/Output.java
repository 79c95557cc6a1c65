package io.pinion.bench;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where the report of a benchmark goes, and in which form: the option that all of them have. */
final class Output {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(names = "--json", description = "one line of JSON instead of a table")
    private boolean json;

    void print(BenchReport report) {
        report.print(json, command.commandLine().getOut());
    }

    /** Says on the error output what is measured now, to whoever waits for the report. */
    void progress(String text) {
        command.commandLine().getErr().println(text);
    }
}
