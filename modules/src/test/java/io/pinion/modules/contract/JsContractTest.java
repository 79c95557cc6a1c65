package io.pinion.modules.contract;

import io.pinion.store.value.Bytes;
import org.junit.jupiter.api.Test;

/** The contract with a module on {@code pinion:module@1}. */
class JsContractTest extends HandlerContract {
    @Override
    Bytes program() {
        return Examples.javaScript();
    }

    @Override
    boolean isKeptAfterFailure() {
        return true;
    }

    @Override
    boolean isRefusedCommitTriedAgain() {
        return true;
    }

    @Override
    boolean isSaid(String line) {
        return !line.equals("scheduled 1");
    }

    @Test
    void aModuleRunsAWebAssemblyProgramThatItBrings() {
        assertSays("webassembly", "fibonacci 6765");
    }
}
