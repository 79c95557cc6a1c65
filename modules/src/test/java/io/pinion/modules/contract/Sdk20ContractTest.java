package io.pinion.modules.contract;

import io.pinion.store.value.Bytes;

/** The contract with a module on the npm SDK 2.0.0, the first that uses {@code spacetime:sys@2.0}. */
class Sdk20ContractTest extends SysContract {
    @Override
    Bytes program() {
        return Examples.sdk("2-0");
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

    @Override
    boolean areResponseHeadersKept() {
        return false;
    }
}
