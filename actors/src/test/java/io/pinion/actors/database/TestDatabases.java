package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.HttpOutcome;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Rows;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.snapshot.Snapshots;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpVersion;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** A node of databases that run scripts, with the embedded journal in a folder that outlives it. */
final class TestDatabases implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofMinutes(2);
    static final Identity OWNER = Identity.derive("localhost", "owner");
    static final Identity GUEST = Identity.derive("localhost", "guest");
    static final Identity DATABASE = Identity.derive("localhost", "a database");

    private final ActorTestKit kit;
    private final DatabaseServices services;

    private TestDatabases(Config config, Engine engine, Clock clock) {
        kit = ActorTestKit.create("databases", config);
        services = DatabaseServices.start(kit.system(), engine, clock);
    }

    static TestDatabases start(Path directory) {
        return start(directory, "");
    }

    /** @param settings go before all others */
    static TestDatabases start(Path directory, String settings) {
        return start(directory, settings, (program, _) -> ScriptedModule.load(program));
    }

    /** As above, with modules of another kind. */
    static TestDatabases start(Path directory, String settings, Engine engine) {
        return start(directory, settings, engine, Clock.SYSTEM);
    }

    /** As above, with another clock. */
    static TestDatabases start(Path directory, String settings, Engine engine, Clock clock) {
        Config config = ConfigFactory.parseString(settings)
                .withFallback(ConfigFactory.parseString("""
                        pekko.persistence.journal.plugin = pinion.journal
                        pekko.loglevel = WARNING
                        pinion.data-directory = "%1$s"
                        pinion.journal.rocksdb.directory = "%1$s/journal"
                        """.formatted(directory)))
                .withFallback(ConfigFactory.load());
        return new TestDatabases(config, engine, clock);
    }

    /** For logs without a state from a backup. */
    @SuppressWarnings("DoNotCallSuggester") // it is handed over as a function
    static Snapshots.Loaded nothingRestored(IndexEntry.Snapshot state) {
        throw new AssertionError("not expected: " + state);
    }

    /** With the settings of a node. */
    static RequestWindow emptyWindow() {
        return new RequestWindow(
                DatabaseSettings.of(ConfigFactory.load()).durability().requests());
    }

    ActorTestKit kit() {
        return kit;
    }

    DatabaseServices services() {
        return services;
    }

    /** What others see of a database that runs here. */
    Vitals vitals(Identity identity) {
        return services.monitor().databases().stream()
                .filter(vitals -> vitals.status().database().equals(identity))
                .findFirst()
                .orElseThrow();
    }

    TestDatabase database() {
        return database(DATABASE);
    }

    TestDatabase database(Identity identity) {
        return start(DatabaseActor.create(identity, services));
    }

    /** A database in a behaviour of the test's own. */
    TestDatabase start(Behavior<Command> behavior) {
        return new TestDatabase(kit.spawn(behavior, DatabaseActor.props()));
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
        services.close();
    }

    /** One database and what tests ask of it. */
    final class TestDatabase {
        private final ActorRef<Command> ref;

        private TestDatabase(ActorRef<Command> ref) {
            this.ref = ref;
        }

        ActorRef<Command> ref() {
            return ref;
        }

        <T> CompletionStage<T> ask(Function<ActorRef<T>, Command> command) {
            return AskPattern.ask(ref, command::apply, DEADLINE, kit.system().scheduler());
        }

        PublishOutcome publish(String... words) {
            return publish(ScriptedModule.script(words), OWNER, false);
        }

        PublishOutcome publish(Bytes program, Identity publisher, boolean clear) {
            return await(ask(replyTo -> new Command.Publish(program, publisher, clear, replyTo)));
        }

        /** Publishes with the consent to whatever the plan of it says. */
        PublishOutcome publishAndBreak(String... words) {
            Bytes program = ScriptedModule.script(words);
            Database.Planned planned = assertInstanceOf(Database.Planned.class, plan(OWNER, program));
            return await(ask(replyTo -> new Command.Publish(
                    program, OWNER, false, new Database.Policy.BreakClients(planned.token()), replyTo)));
        }

        Database.PlanOutcome plan(Identity caller, Bytes program) {
            return await(ask(replyTo -> new Command.PlanPublish(program, caller, MigrationStyle.PLAIN, replyTo)));
        }

        CallOutcome call(String reducer, String arguments) {
            return call(OWNER, reducer, arguments);
        }

        CallOutcome call(Identity caller, String reducer, String arguments) {
            return await(callLater(caller, reducer, new Arguments.Json(arguments)));
        }

        CompletionStage<CallOutcome> callLater(Identity caller, String reducer, Arguments arguments) {
            return callLater(caller, RequestId.NONE, reducer, arguments);
        }

        CallOutcome call(Identity caller, RequestId id, String reducer, String arguments) {
            return await(callLater(caller, id, reducer, new Arguments.Json(arguments)));
        }

        CompletionStage<CallOutcome> callLater(Identity caller, RequestId id, String reducer, Arguments arguments) {
            return ask(replyTo -> new Command.CallReducer(
                    reducer,
                    arguments,
                    new Caller(caller, ConnectionId.NONE),
                    id,
                    true,
                    Database.NO_DEADLINE,
                    replyTo));
        }

        /** Calls the procedure {@code run}. */
        CompletionStage<ProcedureOutcome> runLater(long number) {
            return procedureLater(OWNER, "run", "[" + number + "]");
        }

        ProcedureOutcome run(long number) {
            return await(runLater(number));
        }

        CompletionStage<ProcedureOutcome> procedureLater(Identity caller, String procedure, String arguments) {
            return procedureLater(caller, RequestId.NONE, procedure, arguments);
        }

        CompletionStage<ProcedureOutcome> procedureLater(
                Identity caller, RequestId id, String procedure, String arguments) {
            return ask(replyTo -> new Command.CallProcedure(
                    procedure,
                    new Arguments.Json(arguments),
                    new Caller(caller, ConnectionId.NONE),
                    id,
                    true,
                    Database.NO_DEADLINE,
                    replyTo));
        }

        HttpOutcome request(String method, String path) {
            HttpRequest request = new HttpRequest(
                    method, "http://localhost" + path, HttpVersion.HTTP_1_1, List.of(), null, Bytes.EMPTY);
            return await(ask(replyTo -> new Command.HandleHttp(path, request, Database.NO_DEADLINE, replyTo)));
        }

        QueryOutcome query(Identity caller, String sql) {
            return await(queryLater(caller, sql));
        }

        CompletionStage<QueryOutcome> queryLater(Identity caller, String sql) {
            return ask(replyTo ->
                    new Command.Query(sql, new Caller(caller, ConnectionId.NONE), true, Database.NO_DEADLINE, replyTo));
        }

        /** When this returns, the calls that were sent before have run; their answers may still wait for the journal. */
        void awaitTurn() {
            QueryOutcome answer = await(ask(replyTo -> new Command.Query(
                    "SELECT COUNT(*) AS n FROM item",
                    new Caller(OWNER, ConnectionId.NONE),
                    false,
                    Database.NO_DEADLINE,
                    replyTo)));
            assertInstanceOf(Rows.class, answer);
        }

        /** The values of a one-column query, as 64-bit numbers. */
        List<Long> numbers(String sql) {
            QueryOutcome outcome = query(OWNER, sql);
            return numbers(assertInstanceOf(Rows.class, outcome, outcome::toString));
        }

        List<Long> numbers(Rows rows) {
            BsatnReader reader = new BsatnReader(rows.rows());
            List<Long> numbers = new ArrayList<>();
            for (long left = reader.readCount(); left > 0; left--) {
                numbers.add(reader.readLong());
            }
            return numbers;
        }

        /** As {@link #numbers}, when the database has recovered. */
        List<Long> numbersWhenServing(String sql) {
            return kit.<Rows>createTestProbe()
                    .awaitAssert(DEADLINE, () -> numbers(assertInstanceOf(Rows.class, query(OWNER, sql))));
        }

        void awaitNumbers(String sql, List<Long> expected) {
            kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                assertEquals(expected, numbers(sql));
                return expected;
            });
        }

        void awaitMoreThan(String sql, int count) {
            kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                assertTrue(numbers(sql).size() > count);
                return count;
            });
        }

        Admission admission() {
            return Objects.requireNonNull(Admissions.get(kit.system()).find(Adapter.toClassic(ref)));
        }

        /** Sends a call whose answer nobody waits for here. */
        void tell(String reducer, String arguments, ActorRef<? super CallOutcome> replyTo) {
            ref.tell(new Command.CallReducer(
                    reducer,
                    new Arguments.Json(arguments),
                    new Caller(OWNER, ConnectionId.NONE),
                    RequestId.NONE,
                    true,
                    Database.NO_DEADLINE,
                    replyTo));
        }

        /** Ends the child that writes the log, as a failed write does. */
        void killDurability() {
            killChildren("durability-*");
        }

        /** Ends the child that holds the instances, as an error in it does. */
        void killPool() {
            killChildren("instances-*");
        }

        private void killChildren(String names) {
            Adapter.toClassic(kit.system())
                    .actorSelection(ref.path().child(names).toStringWithoutAddress())
                    .tell(PoisonPill.getInstance(), org.apache.pekko.actor.ActorRef.noSender());
        }
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
