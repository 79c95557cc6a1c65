package io.pinion.modules.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.WasmMemoryBudget;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What only WebAssembly guests can do wrong, and what becomes of their instances. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class WasmInstanceTest {
    private static final int PAGES_MAX = 300;
    /** What the test module's memory starts with. */
    private static final long FIRST_BYTES = 2 * 65_536;

    private WasmModule mischief;
    private final RecordingHost host = new RecordingHost();

    @BeforeAll
    void load() throws InvalidModuleException {
        ModuleLimits defaults = ModuleLimits.DEFAULT;
        mischief = WasmModule.load(
                Programs.mischief(),
                new ModuleLimits(
                        defaults.programBytesMax(),
                        defaults.wasmFunctionCountMax(),
                        defaults.wasmFunctionBytesMax(),
                        PAGES_MAX,
                        defaults.wasmMemory()));
    }

    @Test
    void aGuestThatTakesAllMemoryStopsAtTheLimit() throws InvalidModuleException {
        try (Instance instance = mischief.instantiate(host)) {
            assertEquals(new GuestResult.UserError("pages: " + PAGES_MAX), call(instance, "hoard"));
            assertTrue(instance.isUsable());
        }
    }

    @Test
    void aMemoryMayBeGivenMorePagesThanTheDefault() throws InvalidModuleException {
        int pages = ModuleLimits.DEFAULT.wasmMemoryPagesMax() + 2;
        ModuleLimits limits = ModuleLimits.DEFAULT.withWasmMemoryBytesMax((pages << 16) + 65_535);
        try (Instance instance = WasmModule.load(Programs.mischief(), limits).instantiate(host)) {
            assertEquals(new GuestResult.UserError("pages: " + pages), call(instance, "hoard"));
        }
        assertThrows(IllegalArgumentException.class, () -> ModuleLimits.DEFAULT.withWasmMemoryBytesMax(65_535));
    }

    @Test
    void instancesShareABudgetThatClosingGivesBack() throws InvalidModuleException {
        ModuleLimits defaults = ModuleLimits.DEFAULT;
        WasmMemoryBudget budget = new WasmMemoryBudget(FIRST_BYTES + FIRST_BYTES / 2);
        WasmModule module = WasmModule.load(
                Programs.mischief(),
                new ModuleLimits(
                        defaults.programBytesMax(),
                        defaults.wasmFunctionCountMax(),
                        defaults.wasmFunctionBytesMax(),
                        PAGES_MAX,
                        budget));
        assertTrue(module.hasRoomForSpare());
        Instance first = module.instantiate(host);
        assertFalse(module.hasRoomForSpare());

        InvalidModuleException refusal = assertThrows(InvalidModuleException.class, () -> module.instantiate(host));

        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains("that all WebAssembly memories may take together"), message);
        first.close();
        assertEquals(0, budget.usedBytes());
        module.instantiate(host).close();
    }

    @Test
    void aTrapLosesTheInstanceAndTheNextOneIsFine() throws InvalidModuleException {
        try (Instance instance = mischief.instantiate(host)) {
            assertInstanceOf(GuestResult.Failed.class, call(instance, "write_then_fail"));
            assertFalse(instance.isUsable());
            assertInstanceOf(GuestResult.Failed.class, call(instance, "quick"));
        }
        try (Instance next = mischief.instantiate(host)) {
            assertReturned(call(next, "quick"));
        }
    }

    @Test
    void aPointerBeyondTheMemoryEndsTheCallAndIsNamed() throws InvalidModuleException {
        try (Instance instance = mischief.instantiate(host)) {
            GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call(instance, "wild_pointer"));
            assertTrue(failed.reason().contains("100 bytes at 4294967280"), failed::reason);
            assertFalse(instance.isUsable());
        }
    }

    @Test
    void anUnknownResultCodeFailsTheCallAndKeepsTheInstance() throws InvalidModuleException {
        try (Instance instance = mischief.instantiate(host)) {
            GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call(instance, "unknown_code"));
            assertTrue(failed.reason().contains("unknown code 77"), failed::reason);
            assertTrue(instance.isUsable());
            assertReturned(call(instance, "quick"));
        }
    }

    @Test
    void aPanicIsLoggedWithTheGuestsStack() throws InvalidModuleException {
        RecordingHost quietHost = new RecordingHost();
        try (Instance instance = mischief.instantiate(quietHost)) {
            assertInstanceOf(GuestResult.Failed.class, call(instance, "panic"));
        }
        LogRecord line = quietHost.lines.get(0);
        assertEquals(Level.PANIC, line.level());
        assertEquals("as asked", line.message());
        assertEquals("panic", line.function());
        List<String> names = line.trace().stream()
                .map(Frame::functionName)
                .map(String::valueOf)
                .toList();
        assertTrue(names.contains("panic"), names::toString);
        assertTrue(names.indexOf("panic") < names.indexOf("pinion_export_reducer"), names::toString);
    }

    @Test
    void aViewThatTheProgramDoesNotExportFailsTheCallAlone() throws InvalidModuleException {
        WasmModule empty = WasmModule.load(WasmBuilder.minimal().build(), ModuleLimits.DEFAULT);
        try (Instance instance = empty.instantiate(host)) {
            FunctionCall call = functionCall(0, "no_view");
            GuestResult result = instance.callView(
                    call, true, Datastore.create(empty.definition()).begin());
            assertEquals(new GuestResult.Failed("the program does not export __call_view_anon__"), result);
            assertTrue(instance.isUsable());
        }
    }

    @Test
    void endlessRecursionFailsOnSmallStacksToo() throws Exception {
        Thread small = Thread.ofPlatform().stackSize(256 * 1024).unstarted(() -> {
            try (Instance instance = mischief.instantiate(host)) {
                GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call(instance, "recurse"));
                // Whichever ends first: the thread's stack, or the guest's own in its memory, once the function is
                // compiled.
                assertTrue(
                        failed.reason().equals("the call stack is exhausted")
                                || failed.reason().startsWith("out of bounds memory access"),
                        failed::reason);
                assertFalse(instance.isUsable());
            } catch (InvalidModuleException e) {
                throw new AssertionError(e);
            }
        });
        Throwable[] thrown = new Throwable[1];
        small.setUncaughtExceptionHandler((thread, e) -> thrown[0] = e);
        small.start();
        small.join();
        if (thrown[0] != null) {
            throw new AssertionError(thrown[0]);
        }
    }

    @Test
    void anInterruptFromBeforeTheCallNeitherEndsItNorIsLost() throws InvalidModuleException {
        try (Instance instance = mischief.instantiate(host)) {
            Thread.currentThread().interrupt();
            assertReturned(call(instance, "quick"));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void initialisersRunInByteOrderAfterInitializeAndEachInstanceDescribesItself() throws InvalidModuleException {
        WasmBuilder builder = new WasmBuilder()
                .importFunction("spacetime_10.0", "bytes_sink_write", "iii", "i")
                .importFunction("spacetime_10.0", "console_log", "iiiiiiii", "")
                .memory(1, 1)
                .exportMemory("memory")
                .data(16, WasmBuilder.concat(new byte[] {5, 0, 0, 0}, new byte[] {2, 0, 0, 0, 0}))
                .data(64, "describe _initialize 10 9 setup".getBytes(StandardCharsets.US_ASCII))
                .exportFunction("__preinit__9_x", "", "", log(88, 1))
                .exportFunction("__preinit__10_x", "", "", log(85, 2))
                .exportFunction("_initialize", "", "", log(73, 11))
                .exportFunction("__setup__", "i", "i", log(90, 5), WasmBuilder.i32(0))
                .exportFunction(
                        "__describe_module__",
                        "i",
                        "",
                        log(64, 8),
                        WasmBuilder.localGet(0),
                        WasmBuilder.i32(20),
                        WasmBuilder.i32(16),
                        WasmBuilder.call(0),
                        WasmBuilder.DROP)
                .exportFunction("__call_reducer__", "iIIIIIIIii", "i", WasmBuilder.i32(0));
        WasmModule module = WasmModule.load(builder.build(), ModuleLimits.DEFAULT);
        for (int i = 0; i < 2; i++) {
            RecordingHost ownHost = new RecordingHost();
            module.instantiate(ownHost).close();
            assertEquals(List.of("_initialize", "10", "9", "setup", "describe"), ownHost.messages());
            assertEquals(null, ownHost.lines.get(0).function());
        }
    }

    private static byte[] log(int address, int length) {
        return WasmBuilder.concat(
                WasmBuilder.i32(2),
                WasmBuilder.i32(0),
                WasmBuilder.i32(0),
                WasmBuilder.i32(0),
                WasmBuilder.i32(0),
                WasmBuilder.i32(-1),
                WasmBuilder.i32(address),
                WasmBuilder.i32(length),
                WasmBuilder.call(1));
    }

    private GuestResult call(Instance instance, String reducer) {
        Transaction transaction = Datastore.create(mischief.definition()).begin();
        int id = mischief.definition().reducer(reducer).orElseThrow().id();
        return instance.callReducer(functionCall(id, reducer), transaction);
    }

    private static FunctionCall functionCall(int id, String name) {
        return new FunctionCall(id, name, Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY);
    }

    private static void assertReturned(GuestResult result) {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), result);
    }
}
