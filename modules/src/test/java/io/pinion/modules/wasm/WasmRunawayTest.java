package io.pinion.modules.wasm;

import io.pinion.modules.RunawayContract;
import io.pinion.store.value.Bytes;

/** The contract on runaways, held against WebAssembly. */
class WasmRunawayTest extends RunawayContract {
    @Override
    protected Bytes runawayProgram() {
        return Programs.runaways();
    }
}
