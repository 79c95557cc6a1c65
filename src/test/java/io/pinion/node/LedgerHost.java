package io.pinion.node;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.DescribeOutcome;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Rows;
import io.pinion.actors.database.DatabaseActor;
import io.pinion.actors.database.DatabaseServices;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.testing.LedgerModule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * Hosts live copies of ledgers without a cluster around them: nothing here keeps two hosts from having a copy of one
 * database, as nothing does when a cluster is split.
 */
final class LedgerHost implements AutoCloseable {
    static final int ACCOUNTS = 4;
    static final long OPENING_BALANCE = 1000;

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Identity OWNER = Identity.derive("localhost", "owner");
    private static final Caller CALLER = new Caller(OWNER, ConnectionId.NONE);
    private static final Bytes PROGRAM = Bytes.wrap(LedgerModule.program());

    private final ActorSystem<SpawnProtocol.Command> system;
    private final DatabaseServices services;

    private LedgerHost(ActorSystem<SpawnProtocol.Command> system) {
        this.system = system;
        this.services = DatabaseServices.start(system);
    }

    /**
     * @param config of the operator
     * @param further goes before it
     */
    static LedgerHost start(Path data, Optional<Path> config, Map<String, ?> further) throws NodeStartException {
        Map<String, Object> overrides = new HashMap<>(further);
        overrides.put("pekko.actor.provider", "local");
        overrides.put("pinion.data-directory", data.toString());
        return new LedgerHost(
                ActorSystem.create(SpawnProtocol.create(), "ledgers", NodeConfig.load(overrides, config)));
    }

    /** Publishes the module to a database that is nowhere yet, and opens its accounts. */
    Copy create(Identity identity) {
        Copy copy = open(identity);
        PublishOutcome published = await(copy.publish());
        if (!(published instanceof Published)) {
            throw new AssertionError("the ledger was not published: " + published);
        }
        copy.openAccounts();
        return copy;
    }

    /** Starts a copy, which recovers what the journal holds and takes the log over. */
    Copy open(Identity identity) {
        CompletionStage<ActorRef<Command>> spawned = AskPattern.ask(
                system,
                replyTo -> new SpawnProtocol.Spawn<>(
                        DatabaseActor.create(identity, services), "", DatabaseActor.props(), replyTo),
                DEADLINE,
                system.scheduler());
        return new Copy(await(spawned));
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        system.terminate();
        await(system.getWhenTerminated());
        services.close();
    }

    /** One live copy of one database. Threadsafe. */
    final class Copy {
        private final ActorRef<Command> actor;

        private Copy(ActorRef<Command> actor) {
            this.actor = actor;
        }

        private <T> CompletionStage<T> ask(Function<ActorRef<T>, Command> command) {
            return AskPattern.ask(actor, command::apply, DEADLINE, system.scheduler());
        }

        CompletionStage<PublishOutcome> publish() {
            return ask(replyTo -> new Command.Publish(PROGRAM, OWNER, false, replyTo));
        }

        CompletionStage<DescribeOutcome> describe() {
            return ask(Command.Describe::new);
        }

        void openAccounts() {
            Arguments accounts = new Arguments.Json("[" + ACCOUNTS + "," + OPENING_BALANCE + "]");
            CallOutcome opened = await(call("open", accounts));
            if (!(opened instanceof Committed)) {
                throw new AssertionError("the accounts were not opened: " + opened);
            }
        }

        private CompletionStage<CallOutcome> call(String reducer, Arguments arguments) {
            return ask(replyTo -> new Command.CallReducer(
                    reducer, arguments, CALLER, RequestId.NONE, true, Database.NO_DEADLINE, replyTo));
        }

        /** Moves one from account to account; which ones follows from the id. */
        CompletionStage<CallOutcome> transfer(long id) {
            BsatnWriter arguments = new BsatnWriter(32)
                    .writeLong(id)
                    .writeLong(1 + id % ACCOUNTS)
                    .writeLong(1 + (id + 1) % ACCOUNTS)
                    .writeLong(1);
            return call("transfer", new Arguments.Bsatn(arguments.toBytes()));
        }

        CompletionStage<QueryOutcome> query(String sql) {
            return ask(replyTo -> new Command.Query(sql, CALLER, true, Database.NO_DEADLINE, replyTo));
        }

        /** Returns when it answers queries. */
        Copy awaitServing() {
            numbers("SELECT id FROM accounts");
            return this;
        }

        /** The numbers in the one column of a query, when it serves. */
        List<Long> numbers(String sql) {
            long begin = System.nanoTime();
            QueryOutcome outcome = await(query(sql));
            while (!(outcome instanceof Rows)) {
                if (System.nanoTime() - begin > DEADLINE.toNanos()) {
                    throw new AssertionError("the database does not serve: " + outcome);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                outcome = await(query(sql));
            }
            BsatnReader reader = new BsatnReader(((Rows) outcome).rows());
            List<Long> numbers = new ArrayList<>();
            for (long left = reader.readCount(); left > 0; left--) {
                numbers.add(reader.readLong());
            }
            return numbers;
        }

        /** The ids of all transfers, in order; fails if the balances are not what they made of them. */
        List<Long> checkedTransfers() {
            List<Long> ids =
                    numbers("SELECT id FROM transfers").stream().sorted().toList();
            Map<Long, Long> expected = new HashMap<>();
            for (long account = 1; account <= ACCOUNTS; account++) {
                expected.put(account, OPENING_BALANCE);
            }
            for (long id : ids) {
                expected.merge(1 + id % ACCOUNTS, -1L, Long::sum);
                expected.merge(1 + (id + 1) % ACCOUNTS, 1L, Long::sum);
            }
            for (long account = 1; account <= ACCOUNTS; account++) {
                List<Long> found = numbers("SELECT balance FROM accounts WHERE id = " + account);
                if (!found.equals(List.of(expected.get(account)))) {
                    throw new AssertionError(
                            "account " + account + " holds " + found + " where " + expected + " was expected");
                }
            }
            return ids;
        }
    }
}
