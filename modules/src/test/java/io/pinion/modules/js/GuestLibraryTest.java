package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.RecordingHost;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code pinion:module@1} promises inside a call: every check is a reducer of {@code library.js}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class GuestLibraryTest {
    private final RecordingHost host = new RecordingHost();
    private Module module;
    private Instance instance;
    private Datastore store;

    @BeforeAll
    void load() throws Exception {
        module = JsModule.load(Bytes.wrap(Resources.bytes("/io/pinion/modules/js/library.js")), ModuleLimits.DEFAULT);
        instance = module.instantiate(host);
    }

    @AfterAll
    void close() {
        instance.close();
    }

    @BeforeEach
    void freshStore() {
        store = Datastore.create(module.definition());
        host.lines.clear();
    }

    private GuestResult call(String reducer) {
        return call(reducer, Bytes.EMPTY);
    }

    private GuestResult call(String reducer, Bytes arguments) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        FunctionCall call = new FunctionCall(
                id, reducer, new Identity(7, 0, 0, 9), new ConnectionId(5, 6), 1_700_000_000_000_000L, arguments);
        Transaction transaction = store.begin();
        try {
            return instance.callReducer(call, transaction);
        } finally {
            transaction.rollback();
        }
    }

    private void assertPasses(String reducer) {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(reducer), host.messages()::toString);
    }

    /** Each of these throws {@code Error} itself when something is not as promised. */
    @ParameterizedTest
    @CsvSource({
        "every_type_comes_back",
        "generated_values_come_back",
        "scans_close_themselves",
        "find_update_delete",
        "ranges_of_a_composite_index",
        "ranges_of_a_unique_index",
        "a_hash_index_finds_by_value",
        "ranges_are_deleted",
        "rows_larger_than_any_buffer",
        "host_errors_are_classes_by_number",
        "context_values",
        "random_depends_on_the_call",
        "rows_are_plain_and_fresh",
        "the_context_is_kept",
        "the_kept_context_throws",
        "values_compare",
        "globals_of_the_abi",
        "delete_and_clear",
        "handles_a_rejected_promise",
        "replaces_stacks"
    })
    void theLibraryKeepsItsPromise(String reducer) {
        if (reducer.equals("the_kept_context_throws")) {
            assertPasses("the_context_is_kept");
        }
        assertPasses(reducer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "too_large | things.small: 256 is out of the range of u8",
                "not_an_integer | things.small: expected an integer number (u8), got 1.5",
                "number_for_bigint | things.id: expected a bigint (u64), got 1",
                "bigint_too_large | things.id: 18446744073709551616 is out of the range of u64",
                "lone_surrogate | things.text: the string has a lone surrogate",
                "unknown_column | things has no \"colour\"",
                "missing_column | things.text is missing",
                "promise | reducer promise returned a promise"
            })
    void aMistakeNamesTheColumn(String reducer, String expected) {
        GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call(reducer));

        assertTrue(failed.reason().contains(expected), failed::reason);
    }

    @Test
    void aFailureIsLoggedAsAPanicAtTheAuthorsLine() {
        call("fails_deep");

        ModuleLog.LogRecord line = host.lines.getLast();
        assertEquals(ModuleLog.Level.PANIC, line.level());
        assertEquals("Uncaught Error: deep down", line.message());
        assertEquals("fails_deep", line.function());
        assertEquals("deepest", line.trace().getFirst().functionName());
        assertTrue(
                line.trace().stream()
                        .allMatch(frame -> String.valueOf(frame.moduleName()).startsWith("spacetimedb_module:")),
                line.trace()::toString);
    }

    @Test
    void aRefusalCarriesItsTextAndIsNotLogged() {
        assertEquals(new GuestResult.UserError("not today"), call("refuses"));

        assertEquals(0, host.lines.size());
    }

    @Test
    void aFailureKeepsItsTraceThoughRefusalsHaveNone() {
        assertInstanceOf(GuestResult.Failed.class, call("fails_after_a_refusal_was_caught"));

        ModuleLog.LogRecord line = host.lines.getLast();
        assertEquals("Uncaught Error: deep down", line.message());
        assertEquals("deepest", line.trace().getFirst().functionName());
    }

    @Test
    void aRejectionThatNobodyHandlesFailsTheCall() {
        GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call("drops_a_rejected_promise"));

        assertTrue(failed.reason().contains("lost"), failed::reason);
        assertPasses("find_update_delete");
    }

    @Test
    void aLogLineCarriesTheAuthorsLine() throws Exception {
        assertPasses("logs");

        ModuleLog.LogRecord line = host.lines.getLast();
        String source = Resources.text("/io/pinion/modules/js/library.js");
        int expected = (int)
                source.substring(0, source.indexOf("ctx.log.warn(")).lines().count();
        assertEquals("a warning 3", line.message());
        assertEquals("spacetimedb_module", line.filename());
        assertEquals(expected, line.lineNumber());
    }

    @Test
    void aTrapCannotBeCaughtAndTheInstanceGoesOn() {
        GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call("swallows_a_trap"));

        assertTrue(failed.reason().contains("are not a row of table"), failed::reason);
        assertTrue(instance.isUsable());
        assertPasses("finally_did_not_run");
    }

    /** Below and above the argument buffer of the ABI, the shared buffer, and what of it is kept between calls. */
    @ParameterizedTest
    @ValueSource(ints = {0, 4_092, 4_093, 70_000, 3_000_000, 5})
    void argumentsOfEverySizeArrive(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 7L % 251);
        }
        Bytes arguments =
                new BsatnWriter().writeInt(size).writeRaw(Bytes.wrap(bytes)).toBytes();

        assertEquals(new GuestResult.Returned(Bytes.EMPTY), call("takes_bytes", arguments), host.messages()::toString);
    }

    @RepeatedTest(5)
    void whatAStoppedCallLeftToDoIsNotDoneInTheNext() throws Exception {
        try (ExecutorService caller = Executors.newSingleThreadExecutor()) {
            Future<GuestResult> running = caller.submit(() -> call("leaves_a_microtask_and_loops"));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!running.isDone() && System.nanoTime() < deadline) {
                instance.stop();
                Thread.onSpinWait();
            }
            assertInstanceOf(GuestResult.Stopped.class, running.get(30, TimeUnit.SECONDS));
        }
        assertPasses("begins_the_next_call");
        assertPasses("the_microtask_ran_in_its_own_call_or_never");
    }

    @Test
    void aViewHasNoWrites() {
        FunctionCall view = new FunctionCall(0, "v", new Identity(7, 0, 0, 9), ConnectionId.NONE, 0, Bytes.EMPTY);

        GuestResult.Returned rows =
                assertInstanceOf(GuestResult.Returned.class, instance.callView(view, false, store.begin()));

        BsatnReader reader = new BsatnReader(rows.result());
        assertEquals(0, reader.readU8());
        assertEquals(0, reader.readCount());
    }
}
