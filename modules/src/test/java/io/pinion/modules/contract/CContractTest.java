package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract with a module in C, and what only WebAssembly has. */
class CContractTest extends HandlerContract {
    @Override
    Bytes program() {
        return Examples.c();
    }

    @Override
    boolean isKeptAfterFailure() {
        return false;
    }

    @Override
    boolean isRefusedCommitTriedAgain() {
        return false;
    }

    @Override
    boolean isSaid(String line) {
        return !line.equals("scheduled 1");
    }

    @Test
    void sourcesAndSinksHaveHandles() {
        Bytes blob = new BsatnWriter()
                .writeByteArray(Bytes.ofUtf8("x".repeat(40_000)))
                .toBytes();

        assertReturned(call("sources", blob));

        assertEquals(
                List.of(
                        "arguments 40004",
                        "exhausted 8",
                        "remaining 8",
                        "no source 8",
                        "empty source 8",
                        "no sink 8",
                        "length 4"),
                host.messages());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http_in_reducer", "sleep_in_reducer"})
    void aReducerThatWaitsTraps(String reducer) {
        String reason =
                assertInstanceOf(GuestResult.Failed.class, call(reducer)).reason();

        assertTrue(reason.contains("only a procedure may"), reason);
    }

    @Test
    void aProcedureSleepsUntilATimeOrNotAtAll() {
        long soon = NOW_MICROS + 1_000_000;

        assertEquals(new GuestResult.Returned(u64(soon)), procedure("nap", u64(soon)));
        assertEquals(new GuestResult.Returned(u64(soon)), procedure("nap", u64(-1)));
    }

    @Test
    void aProcedureThatSleepsIsStopped() throws Exception {
        procedures.waitsIn = "sleep";

        assertStops(callOf("nap", u64(NOW_MICROS)));
    }

    @Test
    void nobodySleepsInATransaction() {
        GuestResult result = procedure("nap_inside", Bytes.EMPTY);

        assertTrue(assertInstanceOf(GuestResult.Failed.class, result).reason().contains("while a transaction is open"));
        assertEquals(List.of("begin", "rollback"), procedures.events);
    }

    @Test
    void whatIsNoRequestIsToldBeforeAnythingElse() {
        procedures.httpRefusal = "it is switched off";

        assertReturnedSomething(procedure("undecodable_request", Bytes.EMPTY));

        assertEquals(List.of("undecodable 3", "untouched 14"), host.messages());
    }
}
