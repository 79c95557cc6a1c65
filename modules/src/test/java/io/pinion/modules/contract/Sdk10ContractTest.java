package io.pinion.modules.contract;

import io.pinion.store.value.Bytes;

/** The contract with a module on the npm SDK 1.6.1, the oldest there is, which uses {@code spacetime:sys@1.0} alone. */
class Sdk10ContractTest extends ReducerContract {
    @Override
    Bytes program() {
        return Examples.sdk("1-0");
    }

    @Override
    boolean isKeptAfterFailure() {
        return true;
    }

    @Override
    boolean isSaid(String line) {
        return FirstVersion.isSaid(line);
    }
}
