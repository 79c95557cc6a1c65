package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.durability.LogEntry;
import io.pinion.modules.HostType;
import io.pinion.modules.InvalidModuleException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.MigrationResult;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The log of a database with an update in it, wherever it ends. */
class RecoveredStateTest {
    private final Datastore store = Datastore.create(definition("v1"));
    private final List<LogEntry> log = new ArrayList<>();
    /** Rows and tables after each entry. */
    private final List<String> states = new ArrayList<>();

    private static ModuleDef definition(String... words) {
        try {
            return ScriptedModule.load(ScriptedModule.script(words)).definition();
        } catch (InvalidModuleException e) {
            throw new AssertionError(e);
        }
    }

    private void published(boolean isFresh, Bytes migration) {
        log.add(new LogEntry.Published(
                1,
                TestDatabases.OWNER,
                HostType.JS,
                Bytes.ofHex("00"),
                store.module().raw(),
                Optional.empty(),
                isFresh,
                migration,
                RecoveredState.tables(store),
                Delta.EMPTY));
        states.add(describe(store));
    }

    private void update(String... words) {
        MigrationResult.Updated updated =
                assertInstanceOf(MigrationResult.Updated.class, store.tryUpdate(definition(words)));
        published(false, updated.migration().toBytes());
    }

    private void insert(int count, long... values) {
        Transaction transaction = store.begin();
        for (int i = 0; i < count; i++) {
            BsatnWriter row = new BsatnWriter().writeLong(0);
            for (long value : values) {
                row.writeLong(value);
            }
            transaction.insert(store.tableId("item"), row.buffer(), 0, row.length(), new BsatnWriter());
        }
        log.add(new LogEntry.Transaction(
                1,
                TestDatabases.OWNER,
                ConnectionId.NONE,
                0,
                0,
                LogEntry.CallKind.REDUCER,
                LogEntry.CallResult.COMMITTED,
                "add",
                transaction.commit()));
        states.add(describe(store));
    }

    private static String describe(Datastore store) {
        StringBuilder text = new StringBuilder();
        Transaction reading = store.begin();
        store.tables().forEach(table -> {
            List<String> rows = new ArrayList<>();
            reading.scanTable(
                    table.id(),
                    (bytes, offset, length) ->
                            rows.add(Bytes.copyOf(bytes, offset, length).toHex()));
            rows.sort(null);
            text.append(table).append(rows);
        });
        reading.rollback();
        return text.toString();
    }

    @Test
    void aLogThatIsCutAnywhereIsTheOldTablesOrTheNewOnes() {
        published(true, Bytes.EMPTY);
        insert(3, 10);
        update("level", "by-value");
        insert(2, 11, 12);
        update("level", "wider");
        insert(1, 13, 14);

        for (int end = 1; end <= log.size(); end++) {
            RecoveredState state = new RecoveredState(TestDatabases.emptyWindow(), TestDatabases::nothingRestored);
            for (int i = 0; i < end; i++) {
                state.apply(i + 1, log.get(i));
            }
            assertEquals(states.get(end - 1), describe(Objects.requireNonNull(state.store())), "cut after " + end);
        }
        assertTrue(states.getLast().contains("extra"));
    }

    @Test
    void nobodyWaitsForALongStepOfAnUnwantedRecovery() {
        published(true, Bytes.EMPTY);
        insert(3000, 10);
        update("level");
        RecoveredState state = new RecoveredState(TestDatabases.emptyWindow(), TestDatabases::nothingRestored);
        state.apply(1, log.getFirst());
        state.apply(2, log.get(1));

        state.abandon();

        assertThrows(OperationStoppedException.class, () -> state.apply(3, log.get(2)));
    }
}
