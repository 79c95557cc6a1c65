package io.pinion.modules.js;

import io.pinion.modules.EngineContract;
import io.pinion.store.value.Bytes;

/** The contract with the bank as an unmodified bundle on the npm SDK. */
class TsEngineTest extends EngineContract {
    @Override
    protected Bytes bankProgram() {
        return TsBundle.bytes();
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
