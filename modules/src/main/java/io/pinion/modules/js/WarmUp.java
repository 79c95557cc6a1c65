package io.pinion.modules.js;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;

/** A small module that is loaded and called, so that the engine's classes and the guest library have been loaded once. */
final class WarmUp {
    private static final int CALLS = 4;

    private WarmUp() {}

    static void run() {
        Bytes program = Bytes.wrap(Resources.bytes("/io/pinion/modules/js/warm-up.js"));
        try {
            Module module = JsModule.load(program, ModuleLimits.DEFAULT);
            try (Instance instance = module.instantiate(DescribingHost.INSTANCE)) {
                call(module, instance);
            }
        } catch (InvalidModuleException e) {
            throw new IllegalStateException("the engine cannot run the module it is warmed up with", e);
        }
    }

    private static void call(Module module, Instance instance) {
        Datastore store = Datastore.create(module.definition());
        int id = module.definition().reducer("work").orElseThrow().id();
        for (int i = 0; i < CALLS; i++) {
            Bytes arguments = new BsatnWriter().writeLong(i & 1).toBytes();
            Transaction transaction = store.begin();
            GuestResult result = instance.callReducer(
                    new FunctionCall(id, "work", Identity.ZERO, ConnectionId.NONE, 0, arguments), transaction);
            if (!(result instanceof GuestResult.Returned)) {
                throw new IllegalStateException("the engine's warm-up failed: " + result);
            }
            transaction.commit();
        }
    }
}
