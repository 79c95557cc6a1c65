package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.RunawayContract;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract on runaways, held against JavaScript, and what its engine adds to it. */
class JsRunawayTest extends RunawayContract {
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
                "ends_recursion_that_is_caught"
            })
    void recursionEndsItsCallWhateverTheGuestCatches(String reducer) throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            assertEquals(new GuestResult.Failed(CallDepth.EXCEEDED), call(module, instance, reducer));
            assertFalse(instance.isUsable());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"many_short_calls", "deep_but_not_too_deep"})
    void whatIsNotNestedTooDeepIsNotEnded(String reducer) throws Exception {
        Module module = JsModule.load(runawayProgram(), ModuleLimits.DEFAULT);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            for (int i = 0; i < 3; i++) {
                assertEquals(new GuestResult.Returned(Bytes.EMPTY), call(module, instance, reducer));
            }
        }
    }

    @Test
    void recursionWhileAModuleIsLoadedIsRefused() throws Exception {
        FutureTask<String> refusal = new FutureTask<>(() ->
                JsLoadTest.refusal("const again = () => { try { again(); } finally { again(); } }; again(); export default 1;"));
        Thread.ofPlatform().daemon().stackSize(16 << 20).start(refusal);
        assertEquals("while the module was loaded: " + CallDepth.EXCEEDED, refusal.get(60, TimeUnit.SECONDS));
    }

    private static GuestResult call(Module module, Instance instance, String reducer) throws Exception {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        FunctionCall call = new FunctionCall(id, reducer, Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY);
        Transaction transaction = Datastore.create(module.definition()).begin();
        FutureTask<GuestResult> task = new FutureTask<>(() -> instance.callReducer(call, transaction));
        Thread.ofPlatform().daemon().stackSize(16 << 20).start(task);
        return task.get(60, TimeUnit.SECONDS);
    }
}
