package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Rows;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.testing.LedgerModule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** One ledger, called through whatever node of its cluster. Threadsafe. */
final class LedgerCalls {
    static final Identity OWNER = Identity.derive("localhost", "owner");

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Caller CALLER = new Caller(OWNER, ConnectionId.NONE);
    private static final int ACCOUNTS = 4;

    private final Identity database;

    private LedgerCalls(Identity database) {
        this.database = database;
    }

    static LedgerCalls publish(PinionHost host) {
        return publish(host, ACCOUNTS, 1000);
    }

    static LedgerCalls publish(PinionHost host, int accounts, long balance) {
        PinionHost.PublishResult published =
                await(host.publish(new PinionHost.Target.Fresh(), Bytes.wrap(LedgerModule.program()), OWNER, false));
        assertInstanceOf(Published.class, published.outcome());
        LedgerCalls ledger = new LedgerCalls(published.database());
        CallOutcome opened = await(
                ledger.call(host, "open", new Arguments.Json("[" + accounts + "," + balance + "]"), RequestId.NONE));
        assertInstanceOf(Committed.class, opened);
        return ledger;
    }

    Identity database() {
        return database;
    }

    int bucket() {
        return PinionHost.bucket(database);
    }

    private CompletionStage<CallOutcome> call(
            PinionHost host, String reducer, Arguments arguments, RequestId requestId) {
        long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
        return host.ask(
                database,
                replyTo -> new Command.CallReducer(reducer, arguments, CALLER, requestId, true, deadlineNanos, replyTo),
                TIMEOUT);
    }

    /** Fails in the module if there is a transfer of that id already. */
    CompletionStage<CallOutcome> transfer(PinionHost host, long id) {
        BsatnWriter arguments = new BsatnWriter(32)
                .writeLong(id)
                .writeLong(1 + id % ACCOUNTS)
                .writeLong(1 + (id + 1) % ACCOUNTS)
                .writeLong(1);
        return call(host, "transfer", new Arguments.Bsatn(arguments.toBytes()), RequestId.NONE);
    }

    /** The ids of all transfers, in order. */
    List<Long> transfers(PinionHost host) {
        QueryOutcome outcome = await(host.ask(
                database,
                replyTo -> new Command.Query(
                        "SELECT id FROM transfers", CALLER, true, System.nanoTime() + TIMEOUT.toNanos(), replyTo),
                TIMEOUT));
        BsatnReader reader =
                new BsatnReader(assertInstanceOf(Rows.class, outcome).rows());
        List<Long> ids = new ArrayList<>();
        for (long left = reader.readCount(); left > 0; left--) {
            ids.add(reader.readLong());
        }
        assertEquals(ids.stream().distinct().count(), ids.size());
        return ids.stream().sorted().toList();
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(TIMEOUT.toSeconds() + 5, TimeUnit.SECONDS)
                .join();
    }
}
