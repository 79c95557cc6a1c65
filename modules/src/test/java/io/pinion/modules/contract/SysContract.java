package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.modules.ProcedureHost.CommitOutcome;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of the ABI but HTTP handlers: what ends a call, logs, immediate calls, all that a view may return. */
abstract class SysContract extends ProcedureContract {
    @ParameterizedTest
    @ValueSource(strings = {"trap_unknown_table", "trap_bad_row", "trap_clear", "trap_hash_range"})
    void whatHasNoErrorNumberEndsTheCall(String reducer) {
        assertInstanceOf(GuestResult.Failed.class, call(reducer));

        assertFalse(host.messages().contains("caught"), "it must not be caught");
        assertFalse(host.messages().contains("finally"), "nothing runs after it");
        assertEquals(isKeptAfterFailure(), instance.isUsable());
        if (isKeptAfterFailure()) {
            assertReturned(call("context"));
        }
    }

    @Test
    void everyLevelOfTheLogHasItsNumber() {
        assertReturned(call("logs"));

        List<Level> levels = host.lines.stream().map(LogRecord::level).toList();
        assertEquals(
                List.of(
                        Level.ERROR,
                        Level.WARN,
                        Level.INFO,
                        Level.DEBUG,
                        Level.TRACE,
                        Level.PANIC,
                        Level.DEBUG,
                        Level.INFO),
                levels);
        assertEquals("at another", host.messages().get(6));
        assertTrue(
                last().message().matches("Timing span \"work \\\\\"quoted\\\\\"\": [0-9.]+(ns|µs|ms|s)"),
                last()::message);
        assertTrue(host.lines.stream().allMatch(line -> "logs".equals(line.function())));
        assertFalse(host.lines.get(5).trace().isEmpty(), "a panic has a stack");
        assertTrue(host.lines.get(2).trace().isEmpty());
    }

    @Test
    void anImmediateCallIsQueuedWithItsArguments() {
        assertReturned(call("immediate"));
        assertEquals(Map.of("refuse", text("hi")), host.scheduled);
    }

    @Test
    void aScheduleMayRunAProcedure() {
        assertReturned(call("schedule"));
        Bytes job = rows("jobs").getFirst();

        assertReturnedSomething(procedure("on_job", job));

        assertEquals("job 1 Time", last().message());
    }

    @Test
    void aViewMayReturnAQuery() {
        BsatnReader result = new BsatnReader(assertReturnedSomething(view("queried")));

        assertEquals(1, result.readU8());
        String sql = result.readString();
        assertTrue(sql.replace("\"", "").startsWith("SELECT"), sql);
        assertTrue(sql.contains("items"), sql);
    }

    @Test
    void aViewMayRefuseOrFail() {
        assertEquals(new GuestResult.UserError("view refused"), view("refusing"));
        assertTrue(instance.isUsable());

        assertInstanceOf(GuestResult.Failed.class, view("failing"));
        assertEquals(isKeptAfterFailure(), instance.isUsable());
    }

    @Test
    void aViewThatFailsInACommitFailsTheProcedureAndNothingElse() {
        List<GuestResult> results = new ArrayList<>();
        procedures.beforeCommit = () -> {
            results.add(viewInCommit("failing"));
            return new CommitOutcome.Refused("the view failing failed");
        };

        GuestResult result = procedure("two_transactions", text("first"));

        assertInstanceOf(GuestResult.Failed.class, results.getFirst());
        assertInstanceOf(GuestResult.Failed.class, result);
        assertFalse(procedures.isOpen());
        assertEquals(List.of(), itemNames());
    }

    @Test
    void aViewThatRefusesInACommitIsToldToTheHost() {
        List<GuestResult> results = new ArrayList<>();
        procedures.beforeCommit = () -> {
            results.add(viewInCommit("refusing"));
            return null;
        };

        assertEquals(new GuestResult.Returned(u64(1)), procedure("two_transactions", text("first")));
        assertEquals(new GuestResult.UserError("view refused"), results.getFirst());
    }

    @Test
    void aProcedureMayReturnNothing() {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), procedure("nothing", Bytes.EMPTY));
    }

    @Test
    void aTransactionThatAProcedureLeavesOpenIsUndoneAndItsNameLogged() {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), procedure("leave_open", text("left")));

        assertEquals(List.of("begin", "rollback"), procedures.events);
        assertEquals(List.of(), itemNames());
        assertEquals(Level.ERROR, last().level());
        assertTrue(last().message().contains("leave_open"), last()::message);
    }

    /** Thousands of transactions run while the stop is on its way: none of them is left open. */
    @Test
    void aProcedureThatNeverEndsIsStopped() throws Exception {
        try (ExecutorService caller = Executors.newSingleThreadExecutor()) {
            Future<GuestResult> running = caller.submit(() -> procedure("commit_forever", Bytes.EMPTY));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (procedures.events.size() < 20 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            instance.stop();
            assertEquals(new GuestResult.Stopped(), running.get(30, TimeUnit.SECONDS));
        }
        assertFalse(procedures.isOpen());
        assertFalse(instance.isUsable());
    }
}
