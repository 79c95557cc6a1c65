package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.Rows;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The log of a small database with one of its events damaged, at every single byte: the database answers with a refusal that
 * says where. What the journal itself would notice before is not asked here: the damaged event is what it was given.
 */
@Timeout(600)
class DamagedLogTest {
    private static final String SELECT = "SELECT value FROM item";
    private static final List<Long> VALUES = List.of(1000L, 1L, 2L);
    private static final int AT_ONCE = 64;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private List<byte[]> log;
    private int copies;

    @BeforeEach
    void write() {
        // Hundreds of databases that cannot be recovered, each with its line.
        ((Logger) LoggerFactory.getLogger("io.pinion.actors")).setLevel(Level.OFF);
        node = TestDatabases.start(directory);
        TestDatabase database = node.database();
        database.publish();
        database.call("add", "[1]");
        database.call("add", "[2]");
        assertEquals(VALUES, database.numbers(SELECT));
        node.kit().stop(database.ref());
        log = await(append(DATABASE, List.of()));
    }

    @AfterEach
    void stop() {
        node.close();
        ((Logger) LoggerFactory.getLogger("io.pinion.actors")).setLevel(null);
    }

    @Test
    void anIntactCopyIsReadWhole() {
        Rows rows = assertInstanceOf(Rows.class, await(recover(log)));

        assertEquals(VALUES, node.database().numbers(rows));
    }

    @Test
    void aFlippedByteAnywhereIsRefusedByName() {
        List<List<byte[]>> damaged = new ArrayList<>();
        for (int event = 0; event < log.size(); event++) {
            for (int at = 0; at < log.get(event).length; at++) {
                byte[] flipped = log.get(event).clone();
                flipped[at] ^= (byte) (1 << (at % Byte.SIZE));
                damaged.add(with(event, flipped));
            }
        }
        refused(damaged);
    }

    @Test
    void anEventThatIsCutAnywhereIsRefusedByName() {
        List<List<byte[]>> damaged = new ArrayList<>();
        for (int event = 0; event < log.size(); event++) {
            for (int length = 0; length < log.get(event).length; length++) {
                damaged.add(with(event, Arrays.copyOf(log.get(event), length)));
            }
        }
        refused(damaged);
    }

    @Test
    void anEventThatIsMissingOrTwiceThereIsRefusedByName() {
        List<List<byte[]>> damaged = new ArrayList<>();
        for (int event = 0; event < log.size() - 1; event++) {
            List<byte[]> without = new ArrayList<>(log);
            without.remove(event);
            // Without the mark of its first owner the log begins with a batch, as one that was cut down does.
            if (event > 0) {
                damaged.add(without);
            }
            List<byte[]> twice = new ArrayList<>(log);
            twice.add(event, log.get(event));
            damaged.add(twice);
        }
        refused(damaged);
    }

    private List<byte[]> with(int event, byte[] damaged) {
        List<byte[]> copy = new ArrayList<>(log);
        copy.set(event, damaged);
        return copy;
    }

    private void refused(List<List<byte[]>> logs) {
        for (int first = 0; first < logs.size(); first += AT_ONCE) {
            List<List<byte[]>> some = logs.subList(first, Math.min(logs.size(), first + AT_ONCE));
            List<CompletionStage<QueryOutcome>> outcomes =
                    some.stream().map(this::recover).toList();
            for (int i = 0; i < outcomes.size(); i++) {
                String context = "log " + (first + i) + " of " + logs.size();
                Unavailable refusal = assertInstanceOf(Unavailable.class, await(outcomes.get(i)), context);
                assertTrue(refusal.reason().contains("offset"), context + ": " + refusal.reason());
            }
        }
    }

    /** What a database with that log answers to a query. */
    private CompletionStage<QueryOutcome> recover(List<byte[]> events) {
        copies++;
        Identity identity = Identity.derive("localhost", "copy " + copies);
        return append(identity, events).thenCompose(_ -> {
            TestDatabase copy = node.database(identity);
            return copy.<QueryOutcome>ask(replyTo -> new Command.Query(
                            SELECT, new Database.Caller(OWNER, ConnectionId.NONE), true, Database.NO_DEADLINE, replyTo))
                    .whenComplete((_, _) -> copy.ref().tell(Command.Stop.INSTANCE));
        });
    }

    private CompletableFuture<List<byte[]>> append(Identity identity, List<byte[]> events) {
        return RawLogActor.append(Adapter.toClassic(node.kit().system()), "database-" + identity.toHex(), events);
    }
}
