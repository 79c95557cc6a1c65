package io.pinion.actors.database;

import io.pinion.modules.Instance;
import io.pinion.modules.ProcedureHost;
import io.pinion.store.tx.Transaction;
import java.util.concurrent.CountDownLatch;

/** Its stop says that it has begun and takes until it is released. */
record BlockingInstance(CountDownLatch isBlocked, CountDownLatch isReleased) implements Instance {
    @Override
    public GuestResult callReducer(FunctionCall call, Transaction transaction) {
        return new GuestResult.Stopped();
    }

    @Override
    public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
        return new GuestResult.Stopped();
    }

    @Override
    public GuestResult callProcedure(FunctionCall call, ProcedureHost procedureHost) {
        return new GuestResult.Failed("no procedures here");
    }

    @Override
    public HttpResult callHttpHandler(HttpCall call, ProcedureHost procedureHost) {
        return new HttpResult.NotAnswered(new GuestResult.Failed("no HTTP handlers here"));
    }

    @Override
    public void stop() {
        isBlocked.countDown();
        try {
            isReleased.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public boolean isUsable() {
        return true;
    }

    @Override
    public void close() {}
}
