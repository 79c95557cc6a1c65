package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What reducers may do and what they are told, shown with a module that says in its log what it saw: the same in each
 * language and with each SDK. See {@code examples/contract-js}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class ReducerContract {
    static final Identity CALLER = new Identity(7, 0, 0, 9);
    static final ConnectionId CONNECTION = new ConnectionId(5, 6);
    static final long NOW_MICROS = 1_700_000_000_000_000L;

    Module module;
    RecordingHost host;
    Datastore store;
    Instance instance;

    abstract Bytes program();

    /** Whether the module says this line; the others do not apply to it. */
    boolean isSaid(String line) {
        return true;
    }

    /** Whether an instance goes on after what it did failed. */
    abstract boolean isKeptAfterFailure();

    @BeforeAll
    void load() throws InvalidModuleException {
        module = ModuleLoader.load(program(), ModuleLimits.DEFAULT);
    }

    @BeforeEach
    void instantiate() throws InvalidModuleException {
        host = new RecordingHost();
        store = Datastore.create(module.definition());
        instance = module.instantiate(host);
    }

    @AfterEach
    void close() {
        instance.close();
    }

    @Test
    void theLifeCycleHasItsReducers() {
        call(nameOf(Lifecycle.INIT));
        call(nameOf(Lifecycle.ON_CONNECT));
        call(nameOf(Lifecycle.ON_DISCONNECT));

        String connection = CONNECTION.toHex();
        assertEquals(List.of("init", "connected " + connection, "disconnected " + connection), host.messages());
    }

    private String nameOf(Lifecycle lifecycle) {
        return module.definition().reducer(lifecycle).orElseThrow().name();
    }

    @Test
    void aReducerKnowsItsCallItsCallerAndItsDatabase() {
        assertSays(
                "context",
                "sender " + CALLER.toHex(),
                "connection " + CONNECTION.toHex(),
                "timestamp " + NOW_MICROS,
                "database " + RecordingHost.DATABASE.toHex());
    }

    @Test
    void aCallWithoutAConnectionHasNone() {
        FunctionCall call =
                new FunctionCall(id("context"), "context", CALLER, ConnectionId.NONE, NOW_MICROS, Bytes.EMPTY);
        Transaction transaction = store.begin();
        assertReturned(instance.callReducer(call, transaction));
        transaction.rollback();

        assertEquals("connection none", host.messages().get(1));
    }

    @Test
    void theClaimsOfAConnectionCanBeReadWhileThereAreSome() {
        assertSays("claims", "claims none");

        host.claims.put(CONNECTION, "{\"sub\":\"somebody\"}");
        host.lines.clear();

        assertSays("claims", "claims {\"sub\":\"somebody\"}");
    }

    @Test
    void rowsAreInsertedFoundChangedAndDeleted() {
        assertSays(
                "tables",
                "inserted 1 2 3 100",
                "again 1",
                "count 4",
                "scan 106",
                "found 2 none",
                "updated 9",
                "deleted 1 0",
                "deleted row 1 0",
                "cleared 2 0");
    }

    @Test
    void indexesAnswerPointsPrefixesAndRanges() {
        assertSays(
                "ranges",
                "prefix 10 45",
                "range 6 33",
                "above 6 39",
                "up to 4 6",
                "kinds 20 90",
                "point 1 5",
                "deleted 5 1",
                "hash 3 3 3");
    }

    @Test
    void rowsComeInChunksOfWhateverSizeIsNeeded() {
        assertSays("chunks", "rows 3000", "first 100", "longest 200000");
    }

    @Test
    void everyErrorHasItsNumber() {
        assertSays(
                "errors",
                "unique 12",
                "no row 15",
                "not unique 14",
                "update no index 5",
                "no table 4",
                "no table count 4",
                "no table scan 4",
                "no table delete 4",
                "no index 5",
                "no index point 5",
                "no index range 5",
                "no index delete 5",
                "undecodable point 3",
                "undecodable bound 3",
                "undecodable rows 3",
                "no iterator 6",
                "no iterator to close 6",
                "no timer 7",
                "too far 13",
                "start 17",
                "commit 18",
                "abort 18",
                "too small 20",
                "closed 0",
                "closed again 6");
    }

    @Test
    void aRefusalReachesTheCaller() {
        assertEquals(new GuestResult.UserError("not today ✓"), call("refuse", text("not today ✓")));
        assertTrue(instance.isUsable());
        assertEquals(new GuestResult.UserError(""), call("refuse", text("")));
    }

    @Test
    void aMistakeIsLoggedAsAPanicWithAStackAndIsNotForTheCaller() {
        assertInstanceOf(GuestResult.Failed.class, call("fail"));

        List<LogRecord> panics =
                host.lines.stream().filter(line -> line.level() == Level.PANIC).toList();
        assertEquals(1, panics.size(), host.messages()::toString);
        assertTrue(panics.getFirst().message().contains("a mistake"), panics::toString);
        assertTrue(!panics.getFirst().trace().isEmpty());
        assertEquals("fail", panics.getFirst().function());
        assertEquals(isKeptAfterFailure(), instance.isUsable());
        assertEquals(List.of(), rows("items"));
    }

    @Test
    void rowsOfAScheduleRunTheirReducer() {
        assertSays("schedule", "scheduled 1 1", "scheduled 1");

        Bytes tick = rows("ticks").getFirst();
        assertReturned(call("on_tick", tick));
        assertEquals("tick 1 Interval", last().message());
        BsatnReader row = new BsatnReader(tick);
        assertEquals(1, row.readLong());
        assertEquals(0, row.readU8());
        assertEquals(5_000_000, row.readLong());
    }

    // Helpers

    final LogRecord last() {
        return host.lines.getLast();
    }

    final GuestResult call(String reducer) {
        return call(reducer, Bytes.EMPTY);
    }

    /** Commits if it returned, else rolls back. */
    final GuestResult call(String reducer, Bytes arguments) {
        Transaction transaction = store.begin();
        GuestResult result = instance.callReducer(
                new FunctionCall(id(reducer), reducer, CALLER, CONNECTION, NOW_MICROS, arguments), transaction);
        if (result instanceof GuestResult.Returned) {
            transaction.commit();
        } else {
            transaction.rollback();
        }
        return result;
    }

    private int id(String reducer) {
        return module.definition().reducer(reducer).orElseThrow().id();
    }

    /** Runs a reducer; what it says has to be those of these lines that apply. */
    final void assertSays(String reducer, String... lines) {
        assertReturned(call(reducer));
        assertEquals(Stream.of(lines).filter(this::isSaid).toList(), host.messages());
    }

    static void assertReturned(GuestResult result) {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), result);
    }

    static Bytes text(String text) {
        return new BsatnWriter().writeString(text).toBytes();
    }

    final void fill(String name, int kind) {
        Bytes arguments = new BsatnWriter().writeString(name).writeInt(kind).toBytes();
        assertReturned(call("fill", arguments));
    }

    /** As the last commit left them. */
    final List<Bytes> rows(String table) {
        RowList rows = new RowList();
        Transaction transaction = store.begin();
        transaction.scanTable(transaction.tableId(table), rows);
        transaction.rollback();
        return IntStream.range(0, rows.count()).mapToObj(rows::get).toList();
    }

    /** The names of items, of a BSATN array of them or of single rows. */
    final List<String> itemNames() {
        List<String> names = new ArrayList<>();
        rows("items").forEach(row -> names.add(itemName(new BsatnReader(row))));
        return names.stream().sorted().toList();
    }

    static String itemName(BsatnReader item) {
        item.readLong();
        String name = item.readString();
        item.readInt();
        item.readByte();
        return name;
    }
}
