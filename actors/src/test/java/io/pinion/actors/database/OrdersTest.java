package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.OrderOutcome;
import io.pinion.actors.database.Database.Ordered;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.durability.CorruptEventException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators order holds at once, past fences and restarts, until it is ordered otherwise. */
class OrdersTest {
    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        restart();
        assertInstanceOf(Database.Published.class, database.publish());
    }

    private void restart() {
        if (node != null) {
            node.close();
        }
        node = TestDatabases.start(directory);
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private CompletionStage<OrderOutcome> orderLater(Orders.Change change) {
        return database.ask(replyTo -> new Command.Order(change, replyTo));
    }

    private OrderOutcome order(Orders.Change change) {
        return await(orderLater(change));
    }

    private Orders ordered(Orders.Change change) {
        return assertInstanceOf(Ordered.class, order(change)).orders();
    }

    private void assertPaused(Object outcome) {
        String reason = assertInstanceOf(Unavailable.class, outcome).reason();
        assertTrue(reason.matches("paused by an operator since 20\\d\\d-.*Z: repair"), reason);
    }

    @Test
    void aPausedDatabaseRefusesCallsStatementsAndPublishesWithTheReasonAndAnswersManagement() {
        ordered(new Orders.Change.Paused("repair"));

        assertPaused(database.call("add", "[1]"));
        assertPaused(database.query(OWNER, "SELECT value FROM item"));
        assertPaused(database.run(1));
        assertPaused(database.request("GET", "/"));
        assertPaused(database.publish("wider"));
        assertInstanceOf(
                Database.Description.class, await(database.<Database.DescribeOutcome>ask(Command.Describe::new)));
        assertInstanceOf(
                Database.SnapshotTaken.class, await(database.<Database.SnapshotOutcome>ask(Command.TakeSnapshot::new)));

        ordered(new Orders.Change.Resumed());

        assertInstanceOf(Committed.class, database.call("add", "[2]"));
        assertEquals(List.of(1000L, 2L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void schedulesWaitWhileADatabaseIsPaused() {
        ordered(new Orders.Change.Limited(Map.of()));
        assertInstanceOf(Committed.class, database.call("later", "[{\"Interval\": [20000]}]"));
        database.awaitMoreThan("SELECT value FROM item WHERE value < 0", 1);

        ordered(new Orders.Change.Paused("repair"));
        long countWhenPaused = reducersRun();
        node.kit().createTestProbe().expectNoMessage(Duration.ofMillis(200));
        assertEquals(countWhenPaused, reducersRun());
        ordered(new Orders.Change.Resumed());

        database.awaitMoreThan("SELECT value FROM item WHERE value < 0", (int) countWhenPaused);
    }

    private long reducersRun() {
        return node.vitals(DATABASE).status().reducers().total();
    }

    @Test
    void ordersHoldAcrossFencesAndRestarts() {
        ordered(new Orders.Change.Weighted(250));
        ordered(new Orders.Change.Limited(Map.of("reducer-time", Duration.ofMillis(70))));
        Orders all = ordered(new Orders.Change.Paused("repair"));
        assertEquals(OptionalInt.of(250), all.weight());

        restart();

        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertPaused(database.call("add", "[1]"));
            return null;
        });
        DatabaseStatus status = node.vitals(DATABASE).status();
        assertEquals(all, status.orders());
        assertEquals(Duration.ofMillis(70), status.limits().reducer());
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(List.of(250), weights());
            return null;
        });
        ordered(new Orders.Change.Resumed());
        assertInstanceOf(Database.Stopped.class, database.call("loop", "[]"));
        ordered(new Orders.Change.Limited(Map.of("reducer-time", Duration.ZERO)));
        assertEquals(
                node.services().settings().callLimits(),
                node.vitals(DATABASE).status().limits());
    }

    private List<Integer> weights() {
        return Cores.get(node.kit().system()).bindings().stream()
                .filter(load -> load.name().equals(DATABASE.toHex()))
                .map(BindingLoad::weight)
                .toList();
    }

    @Test
    void whatCannotBeOrderedIsRefusedByNameAndChangesNothing() {
        assertEquals(
                new Database.NotOrdered("a weight lies between 1 and 10000, not at 0"),
                order(new Orders.Change.Weighted(0)));
        Database.NotOrdered unknown = assertInstanceOf(
                Database.NotOrdered.class, order(new Orders.Change.Limited(Map.of("reducer", Duration.ofSeconds(1)))));
        assertTrue(unknown.reason().startsWith("there is no limit reducer; there are reducer-time,"), unknown.reason());
        assertEquals(
                new Database.NotOrdered("reducer-time has to lie between PT0.001S and PT24H, not at PT48H"),
                order(new Orders.Change.Limited(Map.of("reducer-time", Duration.ofDays(2)))));
        assertEquals(Orders.NONE, node.vitals(DATABASE).status().orders());
    }

    @Test
    void anEndedDatabaseLeavesNoOrdersToTheNextOfItsIdentity() {
        ordered(new Orders.Change.Paused("repair"));
        assertInstanceOf(
                Database.Deleted.class,
                await(database.<Database.DeleteOutcome>ask(replyTo -> new Command.Delete(OWNER, replyTo))));

        assertInstanceOf(Database.Published.class, database.publish());
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        restart();

        assertEquals(List.of(1000L, 1L), database.numbersWhenServing("SELECT value FROM item"));
    }

    @Test
    void thereIsNothingToOrderWhereThereIsNoDatabase() {
        database = node.database(TestDatabases.GUEST);

        assertEquals(new Database.NoSuchModule(), order(new Orders.Change.Paused("repair")));
    }

    @Test
    void ordersOfANewerFormatAreRefusedByName() {
        Orders orders = new Orders(
                Optional.of(new Orders.Pause("repair", 5)),
                Map.of("view-time", Duration.ofSeconds(1)),
                OptionalInt.of(7));
        byte[] bytes = OrdersCodec.write(orders);
        assertEquals(orders, OrdersCodec.read(bytes));
        bytes[0]++;

        CorruptEventException newer = assertThrows(CorruptEventException.class, () -> OrdersCodec.read(bytes));

        assertEquals("the orders for a database have format version 2", newer.getMessage());
        byte[] cut = java.util.Arrays.copyOf(OrdersCodec.write(orders), 5);
        assertThrows(CorruptEventException.class, () -> OrdersCodec.read(cut));
    }
}
