package io.pinion.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What every engine has to do, shown with two modules that each engine brings in its own language: the bank of the
 * examples, and one that misbehaves.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
public abstract class EngineContract {
    private static final Identity CALLER = new Identity(7, 0, 0, 9);
    private static final ConnectionId CONNECTION = new ConnectionId(5, 6);
    private static final long NOW_MICROS = 1_700_000_000_000_000L;
    private static final int STOP_ROUNDS = 1_000;

    private Module bank;
    private Module mischief;
    private RecordingHost host;
    private Datastore store;
    private Instance instance;

    /** The bank: tables, reducers, view and errors are the same, word for word, in every language. */
    protected abstract Bytes bankProgram();

    /**
     * Table {@code notes} (public): {@code id} u64 primary key, generated; {@code text} string. Reducers without
     * parameters: {@code forever} never ends; {@code quick} does nothing; {@code recurse} calls itself without end;
     * {@code write_then_fail} inserts a note and then traps or throws what is not an error for the caller; {@code
     * write_then_refuse} inserts a note and refuses with {@code "refused"}; {@code log_line} logs {@code "a line"} as
     * info.
     */
    protected abstract Bytes mischiefProgram();

    /** Whether an instance is thrown away after it was stopped or has failed. */
    protected abstract boolean isDiscardedAfterFailure();

    @BeforeAll
    void loadBothModules() throws InvalidModuleException {
        bank = ModuleLoader.load(bankProgram(), ModuleLimits.DEFAULT);
        mischief = ModuleLoader.load(mischiefProgram(), ModuleLimits.DEFAULT);
    }

    @BeforeEach
    void openABank() throws InvalidModuleException {
        host = new RecordingHost();
        store = Datastore.create(bank.definition());
        instance = bank.instantiate(host);
    }

    @AfterEach
    void close() {
        instance.close();
    }

    // The description

    @Test
    void theBankDescribesItsTables() {
        ModuleDef definition = bank.definition();

        ModuleDef.TableDef accounts = definition.table("accounts").orElseThrow();
        ModuleDef.TableDef timer = definition.table("audit_timer").orElseThrow();
        ModuleDef.TableDef audits = definition.table("audits").orElseThrow();
        assertEquals(List.of("id", "owner", "balance"), columns(accounts));
        assertEquals(0, accounts.primaryKey().orElseThrow());
        assertEquals(TableAccess.PUBLIC, accounts.access());
        assertEquals(List.of("scheduled_id", "scheduled_at"), columns(timer));
        assertEquals(TableAccess.PRIVATE, timer.access());
        assertEquals("audit", timer.schedule().orElseThrow().functionName());
        assertEquals(List.of("id", "at", "accounts", "total"), columns(audits));
        assertEquals(1, audits.sequences().size());
    }

    private static List<String> columns(ModuleDef.TableDef table) {
        return table.columns().stream().map(ModuleDef.ColumnDef::name).toList();
    }

    @Test
    void theBankDescribesItsFunctions() {
        ModuleDef definition = bank.definition();

        List<String> reducers = definition.reducers().stream()
                .map(ModuleDef.ReducerDef::name)
                .sorted()
                .toList();
        assertEquals(List.of("audit", "empty", "init", "seed", "transfer"), reducers);
        assertEquals("init", definition.reducer(Lifecycle.INIT).orElseThrow().name());
        ModuleDef.ViewDef view = definition.view("empty_accounts").orElseThrow();
        assertTrue(view.isAnonymous() && view.isPublic());
    }

    // Reducers

    @Test
    void initSchedulesTheAudit() {
        assertReturned(call("init", Bytes.EMPTY));

        List<Bytes> timers = rows("audit_timer");
        assertEquals(1, timers.size());
        BsatnReader timer = new BsatnReader(timers.get(0));
        assertEquals(1, timer.readLong());
        assertEquals(0, timer.readU8());
        assertEquals(60_000_000, timer.readLong());
    }

    @Test
    void seedOpensTheAccountsThatDoNotExistYet() {
        assertReturned(call("seed", seed(2, 100)));
        assertReturned(call("transfer", transfer(1, 2, 30)));
        assertReturned(call("seed", seed(3, 100)));

        assertEquals(
                List.of(
                        new Account(1, "account-1", 70),
                        new Account(2, "account-2", 130),
                        new Account(3, "account-3", 100)),
                accounts());
    }

    @Test
    void aTransferMovesMoney() {
        assertReturned(call("seed", seed(3, 100)));

        assertReturned(call("transfer", transfer(3, 1, 100)));

        assertEquals(
                List.of(200L, 100L, 0L),
                accounts().stream().map(Account::balance).toList());
    }

    @Test
    void aTransferToTheSameAccountIsRefused() {
        assertReturned(call("seed", seed(2, 100)));
        assertRefused("cannot transfer to the same account", call("transfer", transfer(1, 1, 5)));
    }

    @Test
    void aTransferOfNothingOrLessIsRefused() {
        assertReturned(call("seed", seed(2, 100)));
        assertRefused("the amount must be positive", call("transfer", transfer(1, 2, 0)));
        assertRefused("the amount must be positive", call("transfer", transfer(1, 2, -5)));
    }

    @Test
    void aTransferFromOrToAMissingAccountIsRefused() {
        assertReturned(call("seed", seed(2, 100)));
        assertRefused("no account 9", call("transfer", transfer(9, 2, 5)));
        assertRefused("no account 18446744073709551615", call("transfer", transfer(1, -1, 5)));
    }

    @Test
    void aTransferBeyondTheFundsIsRefused() {
        assertReturned(call("seed", seed(2, 100)));
        assertRefused("insufficient funds", call("transfer", transfer(1, 2, 101)));
        assertEquals(
                List.of(100L, 100L), accounts().stream().map(Account::balance).toList());
    }

    @Test
    void emptyDoesNothing() {
        assertReturned(call("seed", seed(2, 1)));
        assertReturned(call("empty", Bytes.EMPTY));
        assertEquals(2, accounts().size());
    }

    @Test
    void theAuditCountsAndSumsMoreAccountsThanOneChunkOfRowsHolds() {
        assertReturned(call("seed", seed(4_000, 25)));
        Bytes timer = new BsatnWriter()
                .writeLong(1)
                .writeByte(0)
                .writeLong(60_000_000)
                .toBytes();

        assertReturned(call("audit", timer));

        BsatnReader audit = new BsatnReader(rows("audits").get(0));
        assertEquals(1, audit.readLong());
        assertEquals(NOW_MICROS, audit.readLong());
        assertEquals(4_000, audit.readLong());
        assertEquals(100_000, audit.readLong());
    }

    @Test
    void aRefusedCallLeavesTheInstanceUsable() {
        assertRefused("no account 1", call("transfer", transfer(1, 2, 5)));
        assertTrue(instance.isUsable());
        assertReturned(call("seed", seed(1, 1)));
    }

    @Test
    void anInstanceMayMoveBetweenThreads() throws Exception {
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            assertReturned(call("seed", seed(2, 100)));
            assertReturned(
                    other.submit(() -> call("transfer", transfer(1, 2, 5))).get());
            assertReturned(call("transfer", transfer(1, 2, 5)));
        }
        assertEquals(90, accounts().get(0).balance());
    }

    @Test
    void twoInstancesOfOneModuleDoNotSeeEachOther() throws InvalidModuleException {
        assertReturned(call("seed", seed(2, 100)));
        try (Instance second = bank.instantiate(host)) {
            Datastore elsewhere = Datastore.create(bank.definition());
            Transaction transaction = elsewhere.begin();
            GuestResult result = second.callReducer(functionCall(bank, "transfer", transfer(1, 2, 5)), transaction);
            assertRefused("no account 1", result);
        }
        assertReturned(call("transfer", transfer(1, 2, 5)));
    }

    // Views

    @Test
    void theViewReturnsTheEmptyAccountsBehindAHeader() {
        assertReturned(call("seed", seed(3, 50)));
        assertReturned(call("transfer", transfer(2, 1, 50)));

        Bytes result = assertInstanceOf(GuestResult.Returned.class, view()).result();

        BsatnReader rows = new BsatnReader(result);
        assertEquals(0, rows.readU8());
        assertEquals(1, rows.readCount());
        assertEquals(new Account(2, "account-2", 0), readAccount(rows));
        assertEquals(0, rows.remaining());
    }

    @Test
    void theViewOfNothingIsAnEmptyArrayBehindAHeader() {
        assertEquals(new GuestResult.Returned(Bytes.ofHex("0000000000")), view());
    }

    private GuestResult view() {
        ModuleDef.ViewDef view = bank.definition().view("empty_accounts").orElseThrow();
        FunctionCall call =
                new FunctionCall(view.index(), view.name(), Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY);
        Transaction transaction = store.begin();
        GuestResult result = instance.callView(call, true, transaction);
        transaction.rollback();
        return result;
    }

    // Misbehaviour

    @Test
    void anEndlessLoopIsStopped() throws Exception {
        useMischief();

        GuestResult result = stopWhileRunning("forever");

        assertInstanceOf(GuestResult.Stopped.class, result);
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(!isDiscardedAfterFailure(), instance.isUsable());
    }

    /** Stops again and again, as the call may not have begun when the first stop is made. */
    private GuestResult stopWhileRunning(String reducer) throws Exception {
        try (ExecutorService caller = Executors.newSingleThreadExecutor()) {
            Future<GuestResult> running = caller.submit(() -> call(reducer, Bytes.EMPTY));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!running.isDone() && System.nanoTime() < deadline) {
                instance.stop();
                Thread.onSpinWait();
            }
            return running.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void endlessRecursionIsAFailureThatIsLogged() {
        useMischief();

        GuestResult result = call("recurse", Bytes.EMPTY);

        assertInstanceOf(GuestResult.Failed.class, result);
        assertTrue(host.lines.stream().anyMatch(line -> isFailure(line.level())), host.messages()::toString);
    }

    private static boolean isFailure(Level level) {
        return level == Level.ERROR || level == Level.PANIC;
    }

    @Test
    void aFailureLeavesTheRollbackToTheCaller() {
        useMischief();
        Transaction transaction = store.begin();

        GuestResult result = instance.callReducer(functionCall(mischief, "write_then_fail", Bytes.EMPTY), transaction);

        assertInstanceOf(GuestResult.Failed.class, result);
        assertTrue(transaction.isOpen());
        assertEquals(1, transaction.rowCount(transaction.tableId("notes")));
        transaction.rollback();
        assertEquals(List.of(), rows("notes"));
    }

    @Test
    void aRefusalLeavesTheRollbackToTheCallerToo() {
        useMischief();
        Transaction transaction = store.begin();

        GuestResult result =
                instance.callReducer(functionCall(mischief, "write_then_refuse", Bytes.EMPTY), transaction);

        assertRefused("refused", result);
        assertTrue(transaction.isOpen());
        assertEquals(1, transaction.rowCount(transaction.tableId("notes")));
    }

    @Test
    void logLinesCarryTheNameOfTheirFunction() {
        useMischief();

        assertReturned(call("log_line", Bytes.EMPTY));

        ModuleLog.LogRecord line = host.lines.get(host.lines.size() - 1);
        assertEquals("a line", line.message());
        assertEquals(Level.INFO, line.level());
        assertEquals("log_line", line.function());
    }

    @Test
    void aClosedInstanceRefusesCalls() {
        instance.close();
        assertFalse(instance.isUsable());
        assertInstanceOf(GuestResult.Failed.class, call("empty", Bytes.EMPTY));
    }

    @Test
    void aStopWithNothingRunningStopsNothing() {
        instance.stop();
        assertReturned(call("seed", seed(1, 1)));
    }

    /** One thread stops at random moments while another makes short calls: each stop ends one call or none. */
    @Test
    void aStopNeverReachesALaterCall() throws Exception {
        useMischief();
        try (ExecutorService stopper = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < STOP_ROUNDS; round++) {
                Future<?> stop = stopper.submit(instance::stop);
                call("quick", Bytes.EMPTY);
                stop.get(30, TimeUnit.SECONDS);
                assertFalse(Thread.currentThread().isInterrupted(), "interrupted after round " + round);
                if (!instance.isUsable()) {
                    instance.close();
                    instance = mischief.instantiate(host);
                }
                assertReturned(call("quick", Bytes.EMPTY));
            }
        }
    }

    // Helpers

    private void useMischief() {
        instance.close();
        store = Datastore.create(mischief.definition());
        try {
            instance = mischief.instantiate(host);
        } catch (InvalidModuleException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs a reducer of the module in use, commits if it returned, else rolls back. */
    private GuestResult call(String reducer, Bytes arguments) {
        Module module = bank.definition().reducer(reducer).isPresent() ? bank : mischief;
        Transaction transaction = store.begin();
        GuestResult result = instance.callReducer(functionCall(module, reducer, arguments), transaction);
        if (result instanceof GuestResult.Returned) {
            transaction.commit();
        } else {
            transaction.rollback();
        }
        return result;
    }

    private static FunctionCall functionCall(Module module, String reducer, Bytes arguments) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        return new FunctionCall(id, reducer, CALLER, CONNECTION, NOW_MICROS, arguments);
    }

    private static void assertReturned(GuestResult result) {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), result);
    }

    private static void assertRefused(String message, GuestResult result) {
        assertEquals(new GuestResult.UserError(message), result);
    }

    private static Bytes seed(int count, long balance) {
        return new BsatnWriter().writeInt(count).writeLong(balance).toBytes();
    }

    private static Bytes transfer(long from, long to, long amount) {
        return new BsatnWriter().writeLong(from).writeLong(to).writeLong(amount).toBytes();
    }

    /** The rows of a table as the last commit left them. */
    private List<Bytes> rows(String table) {
        RowList rows = new RowList();
        Transaction transaction = store.begin();
        assertEquals(StoreCode.OK, transaction.scanTable(transaction.tableId(table), rows));
        transaction.rollback();
        return IntStream.range(0, rows.count()).mapToObj(rows::get).toList();
    }

    private record Account(long id, String owner, long balance) {}

    private static Account readAccount(BsatnReader reader) {
        return new Account(reader.readLong(), reader.readString(), reader.readLong());
    }

    private List<Account> accounts() {
        List<Account> accounts = new ArrayList<>();
        rows("accounts").forEach(row -> accounts.add(readAccount(new BsatnReader(row))));
        accounts.sort(Comparator.comparingLong(Account::id));
        return accounts;
    }
}
