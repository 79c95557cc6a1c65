package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.actors.cluster.PinionHost.PublishResult;
import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node of this version, which hosts databases, and one of a newer version, which calls them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class NewerNodeTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Identity ALICE = Identity.derive("localhost", "alice");
    private static final String HOST = "host";

    private TestNode older;
    private TestNode newer;

    @BeforeAll
    void start(@TempDir Path directory) {
        String hosts = "pinion.sharding.role = " + HOST + "\n";
        older = TestNode.start(directory.resolve("older"), hosts + "pekko.cluster.roles = [" + HOST + "]\n");
        newer = TestNode.start(directory.resolve("newer"), hosts + NewerSerializer.SETTINGS, older);
    }

    @AfterAll
    void stop() {
        newer.close();
        older.close();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void whatIsNotUnderstoodIsRefusedByNameAndWhatIsMoreIsPassedOver() {
        TestProbe<Command> probe = older.kit().createTestProbe(Command.class);
        ActorRef<Command> receiver = ActorRefResolver.get(newer.system())
                .resolveActorRef(ActorRefResolver.get(older.system()).toSerializationFormat(probe.getRef()));

        refused("no database message has the manifest ZZ", () -> receiver.tell(NewerSerializer.OF_NEW_TYPE));
        refused("comes in version 2 of Pinion's wire format", () -> receiver.tell(NewerSerializer.IN_NEW_FORMAT));
        receiver.tell(NewerSerializer.WITH_NEW_FIELDS);
        receiver.tell(new Command.SetWeight(100));

        assertEquals(NewerSerializer.WITH_NEW_FIELDS, probe.receiveMessage(DEADLINE));
        assertEquals(new Command.SetWeight(100), probe.receiveMessage(DEADLINE));
        assertBothAreMembers(older);
        assertBothAreMembers(newer);
    }

    private void refused(String reason, Runnable sending) {
        LoggingTestKit.error("Failed to deserialize")
                .withCustom(event -> event.getThrowable()
                        .filter(cause -> String.valueOf(cause.getMessage()).contains(reason))
                        .isPresent())
                .expect(older.system(), () -> {
                    sending.run();
                    return 0;
                });
    }

    private static void assertBothAreMembers(TestNode node) {
        CurrentClusterState state = Cluster.get(node.system()).state();
        Set<MemberStatus> statuses = new HashSet<>();
        state.getMembers().forEach(member -> statuses.add(member.status()));
        assertEquals(Set.of(MemberStatus.up()), statuses);
        assertEquals(2, state.members().size());
        assertEquals(Set.of(), state.getUnreachable());
    }

    @Test
    void aDatabaseThatIsToldWhatItsNodeDoesNotUnderstandGoesOn() throws Exception {
        Bytes program = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
        PublishResult published = await(newer.pinion().publish(new Target.Fresh(), program, ALICE, false));
        assertInstanceOf(Database.Published.class, published.outcome());
        Identity bank = published.database();
        assertInstanceOf(Database.Committed.class, await(seed(bank, 2)));

        refused(
                "no database message has the manifest ZZ",
                () -> newer.pinion().database(bank).tell(NewerSerializer.OF_NEW_TYPE));
        newer.pinion().database(bank).tell(NewerSerializer.WITH_NEW_FIELDS);

        assertInstanceOf(Database.Committed.class, await(seed(bank, 3)));
        assertEquals(1, older.pinion().databasesHere().size());
        assertEquals(0, newer.pinion().databasesHere().size());
    }

    private CompletionStage<CallOutcome> seed(Identity bank, int accounts) {
        return newer.pinion()
                .ask(
                        bank,
                        replyTo -> new Command.CallReducer(
                                "seed",
                                new Arguments.Json("[" + accounts + ",100]"),
                                new Caller(ALICE, ConnectionId.NONE),
                                RequestId.next(),
                                true,
                                Database.NO_DEADLINE,
                                replyTo),
                        DEADLINE);
    }
}
