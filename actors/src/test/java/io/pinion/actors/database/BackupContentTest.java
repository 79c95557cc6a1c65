package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.durability.EntryBlock;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.snapshot.StateCopy;
import io.pinion.modules.InvalidModuleException;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What says who is connected, and by which credentials, is in no backup. */
class BackupContentTest {
    private static final String CLAIMS = "{\"sub\":\"a secret of the caller\"}";
    private static final Identity CALLER = Identity.derive("localhost", "caller");

    private Datastore store;
    private Delta delta;

    @BeforeEach
    void connect() throws InvalidModuleException {
        store = Datastore.create(ScriptedModule.load(ScriptedModule.script()).definition());
        Transaction transaction = store.begin();
        assertTrue(store.records().connect(CALLER, new ConnectionId(1, 2), CLAIMS));
        byte[] row = new BsatnWriter().writeLong(0).writeLong(7).toBytes().toArray();
        assertEquals(0, transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter()));
        delta = transaction.commit();
        assertTrue(delta.tables().size() == 3, delta.toString());
    }

    @Test
    void aStateLeavesThemOut() {
        List<byte[]> chunks = new ArrayList<>();
        StateCopy copy = new StateCopy(5, SystemRecords::isOfConnections, chunks::add);
        Set<String> names;
        try (FrozenView view = store.freeze("a test")) {
            Set<Integer> ids = view.tables().stream().map(TableInfo::id).collect(Collectors.toSet());
            assertTrue(ids.stream().anyMatch(SystemRecords::isOfConnections), ids.toString());
            copy.view(view, 4096, () -> false);
            names = copy.counts().keySet().stream()
                    .map(id -> store.table(id).orElseThrow().name())
                    .collect(Collectors.toSet());
        }

        assertEquals(Set.of("item"), names);
        assertEquals(1, chunks.size());
        assertFalse(holdsClaims(chunks.getFirst()));
    }

    @Test
    void aLogLeavesThemOutAndKeepsItsOffsets() {
        LogEntry.Transaction entry = new LogEntry.Transaction(
                1, CALLER, new ConnectionId(1, 2), 0, 0, CallKind.REDUCER, CallResult.COMMITTED, "add", delta);
        EntryBlock whole = new EntryBlock();
        whole.add(9, entry);
        assertTrue(holdsClaims(whole.take()), "the log itself has them");

        EntryBlock block = new EntryBlock();
        block.add(9, LogCopy.withoutConnections(entry));
        byte[] bytes = block.take();

        assertFalse(holdsClaims(bytes));
        EntryBlock.Entries read = EntryBlock.read(bytes);
        assertEquals(9, read.offsetFirst());
        LogEntry.Transaction copied = (LogEntry.Transaction) read.entries().getFirst();
        assertEquals(
                List.of("item"),
                copied.delta().tables().stream()
                        .map(table -> store.table(table.tableId()).orElseThrow().name())
                        .toList());
        assertEquals(delta.sequences(), copied.delta().sequences());
    }

    private static boolean holdsClaims(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains("a secret of the caller");
    }
}
