package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is called, published, fenced, deleted and stopped in any order answers every command exactly once. */
class ExactlyOneAnswerTest {
    private static final int STEPS = 150;
    private static final int BURST = 30;

    private static final List<String> REDUCERS =
            List.of("add", "fail", "trap", "overflow", "soon", "nothing", "nobody", "tick");

    @TempDir
    private Path directory;

    private final List<TestInbox<?>> inboxes = new ArrayList<>();

    @Test
    void everyCommandIsAnsweredExactlyOnce() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (TestDatabases node = TestDatabases.start(directory, """
                pinion.database.queue.calls-max = 20
                pinion.durability.restart-backoff-min = 1 ms
                pinion.durability.restart-backoff-max = 20 ms
                """)) {
            TestDatabase database = node.database();
            TestProbe<Object> probe = node.kit().createTestProbe();
            for (int step = 0; step < STEPS; step++) {
                for (int i = random.nextInt(BURST); i > 0; i--) {
                    database.ref().tell(command(random));
                }
                switch (random.nextInt(10)) {
                    case 0 -> database.killDurability();
                    case 1 -> database = restarted(node, database, probe, random);
                    case 2 -> awaitAnswers(probe);
                    default -> {}
                }
            }
            database.ref().tell(Command.Stop.INSTANCE);
            probe.expectTerminated(database.ref(), DEADLINE);

            awaitAnswers(probe);
        }
        assertTrue(inboxes.size() > STEPS, "seed " + seed);
        inboxes.forEach(inbox -> assertEquals(1, inbox.getAllReceived().size(), "seed " + seed));
    }

    /** Two of one identity at a time would fence each other. */
    private TestDatabase restarted(TestDatabases node, TestDatabase database, TestProbe<Object> probe, Random random) {
        database.ref().tell(Command.Stop.INSTANCE);
        for (int i = random.nextInt(BURST); i > 0; i--) {
            database.ref().tell(command(random));
        }
        probe.expectTerminated(database.ref(), DEADLINE);
        return node.database();
    }

    private void awaitAnswers(TestProbe<Object> probe) {
        probe.awaitAssert(DEADLINE, () -> {
            inboxes.forEach(inbox -> assertTrue(inbox.hasMessages()));
            return null;
        });
    }

    private <T> ActorRef<T> inbox() {
        TestInbox<T> inbox = TestInbox.create();
        inboxes.add(inbox);
        return inbox.getRef();
    }

    private Command command(Random random) {
        Caller caller = new Caller(random.nextInt(4) == 0 ? GUEST : OWNER, ConnectionId.NONE);
        return switch (random.nextInt(24)) {
            case 0 -> new Command.Describe(inbox());
            case 1 -> new Command.ReadLog(caller.identity(), 5, inbox());
            case 2 -> new Command.Delete(caller.identity(), inbox());
            case 3, 4, 5 ->
                new Command.Publish(
                        ScriptedModule.script(random.nextBoolean() ? "wider" : "init-fails"),
                        caller.identity(),
                        random.nextBoolean(),
                        inbox());
            case 6, 7 -> new Command.Publish(ScriptedModule.script(), OWNER, random.nextBoolean(), inbox());
            case 8 -> new Command.Rebind(random.nextInt(3));
            case 9 -> new Command.SetWeight(random.nextInt(200));
            case 10, 11 ->
                new Command.Query(
                        random.nextBoolean() ? "SELECT * FROM large" : "SELECT value FROM item",
                        caller,
                        random.nextBoolean(),
                        deadline(random),
                        inbox());
            default ->
                new Command.CallReducer(
                        REDUCERS.get(random.nextInt(REDUCERS.size())),
                        new Arguments.Json(random.nextBoolean() ? "[1]" : "[\"no\", 2]"),
                        caller,
                        RequestId.NONE,
                        random.nextBoolean(),
                        deadline(random),
                        inbox());
        };
    }

    private static long deadline(Random random) {
        return random.nextBoolean() ? Database.NO_DEADLINE : System.nanoTime() + random.nextInt(20_000_000);
    }
}
