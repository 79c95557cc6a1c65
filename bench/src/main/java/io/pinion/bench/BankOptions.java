package io.pinion.bench;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the bank comes from, and which of its accounts are asked. */
final class BankOptions {
    @Option(names = "--seed", defaultValue = "42", description = "of the random accounts (default: ${DEFAULT-VALUE})")
    private long seed = 42;

    @Option(names = "--examples", defaultValue = "examples", description = "folder of the sample modules")
    private Path examples = Path.of("examples");

    long seed() {
        return seed;
    }

    /** @throws IOException if it is not there and cannot be built */
    Bytes read(BankPrograms bank) throws IOException, InterruptedException {
        return bank.read(examples);
    }
}
