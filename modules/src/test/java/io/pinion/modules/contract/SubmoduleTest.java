package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.TestProcedureHost;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A module that mounts another one: each finds its own tables under the same names, and is called by its own. */
@Timeout(120)
class SubmoduleTest {
    private Module module;
    private Datastore store;
    private Instance instance;

    @Test
    void functionsOfASubmoduleAreCalledByTheirNamesAndReachItsTables() throws InvalidModuleException {
        module = ModuleLoader.load(Examples.sdk("submodules"), ModuleLimits.DEFAULT);
        store = Datastore.create(module.definition());
        try (Instance made = module.instantiate(new RecordingHost())) {
            instance = made;

            note("note", "one");
            note("ledger.note", "two");
            note("ledger.note", "three");

            assertEquals(List.of("one"), entries("all_entries"));
            assertEquals(List.of("in the ledger: three", "in the ledger: two"), entries("ledger.all_entries"));
            assertEquals(1, count("count_entries"));
            assertEquals(2, count("ledger.count_entries"));
        }
    }

    private static FunctionCall call(int id, String function, Bytes arguments) {
        return new FunctionCall(id, function, Identity.ZERO, ConnectionId.NONE, 0, arguments);
    }

    private void note(String reducer, String text) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        Bytes arguments = new BsatnWriter().writeString(text).toBytes();
        Transaction transaction = store.begin();
        assertEquals(
                new GuestResult.Returned(Bytes.EMPTY), instance.callReducer(call(id, reducer, arguments), transaction));
        transaction.commit();
    }

    private List<String> entries(String name) {
        ViewDef view = module.definition().view(name).orElseThrow();
        Transaction transaction = store.begin();
        GuestResult result = instance.callView(call(view.index(), name, Bytes.EMPTY), view.isAnonymous(), transaction);
        transaction.rollback();
        BsatnReader rows = new BsatnReader(
                assertInstanceOf(GuestResult.Returned.class, result).result());
        assertEquals(0, rows.readU8());
        List<String> texts = new ArrayList<>();
        for (long count = rows.readCount(); count > 0; count--) {
            rows.readLong();
            texts.add(rows.readString());
        }
        return texts.stream().sorted().toList();
    }

    private long count(String procedure) {
        int id = module.definition().procedure(procedure).orElseThrow().id();
        GuestResult result = instance.callProcedure(call(id, procedure, Bytes.EMPTY), new TestProcedureHost(store, 0));
        return new BsatnReader(
                        assertInstanceOf(GuestResult.Returned.class, result).result())
                .readLong();
    }
}
