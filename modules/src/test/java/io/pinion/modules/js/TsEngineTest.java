package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.modules.EngineContract;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.NpmExample;
import io.pinion.store.value.Bytes;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract with the bank as an unmodified bundle on the npm SDK. */
class TsEngineTest extends EngineContract {
    @Override
    protected Bytes bankProgram() {
        return new NpmExample("bank-ts", "src/index.ts").bundle("bank.js");
    }

    @Override
    protected Bytes mischiefProgram() {
        return Bytes.wrap(Resources.bytes("/io/pinion/modules/js/mischief.js"));
    }

    @Override
    protected boolean isDiscardedAfterFailure() {
        return false;
    }

    @Test
    void aModuleOnTheSdkImportsNoGuestLibrary() throws InvalidModuleException {
        assertEquals(
                Optional.empty(),
                JsModule.load(bankProgram(), ModuleLimits.DEFAULT).guestLibrary());
    }
}
