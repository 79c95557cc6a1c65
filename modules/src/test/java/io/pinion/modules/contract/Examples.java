package io.pinion.modules.contract;

import io.pinion.modules.NpmExample;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The modules of the contract; Maven runs tests in the folder of their Maven module. */
final class Examples {
    private static final NpmExample SDK = new NpmExample(
            "contract-ts",
            "rolldown.config.js",
            "src/v1.ts",
            "src/v1-procedures.ts",
            "src/core.ts",
            "src/index.ts",
            "src/ledger.ts",
            "src/submodules.ts");

    private Examples() {}

    static Bytes javaScript() {
        return file("contract-js", "contract.js");
    }

    /** As it is committed. */
    static Bytes c() {
        return file("contract-c", "contract.wasm");
    }

    /** On an npm SDK, by the newest version of {@code spacetime:sys} that it uses. */
    static Bytes sdk(String version) {
        return SDK.bundle("contract-" + version + ".js");
    }

    private static Bytes file(String example, String name) {
        try {
            return Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", example, name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
