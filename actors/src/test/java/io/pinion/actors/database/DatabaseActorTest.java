package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.BadArguments;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.NoSuchReducer;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Rejected;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseActorTest {
    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, "pinion.limits.reducer-time = 300 ms");
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void whatWasNeverPublishedToHasNoModule() {
        assertInstanceOf(NoSuchModule.class, database.call("add", "[1]"));
        assertInstanceOf(NoSuchModule.class, database.query(OWNER, "SELECT * FROM item"));
    }

    @Test
    void aPublishedDatabaseIsCalledAndAnswersWithItsRows() {
        Published published = assertInstanceOf(Published.class, database.publish("warns"));
        assertTrue(published.created());
        assertEquals(List.of("a script is no module"), published.warnings());
        assertEquals(1, published.offset());

        assertEquals(
                2,
                assertInstanceOf(Committed.class, database.call("add", "[7]")).offset());

        assertEquals(List.of(1000L, 7L), database.numbers("SELECT value FROM item"));
        assertEquals(List.of(2L), database.numbers("SELECT id FROM item WHERE value = 7"));
    }

    @Test
    void everyBadEndIsATypedAnswerAndChangesNothing() {
        database.publish();

        assertEquals(
                "no",
                assertInstanceOf(Rejected.class, database.call("fail", "[\"no\", 5]"))
                        .message());
        assertEquals(
                "trapped",
                assertInstanceOf(Failed.class, database.call("trap", "[]")).reason());
        assertInstanceOf(Stopped.class, database.call("loop", "[]"));
        assertInstanceOf(Failed.class, database.call("overflow", "[]"));

        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
        assertInstanceOf(Committed.class, database.call("add", "[8]"));
    }

    @Test
    void unknownAndHiddenReducersDoNotExistForGuests() {
        database.publish();

        NoSuchReducer unknown = assertInstanceOf(NoSuchReducer.class, database.call("nobody", "[]"));
        assertTrue(unknown.message().startsWith("no such reducer"), unknown.message());
        assertInstanceOf(NoSuchReducer.class, database.call(GUEST, "hidden", "[]"));
        assertInstanceOf(NoSuchReducer.class, database.call(GUEST, "tick", "[[1, {\"Time\": 5}]]"));
        assertInstanceOf(Failed.class, database.call(OWNER, "hidden", "[]"));
        assertInstanceOf(Database.NotCallable.class, database.call(OWNER, "init", "[]"));
    }

    @Test
    void wrongArgumentsAreNamed() {
        database.publish();

        BadArguments arity = assertInstanceOf(BadArguments.class, database.call("fail", "[\"a\"]"));
        assertTrue(
                arity.message().contains("invalid length 1, expected reducer args for fail with 2 elements"),
                arity.message());
        BadArguments type = assertInstanceOf(BadArguments.class, database.call("fail", "[\"a\", \"b\"]"));
        assertTrue(type.message().contains("[1]"), type.message());
    }
}
