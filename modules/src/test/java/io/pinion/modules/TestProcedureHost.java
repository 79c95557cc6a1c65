package io.pinion.modules;

import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What procedures ask for, over one datastore and a network that a test makes up. Its clock moves by a microsecond with
 * each transaction and to wherever a guest sleeps. Notes what happens in {@link #events}.
 */
public final class TestProcedureHost implements ProcedureHost {
    public final List<String> events = new CopyOnWriteArrayList<>();
    /** Asked by every commit; what it returns instead of null is the outcome, and the transaction is undone. */
    public Supplier<@Nullable CommitOutcome> beforeCommit = () -> null;

    public Function<HttpRequest, HttpOutcome> network = _ -> new HttpOutcome.NotReceived("there is no network");
    public @Nullable String httpRefusal;
    /** Methods of this name wait until they are interrupted, once they have counted down. */
    public String waitsIn = "";

    public final CountDownLatch waiting = new CountDownLatch(1);
    private final Datastore store;
    private volatile @Nullable Transaction open;
    private long nowMicros;

    public TestProcedureHost(Datastore store, long nowMicros) {
        this.store = store;
        this.nowMicros = nowMicros;
    }

    @Override
    public Begun begin() throws InterruptedException {
        waitIf("begin");
        events.add("begin");
        Transaction transaction = store.begin();
        open = transaction;
        return new Begun(transaction, ++nowMicros);
    }

    @Override
    public CommitOutcome commit() throws InterruptedException {
        try {
            waitIf("commit");
        } catch (InterruptedException e) {
            rollback();
            throw e;
        }
        CommitOutcome outcome = beforeCommit.get();
        if (outcome != null) {
            rollback();
            return outcome;
        }
        events.add("commit");
        transaction().commit();
        open = null;
        return new CommitOutcome.Committed();
    }

    @Override
    public void rollback() {
        events.add("rollback");
        transaction().rollback();
        open = null;
    }

    /** The open one. */
    public Transaction transaction() {
        Transaction transaction = open;
        if (transaction == null) {
            throw new IllegalStateException("no transaction is open");
        }
        return transaction;
    }

    public boolean isOpen() {
        return open != null;
    }

    @Override
    public @Nullable String httpRefusal() {
        return httpRefusal;
    }

    @Override
    public HttpOutcome request(HttpRequest request) throws InterruptedException {
        waitIf("request");
        events.add("request");
        return network.apply(request);
    }

    @Override
    public long sleepUntil(long micros) throws InterruptedException {
        waitIf("sleep");
        nowMicros = Math.max(nowMicros, Math.min(micros, Long.MAX_VALUE / 2));
        return nowMicros;
    }

    private void waitIf(String method) throws InterruptedException {
        if (waitsIn.equals(method)) {
            waiting.countDown();
            new CountDownLatch(1).await();
        }
    }
}
