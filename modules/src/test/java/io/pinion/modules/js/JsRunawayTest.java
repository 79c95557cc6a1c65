package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.RunawayContract;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract on runaways, held against JavaScript, and what its engine adds to it. */
class JsRunawayTest extends RunawayContract {
    /** What stands still for a moment on a busy machine is not what goes on. */
    private static final int STOP_SECONDS_MAX = 5;

    @Override
    protected Bytes runawayProgram() {
        return Bytes.wrap(Resources.bytes("/io/pinion/modules/js/runaways.js"));
    }

    /** Left to the engine these would run for 2 to the power of the depth, and no stop would reach them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ends_recursion",
                "ends_recursion_in_finally",
                "ends_recursion_in_catch",
                "ends_recursion_in_a_promise",
                "ends_recursion_in_a_getter_that_catches",
                "ends_recursion_in_a_conversion_that_catches",
                "ends_recursion_in_a_proxy_that_catches",
                "ends_recursion_of_generators",
                "ends_recursion_of_loops_over_generators",
                "ends_recursion_of_async_generators",
                "ends_recursion_of_compiled_functions",
                "ends_recursion_of_functions_left_by_the_compiler",
                "ends_recursion_of_deep_expressions",
                "ends_recursion_of_deep_expressions_in_promises",
                "ends_recursion_of_deep_expressions_that_are_caught",
                "ends_recursion_in_webassembly",
                "ends_recursion_in_webassembly_without_memory",
                "ends_recursion_in_webassembly_over_a_table",
                "ends_recursion_in_webassembly_with_values",
                "ends_recursion_at_the_start_of_webassembly",
                "ends_recursion_in_instantiated_webassembly",
                "ends_recursion_in_webassembly_that_says_where_it_stands",
                "ends_calls_from_one_webassembly_to_the_next",
                "ends_recursion_in_webassembly_that_is_caught",
                "ends_recursion_over_webassembly",
                "ends_recursion_over_webassembly_that_is_caught",
                "ends_recursion_over_webassembly_that_promises_catch",
                "ends_recursion_that_is_caught"
            })
    void recursionEndsItsCallWhateverTheGuestCatches(String reducer) throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            assertEquals(new GuestResult.Failed(CallDepth.EXCEEDED), call(module, instance, reducer));
            assertFalse(instance.isUsable());
        }
    }

    /** The stack may end anywhere, also where the engine turns that into an error which a promise keeps. */
    @Test
    void recursionIsStoppedOnStacksOfEverySize() throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        for (long stackBytes = 400 << 10; stackBytes <= 600 << 10; stackBytes += 10_000) {
            try (Instance instance = module.instantiate(new RecordingHost())) {
                FutureTask<GuestResult> running =
                        task(module, instance, "ends_recursion_over_webassembly_that_promises_catch");
                Thread.ofPlatform().stackSize(stackBytes).daemon().start(running);

                GuestResult result = resultWhenStoppedAfter(30, instance, running);

                assertFalse(result instanceof GuestResult.Returned, result::toString);
            }
        }
    }

    /** Thousands of promises are there that could each catch what ends the call, and walk the stack for a trace of it. */
    @Test
    void recursionOverPromisesIsStoppedAtEveryDepth() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed of the depths: " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        for (int round = 0; round < 15; round++) {
            try (Instance instance = module.instantiate(new RecordingHost())) {
                FutureTask<GuestResult> running =
                        task(module, instance, "ends_recursion_over_webassembly_that_promises_catch");
                Thread.ofPlatform().stackSize(16 << 20).daemon().start(running);

                GuestResult result = resultWhenStoppedAfter(random.nextInt(300), instance, running);

                assertFalse(result instanceof GuestResult.Returned, result::toString);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "many_short_calls",
                "many_calls_that_leave_compiled_code",
                "deep_but_not_too_deep",
                "deep_but_not_too_deep_in_webassembly"
            })
    void whatIsNotNestedTooDeepIsNotEnded(String reducer) throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            for (int i = 0; i < 3; i++) {
                assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(module, instance, reducer));
            }
        }
    }

    @Test
    void searchesThatAreMadePieceByPieceFindWhatTheLanguageSays() throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(module, instance, "long_searches_that_find"));
        }
    }

    /** As WebAssembly has it. */
    @Test
    void aGuestIsToldThatThereIsNoRoomForTheMemoryOfItsWebAssembly() throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            GuestResult.Failed failed =
                    assertInstanceOf(GuestResult.Failed.class, call(module, instance, "hoards_in_webassembly"));
            assertTrue(failed.reason().contains("could not allocate memory"), failed.reason());
            assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(module, instance, "quick"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"webassembly_works", "webassembly_keeps_its_ways"})
    void webAssemblyOfAGuestWorksAsTheLanguageSays(String reducer) throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(module, instance, reducer));
        }
    }

    /** What the first sender's call has left to do is not done in the second's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "leaves_a_job_and_loops",
                "leaves_a_job_that_loops",
                "leaves_a_job_and_throws",
                "leaves_a_job_and_traps"
            })
    void whatACallLeftToDoIsNotDoneInTheNext(String reducer) throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        Datastore store = Datastore.create(module.definition());
        try (Instance instance = module.instantiate(new RecordingHost())) {
            Transaction first = store.begin();
            FutureTask<GuestResult> running =
                    new FutureTask<>(() -> instance.callReducer(functionCall(module, reducer, 1), first));
            Thread.ofPlatform().daemon().start(running);
            if (reducer.endsWith("loops")) {
                stopUntilDone(instance, running);
                assertInstanceOf(GuestResult.Stopped.class, running.get());
            } else {
                assertInstanceOf(GuestResult.Failed.class, running.get(60, TimeUnit.SECONDS));
            }
            first.rollback();

            assertTrue(instance.isUsable());
            for (int i = 1; i <= 2; i++) {
                Transaction next = store.begin();
                GuestResult result = instance.callReducer(functionCall(module, "write", 2), next);
                assertEquals(new GuestResult.Returned(Bytes.EMPTY), result);
                assertEquals(i, next.rowCount(next.tableId("notes")));
                next.commit();
            }
        }
    }

    private static GuestResult resultWhenStoppedAfter(int millis, Instance instance, FutureTask<GuestResult> running)
            throws Exception {
        long start = System.nanoTime();
        while (!running.isDone() && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(millis)) {
            Thread.onSpinWait();
        }
        Thread stopper = Thread.ofPlatform().daemon().start(() -> stopUntilDone(instance, running));
        GuestResult result = running.get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        stopper.join();
        return result;
    }

    private static void stopUntilDone(Instance instance, FutureTask<?> running) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!running.isDone() && System.nanoTime() < deadline) {
            instance.stop();
            Thread.onSpinWait();
        }
    }

    @Test
    void aGuestThatTakesAllMemoryIsToldFromOneThatFails() throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            GuestResult result = call(module, instance, "hoards");

            assertInstanceOf(GuestResult.OutOfMemory.class, result, result::toString);
            assertFalse(instance.isUsable());
        }
        try (Instance next = module.instantiate(new RecordingHost())) {
            assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(module, next, "quick"));
        }
    }

    @Test
    void bigIntsBeyondTheLimitAreRefusedAndAllOthersAreAsEver() throws Exception {
        RecordingHost host = new RecordingHost();
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(host)) {
            assertEquals(
                    new GuestResult.Returned(Bytes.EMPTY),
                    call(module, instance, "bigints_keep_their_ways"),
                    host.messages()::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for (;;);",
                "for (;;) { try { for (;;); } finally { continue; } }",
                "const again = () => Promise.resolve().then(again); again();",
                "for (;;) await null;",
                "/^((a+)+)\\1c$/.test('a'.repeat(200));"
            })
    void aModuleThatNeverFinishesLoadingIsRefused(String text) throws Exception {
        JsProgram program = JsProgram.parse(Bytes.ofUtf8("import 'spacetime:sys@2.0';\n" + text));

        InvalidModuleException refusal = assertThrows(
                InvalidModuleException.class,
                () -> JsInstance.create(program, new RecordingHost(), Duration.ofMillis(300)));

        assertEquals("the module did not finish loading within 300 ms", refusal.getMessage());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void recursionWhileAModuleIsLoadedIsRefused() throws Exception {
        FutureTask<String> refusal = new FutureTask<>(() -> JsLoadTest.refusal(
                "const again = () => { try { again(); } finally { again(); } }; again(); export default 1;"));
        Thread.ofPlatform().daemon().stackSize(16 << 20).start(refusal);
        assertEquals("while the module was loaded: " + CallDepth.EXCEEDED, refusal.get(60, TimeUnit.SECONDS));
    }

    private static GuestResult call(Module module, Instance instance, String reducer) throws Exception {
        FutureTask<GuestResult> task = task(module, instance, reducer);
        Thread.ofPlatform().daemon().stackSize(16 << 20).start(task);
        return task.get(60, TimeUnit.SECONDS);
    }

    private static FutureTask<GuestResult> task(Module module, Instance instance, String reducer) {
        FunctionCall call = functionCall(module, reducer, 1);
        Transaction transaction = Datastore.create(module.definition()).begin();
        return new FutureTask<>(() -> instance.callReducer(call, transaction));
    }

    private static FunctionCall functionCall(Module module, String reducer, long sender) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        return new FunctionCall(id, reducer, new Identity(sender, 0, 0, 0), ConnectionId.NONE, 0, Bytes.EMPTY);
    }
}
