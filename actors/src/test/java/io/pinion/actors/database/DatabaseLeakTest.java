package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.core.CoreBoundDispatcher;
import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.DescribeOutcome;
import io.pinion.actors.database.Database.LogLines;
import io.pinion.actors.database.Database.LogOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.store.value.Identity;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that were here and are gone leave nothing. */
class DatabaseLeakTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int AT_ONCE = 250;

    /** Every so many databases one has a program, and takes a call. */
    private static final int PUBLISHED_EVERY = 40;

    /** A thread of a core, of recoveries or of snapshots may have the one in sight that it ran last, however many there were. */
    private static final int IN_SIGHT_MAX = 8;

    /** What the shared pools of threads may have grown by. */
    private static final int THREADS_MORE_MAX = 8;

    @TempDir
    private Path directory;

    private final Queue<WeakReference<CoreBoundDispatcher>> dispatchers = new ConcurrentLinkedQueue<>();
    private TestDatabases node;
    private TestProbe<LogOutcome> follower;
    private int started;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, "pinion.database.empty-after = 100 ms");
        follower = node.kit().createTestProbe();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void hundredsOfDatabasesStartedAndStoppedLeaveNothing() {
        leaveNothing(500);
    }

    @Test
    @Tag("slow")
    void tenThousandDatabasesStartedAndStoppedLeaveNothing() {
        leaveNothing(10_000);
    }

    private void leaveNothing(int count) {
        int open = ScriptedModule.OPEN.size();
        startAndStop(AT_ONCE);
        int threads = Thread.getAllStackTraces().size();

        for (int done = 0; done < count; done += AT_ONCE) {
            startAndStop(AT_ONCE);
        }

        CoreSet cores = Cores.get(node.kit().system());
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(List.of(), cores.bindings());
            assertEquals(List.of(), node.services().databases());
            assertEquals(0, Admissions.get(node.kit().system()).count());
            assertEquals(open, ScriptedModule.OPEN.size());
            int more = Thread.getAllStackTraces().size() - threads;
            assertTrue(
                    more <= THREADS_MORE_MAX,
                    () -> more + " threads more: " + Thread.getAllStackTraces().keySet());
            return cores;
        });
        assertEquals(count + AT_ONCE, started);
        awaitCollected();
    }

    /**
     * A dispatcher is held by its actor, and that by whoever watches it, is watched by it, or keeps its reference. So
     * nothing of all that is left when the dispatchers are gone.
     */
    private void awaitCollected() {
        node.kit().createTestProbe().awaitAssert(DEADLINE, Duration.ofMillis(500), () -> {
            System.gc();
            dispatchers.removeIf(reference -> reference.get() == null);
            assertTrue(dispatchers.size() <= IN_SIGHT_MAX, () -> dispatchers.size() + " dispatchers are left");
            return dispatchers;
        });
    }

    private void startAndStop(int count) {
        List<TestDatabases.TestDatabase> databases = new ArrayList<>();
        List<CompletionStage<DescribeOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TestDatabases.TestDatabase database = start(Identity.derive("leak", "database " + started++));
            databases.add(database);
            if (i % PUBLISHED_EVERY == 0) {
                use(database);
            } else {
                answers.add(database.ask(Command.Describe::new));
            }
        }
        answers.forEach(answer -> assertInstanceOf(Database.NoSuchModule.class, TestDatabases.await(answer)));

        TestProbe<Object> probe = node.kit().createTestProbe();
        for (int i = 0; i < count; i++) {
            if (i % 2 == 0) {
                databases.get(i).ref().tell(Command.Stop.INSTANCE);
            } // the others have nobody who asks for them, and go by themselves
            probe.expectTerminated(databases.get(i).ref(), DEADLINE);
        }
        probe.stop();
    }

    private TestDatabases.TestDatabase start(Identity identity) {
        return node.start(Behaviors.setup(context -> {
            dispatchers.add(new WeakReference<>(CoreBoundDispatcher.of(context)));
            return DatabaseActor.create(identity, node.services());
        }));
    }

    /** With an instance that stays on loan, and a follower of its log that outlives it. */
    private void use(TestDatabases.TestDatabase database) {
        assertInstanceOf(Published.class, database.publish());
        CallOutcome outcome = database.call("add", "[1]");
        assertInstanceOf(Committed.class, outcome);
        database.ref().tell(new Command.FollowLog(TestDatabases.OWNER, 1, follower.getRef()));
        assertInstanceOf(LogLines.class, follower.receiveMessage(DEADLINE));
    }
}
