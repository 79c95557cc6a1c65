package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ProcedureHost.CommitOutcome;
import io.pinion.modules.ProcedureHost.HttpOutcome;
import io.pinion.modules.TestProcedureHost;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What views and procedures may do, on top of reducers. */
abstract class ProcedureContract extends ReducerContract {
    TestProcedureHost procedures;

    @BeforeEach
    void openAHost() {
        procedures = new TestProcedureHost(store, NOW_MICROS);
    }

    // Views

    @Test
    void aViewReturnsRows() {
        fill("a", 1);
        fill("b", 7);

        assertEquals(List.of("a", "b"), itemNames(view("all_items")));
        assertEquals(
                List.of("b"),
                itemNames(view("my_items")),
                "those of the kind 7, which the caller's identity begins with");
    }

    @Test
    void aViewOfAnOptionReturnsNoRowOrOne() {
        assertEquals(List.of(), itemNames(view("first_item")));

        fill("a", 1);

        assertEquals(List.of("a"), itemNames(view("first_item")));
    }

    // Procedures

    @Test
    void aProcedureKnowsItsCallAndReturnsAValue() {
        Bytes arguments = new BsatnWriter().writeInt(40).writeInt(-1).toBytes();

        GuestResult result = procedure("add", arguments);

        assertEquals(new GuestResult.Returned(u64(40 + 0xffff_ffffL)), result);
        assertEquals("procedure " + CALLER.toHex() + " " + CONNECTION.toHex() + " " + NOW_MICROS, last().message());
        assertEquals("add", last().function());
    }

    @Test
    void aProcedureRunsSeveralTransactionsWithATimeEach() {
        GuestResult result = procedure("two_transactions", text("first"));

        assertEquals(new GuestResult.Returned(u64(1)), result);
        assertEquals(List.of("begin", "commit", "begin", "commit"), procedures.events);
        assertEquals(List.of("inside " + (NOW_MICROS + 1)), host.messages());
        assertEquals(List.of("first"), itemNames());
        assertTrue(instance.isUsable());
    }

    @Test
    void aTransactionThatFailsIsUndone() {
        assertEquals(new GuestResult.Returned(u64(0)), procedure("abort", Bytes.EMPTY));
        assertEquals(List.of("begin", "rollback", "begin", "commit"), procedures.events);
        assertEquals(List.of("undone undo"), host.messages());
    }

    @Test
    void aProcedureIsToldWhatItMayNotDo() {
        assertReturnedSomething(procedure("procedure_errors", Bytes.EMPTY));
        assertEquals(
                List.of(
                        "name outside 2",
                        "count outside 2",
                        "claims outside 2",
                        "commit 18",
                        "abort 18",
                        "start inside 17",
                        "http inside 17"),
                host.messages());
    }

    @Test
    void aRequestIsAnsweredWithWhateverCode() {
        List<HttpRequest> requests = new ArrayList<>();
        procedures.network = request -> {
            requests.add(request);
            HttpHeader type = new HttpHeader("content-type", Bytes.ofUtf8("text/plain"));
            return new HttpOutcome.Received(
                    new HttpResponse(HttpVersion.HTTP_2, 404, List.of(type), Bytes.ofUtf8("no such page ✓")));
        };

        GuestResult result = procedure("fetch", text("http://example.com/x?y=1"));

        String type = areResponseHeadersKept() ? "text/plain" : "null";
        assertEquals(new GuestResult.Returned(text("404 " + type + " no such page ✓")), result);
        HttpRequest request = requests.getFirst();
        assertEquals("POST", request.method());
        assertEquals("http://example.com/x?y=1", request.uri());
        assertEquals(Bytes.ofUtf8("ping"), request.body());
        assertTrue(request.headers().contains(new HttpHeader("x-a", Bytes.ofUtf8("1"))), request::toString);
    }

    @Test
    void aRequestWithoutAnAnswerSaysWhy() {
        assertEquals(
                new GuestResult.Returned(text("failed: there is no network")),
                procedure("fetch", text("http://example.com/")));

        procedures.httpRefusal = "it is switched off";

        assertEquals(
                new GuestResult.Returned(text("failed: it is switched off")),
                procedure("fetch", text("http://example.com/")));
    }

    @Test
    void aProcedureThatFailsKeepsWhatItCommittedAndLosesItsInstance() {
        assertInstanceOf(GuestResult.Failed.class, procedure("procedure_fails", Bytes.EMPTY));

        assertEquals(List.of("kept"), itemNames());
        assertFalse(instance.isUsable());
        assertFalse(host.lines.isEmpty());
    }

    // Views that run while a procedure commits

    @Test
    void viewsOfTheSameInstanceRunWhileItCommits() {
        List<String> seen = new ArrayList<>();
        procedures.beforeCommit = () -> {
            seen.addAll(itemNames(viewInCommit("all_items")));
            return null;
        };

        GuestResult result = procedure("two_transactions", text("first"));

        assertEquals(new GuestResult.Returned(u64(1)), result);
        assertEquals(List.of("first", "first"), seen);
        assertEquals("two_transactions", last().function());
    }

    @Test
    void aRefusedCommitIsTriedOnceMoreOrFailsTheProcedure() {
        int[] attempts = new int[1];
        procedures.beforeCommit =
                () -> attempts[0]++ == 0 ? new CommitOutcome.Refused("the view all_items failed") : null;

        GuestResult result = procedure("two_transactions", text("first"));

        if (isRefusedCommitTriedAgain()) {
            assertEquals(new GuestResult.Returned(u64(1)), result);
            assertEquals(List.of("begin", "rollback", "begin", "commit", "begin", "commit"), procedures.events);
        } else {
            assertTrue(
                    assertInstanceOf(GuestResult.Failed.class, result).reason().contains("the view all_items failed"));
            assertEquals(List.of("begin", "rollback"), procedures.events);
        }
        assertFalse(procedures.isOpen());
    }

    /** Early SDKs show responses without their headers. */
    boolean areResponseHeadersKept() {
        return true;
    }

    /** A refused commit traps in WebAssembly and can be caught in JavaScript. */
    abstract boolean isRefusedCommitTriedAgain();

    // Stops

    @ParameterizedTest
    @ValueSource(strings = {"begin", "commit"})
    void aProcedureThatWaitsForTheDatabaseIsStopped(String method) throws Exception {
        procedures.waitsIn = method;

        assertStops(callOf("two_transactions", text("first")));

        assertEquals(List.of(), itemNames());
    }

    @Test
    void aProcedureThatWaitsForAnAnswerIsStopped() throws Exception {
        procedures.waitsIn = "request";

        assertStops(callOf("fetch", text("http://example.com/")));
    }

    /** Stops a procedure once it waits. */
    final void assertStops(FunctionCall call) throws Exception {
        try (ExecutorService caller = Executors.newSingleThreadExecutor()) {
            Future<Boolean> interrupted = caller.submit(() -> {
                assertEquals(new GuestResult.Stopped(), instance.callProcedure(call, procedures));
                return Thread.currentThread().isInterrupted();
            });
            assertTrue(procedures.waiting.await(30, TimeUnit.SECONDS));
            instance.stop();
            assertFalse(interrupted.get(30, TimeUnit.SECONDS));
        }
        assertFalse(instance.isUsable());
        assertFalse(procedures.isOpen());
    }

    // Helpers

    final FunctionCall callOf(String procedure, Bytes arguments) {
        int id = module.definition().procedure(procedure).orElseThrow().id();
        return new FunctionCall(id, procedure, CALLER, CONNECTION, NOW_MICROS, arguments);
    }

    final GuestResult procedure(String procedure, Bytes arguments) {
        return instance.callProcedure(callOf(procedure, arguments), procedures);
    }

    static Bytes assertReturnedSomething(GuestResult result) {
        return assertInstanceOf(GuestResult.Returned.class, result, result::toString)
                .result();
    }

    static Bytes u64(long value) {
        return new BsatnWriter().writeLong(value).toBytes();
    }

    final GuestResult view(String name) {
        Transaction transaction = store.begin();
        GuestResult result = view(name, transaction);
        transaction.rollback();
        return result;
    }

    final GuestResult viewInCommit(String name) {
        return view(name, procedures.transaction());
    }

    private GuestResult view(String name, Transaction transaction) {
        ViewDef view = module.definition().view(name).orElseThrow();
        FunctionCall call = new FunctionCall(view.index(), name, CALLER, ConnectionId.NONE, 0, Bytes.EMPTY);
        return instance.callView(call, view.isAnonymous(), transaction);
    }

    /** Of what a view returned, in the form with a header. */
    static List<String> itemNames(GuestResult result) {
        BsatnReader rows = new BsatnReader(assertReturnedSomething(result));
        assertEquals(0, rows.readU8());
        long count = rows.readCount();
        List<String> names = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            names.add(itemName(rows));
        }
        assertEquals(0, rows.remaining());
        return names.stream().sorted().toList();
    }
}
