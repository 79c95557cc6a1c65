package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.RecordingHost;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A module that tries to reach Java, files, the network, threads and the process finds nothing of them. */
@Timeout(60)
class JsEscapeTest {
    private final RecordingHost host = new RecordingHost();
    private JsModule module;
    private Instance instance;

    @BeforeEach
    void load() throws Exception {
        module = JsModule.load(Bytes.wrap(Resources.bytes("/io/pinion/modules/js/escape.js")), ModuleLimits.DEFAULT);
        instance = module.instantiate(host);
    }

    @AfterEach
    void close() {
        instance.close();
    }

    private GuestResult call(String reducer) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        Transaction transaction = Datastore.create(module.definition()).begin();
        return instance.callReducer(
                new FunctionCall(id, reducer, Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY), transaction);
    }

    @Test
    void everyWayOutIsClosed() {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), call("attempt"));
        assertTrue(host.messages().getFirst().endsWith(" attempts"), host.messages()::toString);

        assertEquals(new GuestResult.Returned(Bytes.EMPTY), call("report"));

        assertEquals("escaped: none", host.messages().getLast());
    }
}
