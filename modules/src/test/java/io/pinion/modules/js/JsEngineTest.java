package io.pinion.modules.js;

import io.pinion.modules.EngineContract;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contract with modules on the built-in guest library. */
class JsEngineTest extends EngineContract {
    static final Path BANK = Path.of("..", "examples", "bank-js", "bank.js");

    @Override
    protected Bytes bankProgram() {
        try {
            return Bytes.wrap(Files.readAllBytes(BANK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected Bytes mischiefProgram() {
        return Bytes.wrap(Resources.bytes("/io/pinion/modules/js/mischief.js"));
    }

    @Override
    protected boolean isDiscardedAfterFailure() {
        return false;
    }
}
