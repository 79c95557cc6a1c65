package io.pinion.balancer;

import static io.pinion.balancer.TestNode.await;

import io.pinion.actors.cluster.Pinion;
import io.pinion.actors.cluster.PinionHost.PublishResult;
import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A database whose callers call it again as soon as it has answered. */
final class BusyDatabase {
    private static final Identity OWNER = Identity.derive("localhost", "owner");

    private static final Bytes PROGRAM = Bytes.ofUtf8("""
            import { module, reducer, t, table } from 'pinion:module@1';

            const calls = table({ id: t.u64.primaryKey().autoIncrement() }, { public: true });

            export default module({
              tables: { calls },
              reducers: {
                work: reducer({ turns: t.u32 }, (ctx, { turns }) => {
                  let x = 1;
                  for (let turn = 0; turn < turns; turn++) x = (x * 1103515245 + 12345) & 0x7fffffff;
                  if (x < 0) throw new Error('never');
                  ctx.db.calls.insert({ id: 0n });
                }),
              },
            });
            """);

    private static final int TURNS = 50_000;

    private final TestNode node;
    private final Identity identity;
    private final AtomicInteger answers = new AtomicInteger();
    private volatile boolean isOver;
    private CompletableFuture<Integer> calls = CompletableFuture.completedFuture(0);

    private BusyDatabase(TestNode node, Identity identity) {
        this.node = node;
        this.identity = identity;
    }

    static BusyDatabase publish(TestNode node) {
        PublishResult result = await(Pinion.get(node.system()).publish(new Target.Fresh(), PROGRAM, OWNER, false));
        if (result.outcome() instanceof Database.Published) {
            return new BusyDatabase(node, result.database());
        }
        throw new AssertionError("not published: " + result.outcome());
    }

    /** The same database, called through another node. */
    BusyDatabase through(TestNode other) {
        return new BusyDatabase(other, identity);
    }

    Identity identity() {
        return identity;
    }

    /** Past the balancer. */
    BusyDatabase on(int core) {
        if (!Cores.get(node.system()).rebind(identity.toHex(), core)) {
            throw new AssertionError(identity + " is not on the node");
        }
        return this;
    }

    int core() {
        return Cores.get(node.system()).bindings().stream()
                .filter(binding -> binding.name().equals(identity.toHex()))
                .mapToInt(BindingLoad::core)
                .findFirst()
                .orElseThrow();
    }

    /** So many calls, one after the other; each has to commit. */
    void call(int times) {
        for (int done = 0; done < times; done++) {
            requireCommit(await(call()));
        }
    }

    private void requireCommit(Database.CallOutcome outcome) {
        if (!(outcome instanceof Database.Committed)) {
            throw new AssertionError("a call of " + identity + ": " + outcome);
        }
    }

    void start() {
        calls = goOn(0);
    }

    private CompletableFuture<Integer> goOn(int done) {
        return call().toCompletableFuture().thenCompose(outcome -> {
            requireCommit(outcome);
            answers.incrementAndGet();
            return isOver ? CompletableFuture.completedFuture(done + 1) : goOn(done + 1);
        });
    }

    private CompletionStage<Database.CallOutcome> call() {
        return Pinion.get(node.system())
                .ask(
                        identity,
                        replyTo -> new CallReducer(
                                "work",
                                new Database.Arguments.Json("[" + TURNS + "]"),
                                new Database.Caller(OWNER, ConnectionId.NONE),
                                Database.RequestId.NONE,
                                false,
                                Database.NO_DEADLINE,
                                replyTo),
                        TestNode.DEADLINE);
    }

    /** So many more answers from now on. */
    void awaitCalls(int count) {
        int wanted = answers.get() + count;
        TestNode.eventually(
                count + " calls of " + identity, () -> answers.get() >= wanted || calls.isCompletedExceptionally());
    }

    /** @return how many calls were answered, all of them with a commit */
    int finish() {
        isOver = true;
        return await(calls);
    }

    long rows() {
        Database.QueryOutcome outcome = await(Pinion.get(node.system())
                .ask(
                        identity,
                        replyTo -> new Database.Command.Query(
                                "SELECT id FROM calls",
                                new Database.Caller(OWNER, ConnectionId.NONE),
                                true,
                                Database.NO_DEADLINE,
                                replyTo),
                        TestNode.DEADLINE));
        if (outcome instanceof Database.Rows rows) {
            return new BsatnReader(rows.rows()).readCount();
        }
        throw new AssertionError("no rows: " + outcome);
    }
}
