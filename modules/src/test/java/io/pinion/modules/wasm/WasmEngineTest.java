package io.pinion.modules.wasm;

import io.pinion.modules.EngineContract;
import io.pinion.store.value.Bytes;

/** The contract of both engines, held against WebAssembly. */
class WasmEngineTest extends EngineContract {
    @Override
    protected Bytes bankProgram() {
        return Programs.bank();
    }

    @Override
    protected Bytes mischiefProgram() {
        return Programs.mischief();
    }

    @Override
    protected boolean isDiscardedAfterFailure() {
        return true;
    }
}
