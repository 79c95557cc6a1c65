package io.pinion.modules.contract;

import io.pinion.store.value.Bytes;

/** The contract with a module on the npm SDK 2.10.1, which uses {@code spacetime:sys@2.0} and {@code 2.1}. */
class Sdk21ContractTest extends HandlerContract {
    @Override
    Bytes program() {
        return Examples.sdk("2-1");
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
}
