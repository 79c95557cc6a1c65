package io.pinion.modules.contract;

import io.pinion.store.value.Bytes;

/** The contract with a module on the npm SDK 1.10.0, which uses {@code spacetime:sys@1.0} to {@code 1.2}. */
class Sdk12ContractTest extends ProcedureContract {
    @Override
    Bytes program() {
        return Examples.sdk("1-2");
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
        return FirstVersion.isSaid(line);
    }

    @Override
    boolean areResponseHeadersKept() {
        return false;
    }
}
