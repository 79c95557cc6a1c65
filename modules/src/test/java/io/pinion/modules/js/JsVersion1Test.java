package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.RecordingHost;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A module that registers the hooks of {@code spacetime:sys@1.x}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class JsVersion1Test {
    private final RecordingHost host = new RecordingHost();
    private Module module;
    private Instance instance;
    private Datastore store;

    @BeforeAll
    void load() throws Exception {
        module = JsModule.load(Bytes.wrap(Resources.bytes("/io/pinion/modules/js/version1.js")), ModuleLimits.DEFAULT);
        instance = module.instantiate(host);
    }

    @AfterAll
    void close() {
        instance.close();
    }

    @BeforeEach
    void freshStore() {
        store = Datastore.create(module.definition());
    }

    private GuestResult call(String reducer, Bytes arguments) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        Transaction transaction = store.begin();
        GuestResult result = instance.callReducer(functionCall(id, reducer, arguments), transaction);
        if (result instanceof GuestResult.Returned) {
            transaction.commit();
        } else {
            transaction.rollback();
        }
        return result;
    }

    private Bytes view(String name, boolean anonymous) {
        int id = module.definition().view(name).orElseThrow().index();
        Transaction transaction = store.begin();
        GuestResult result = instance.callView(functionCall(id, name, Bytes.EMPTY), anonymous, transaction);
        transaction.rollback();
        return assertInstanceOf(GuestResult.Returned.class, result).result();
    }

    private static FunctionCall functionCall(int id, String name, Bytes arguments) {
        Identity sender = new Identity(7, 0, 0, 0);
        return new FunctionCall(id, name, sender, new ConnectionId(5, 0), 1_700_000_000_000_000L, arguments);
    }

    private static Bytes note(long id, String text) {
        return new BsatnWriter().writeLong(id).writeString(text).toBytes();
    }

    @Test
    void aReducerWritesAndReads() {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), call("add", note(3, "a note longer than one chunk")));

        assertEquals(1, store.rowCount(store.tableId("notes")));
    }

    @Test
    void anErrorOfTheHostIsAPlainObjectWithItsNumber() {
        call("add", note(3, "first"));

        assertEquals(new GuestResult.UserError("there is such a note already"), call("add", note(3, "second")));
    }

    @Test
    void aReturnedErrorReachesTheCaller() {
        assertEquals(new GuestResult.UserError("refused"), call("refuse", Bytes.EMPTY));
    }

    @Test
    void aThrownErrorIsInternal() {
        GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call("fail", Bytes.EMPTY));

        assertTrue(failed.reason().endsWith("Error: broken"), failed::reason);
    }

    @Test
    void aReducerThatReturnsNothingHasFailed() {
        GuestResult.Failed failed = assertInstanceOf(GuestResult.Failed.class, call("say_nothing", Bytes.EMPTY));

        assertTrue(failed.reason().contains("the reducer returned undefined"), failed::reason);
    }

    @Test
    void bothFormsOfAViewsResultBecomeTheFormWithAHeader() {
        call("add", note(3, "a"));
        Bytes expected = new BsatnWriter()
                .writeByte(0)
                .writeInt(1)
                .writeRaw(note(3, "a"))
                .toBytes();

        assertEquals(expected, view("old_form", false));
        assertEquals(expected, view("new_form", true));
    }
}
