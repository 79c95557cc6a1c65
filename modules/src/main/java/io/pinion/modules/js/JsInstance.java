package io.pinion.modules.js;

import io.pinion.modules.Instance;
import io.pinion.store.tx.Transaction;

public final class JsInstance implements Instance {
    @Override
    public GuestResult callReducer(FunctionCall call, Transaction transaction) {
        return new GuestResult.Failed("no engine yet");
    }

    @Override
    public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
        return new GuestResult.Failed("no engine yet");
    }

    @Override
    public void stop() {}

    @Override
    public boolean isUsable() {
        return false;
    }

    @Override
    public void close() {}
}
