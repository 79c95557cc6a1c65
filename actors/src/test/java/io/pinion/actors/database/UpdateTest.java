package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.UpdateRefused;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program is replaced by another one with other tables, and the rows stay. */
class UpdateTest {
    private static final long MIGRATED = 7;
    private static final long WRITTEN_AFTERWARDS = 1;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory);
        database = node.database();
        database.publish();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void restart() {
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
    }

    private record Item(long value, long level) {}

    /** By id. */
    private Map<Long, Item> items() {
        Database.Rows rows = assertInstanceOf(Database.Rows.class, database.query(OWNER, "SELECT * FROM item"));
        BsatnReader in = new BsatnReader(rows.rows());
        Map<Long, Item> items = new TreeMap<>();
        for (long left = in.readCount(); left > 0; left--) {
            items.put(in.readLong(), new Item(in.readLong(), in.readLong()));
        }
        return items;
    }

    private CompletionStage<CallOutcome> add(long value) {
        return database.callLater(
                OWNER,
                "add",
                new Arguments.Bsatn(new BsatnWriter().writeLong(value).toBytes()));
    }

    @Test
    void callsThatStreamDuringAnUpdateAreAllInTheNewTables() {
        assertInstanceOf(Committed.class, database.call("huge", "[20000]"));
        assertInstanceOf(Committed.class, database.call("huge", "[20000]"));
        CompletableFuture<PublishOutcome> published =
                CompletableFuture.supplyAsync(() -> database.publishAndBreak("level", "wider", "by-value"));

        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        long value = 1_000_000;
        while (!published.isDone()) {
            CompletionStage<CallOutcome> answer = add(value++);
            answers.add(answer);
            if (answers.size() % 64 == 0) {
                await(answer);
            }
        }
        answers.add(add(value++));

        assertFalse(assertInstanceOf(Published.class, published.join()).created());
        Set<Long> committed = new HashSet<>();
        for (int i = 0; i < answers.size(); i++) {
            assertInstanceOf(Committed.class, await(answers.get(i)));
            committed.add(1_000_000L + i);
        }
        Map<Long, Item> items = items();
        assertEquals(40_001 + answers.size(), items.size());
        committed.removeAll(items.values().stream().map(Item::value).toList());
        assertEquals(Set.of(), committed);
        assertOldCodeRanUntilTheSwap(items);
        restart();
        assertEquals(items, items());
        assertInstanceOf(Committed.class, await(add(5)));
        assertEquals(List.of(5L), database.numbers("SELECT value FROM item WHERE value = 5 AND level = 1"));
    }

    /** Ids count up, so that those of the old code come before all others. */
    private static void assertOldCodeRanUntilTheSwap(Map<Long, Item> items) {
        boolean isSwapped = false;
        for (Map.Entry<Long, Item> item : items.entrySet()) {
            isSwapped |= item.getValue().level() == WRITTEN_AFTERWARDS;
            assertEquals(
                    isSwapped ? WRITTEN_AFTERWARDS : MIGRATED, item.getValue().level(), item::toString);
        }
        assertTrue(isSwapped);
    }

    @Test
    void anUpdateThatTheRowsStandAgainstLeavesTheOldModuleServing() {
        database.call("add", "[5]");
        database.call("add", "[5]");

        UpdateRefused refused = assertInstanceOf(UpdateRefused.class, database.publish("unique-value"));

        assertEquals(
                List.of("index item_value_idx_btree of table item cannot be unique: two rows have (value) = [5]"),
                refused.reasons());
        assertEquals(
                4,
                assertInstanceOf(Committed.class, database.call("add", "[5]")).offset());
        assertTrue(await(node.services().programs().read(Hashes.keccak256(ScriptedModule.script("unique-value"))))
                .isEmpty());
        restart();
        assertEquals(List.of(1000L, 5L, 5L, 5L), database.numbers("SELECT value FROM item"));
        assertInstanceOf(Published.class, database.publish("by-value"));
    }

    @Test
    void whatClientsWouldNoticeNeedsTheTokenOfItsPlan() {
        Bytes program = ScriptedModule.script("level");

        UpdateRefused compatible = assertInstanceOf(UpdateRefused.class, database.publish("level"));
        UpdateRefused wrong = assertInstanceOf(
                UpdateRefused.class,
                await(database.<PublishOutcome>ask(replyTo -> new Command.Publish(
                        program, OWNER, false, new Database.Policy.BreakClients(Bytes.ofHex("00")), replyTo))));
        Database.Planned planned = assertInstanceOf(Database.Planned.class, database.plan(OWNER, program));

        assertTrue(compatible.reasons().getFirst().contains("would disconnect all clients"), compatible::toString);
        assertTrue(wrong.reasons().getFirst().contains("migration token"), wrong::toString);
        assertEquals("""
                The schema changes:
                  - remove view large
                  + add column level to table item, 7 in every row
                  + add view large
                Warning: all clients will be disconnected.
                """, planned.plan());
        assertTrue(planned.breaksClients());
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        assertInstanceOf(Published.class, database.publishAndBreak("level"));
        assertEquals(List.of(MIGRATED, MIGRATED), database.numbers("SELECT level FROM item"));
    }

    @Test
    void aPlanIsForTheOwnerAndTellsWhyThereIsNone() {
        assertEquals(new Database.NotOwner(OWNER), database.plan(GUEST, ScriptedModule.script("wider")));
        assertEquals(
                new UpdateRefused(List.of("column value of table item: cannot change its type")),
                database.plan(OWNER, ScriptedModule.script("other-type")));
        assertInstanceOf(Database.InvalidProgram.class, database.plan(OWNER, Bytes.ofUtf8("rubbish")));
        assertInstanceOf(
                Database.NoSuchModule.class,
                await(node.database(GUEST)
                        .<Database.PlanOutcome>ask(replyTo -> new Command.PlanPublish(
                                ScriptedModule.script(), OWNER, MigrationStyle.ANSI, replyTo))));
    }

    @Test
    void aClearingPublishNeedsNoPlan() {
        assertInstanceOf(Published.class, database.publish(ScriptedModule.script("level"), OWNER, true));
        assertEquals(List.of(WRITTEN_AFTERWARDS), database.numbers("SELECT level FROM item"));
    }

    @Test
    void updatesFollowEachOtherAndARestartRepeatsThemAll() {
        database.call("add", "[1]");
        assertInstanceOf(Published.class, database.publish("by-value"));
        database.call("add", "[2]");
        assertInstanceOf(Published.class, database.publishAndBreak("level", "by-value", "wider"));
        database.call("add", "[3]");
        assertInstanceOf(Published.class, database.publishAndBreak("level", "unique-value"));
        database.call("add", "[4]");
        Map<Long, Item> items = items();
        assertEquals(5, items.size());

        restart();

        assertEquals(items, items());
        assertInstanceOf(Database.Failed.class, database.call("add", "[4]"));
    }

    @Test
    void aScheduleThatComesWithAnUpdateFiresForTheRowsThatAreThereAndOneThatGoesDoesNot() {
        database.publish("timeless");
        long soon = 1;
        Bytes at = new BsatnWriter().writeByte(1).writeLong(soon).toBytes();
        assertInstanceOf(Committed.class, await(database.callLater(OWNER, "later", new Arguments.Bsatn(at))));
        assertEquals(List.of(1L), database.numbers("SELECT id FROM timer"));

        assertInstanceOf(Published.class, database.publish());

        database.awaitNumbers("SELECT id FROM timer", List.of());
    }

    @Test
    void aDatabaseThatDiesDuringAnUpdateHasTheOldTablesOrTheNewOnesAfterwards() {
        assertInstanceOf(Committed.class, database.call("huge", "[20000]"));
        for (int i = 0; i < 6; i++) {
            boolean isWide = i % 2 == 1;
            CompletionStage<PublishOutcome> publishing = database.ask(replyTo ->
                    new Command.Publish(ScriptedModule.script(isWide ? "v1" : "by-value"), OWNER, false, replyTo));
            for (int call = 0; call < 20 * i; call++) {
                database.call("nothing", "[]");
            }
            database.killDurability();
            await(publishing);

            assertEquals(
                    20_001, database.numbersWhenServing("SELECT id FROM item").size());
            assertInstanceOf(Committed.class, database.call("nothing", "[]"));
            assertInstanceOf(Published.class, database.publish(isWide ? "v1" : "by-value"));
        }
    }
}
