package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestWindowTest {
    private static final Identity ALICE = new Identity(1, 2, 3, 4);
    private static final Identity BOB = new Identity(5, 6, 7, 8);
    private static final long NOW = 1_790_000_000_000L;
    private static final RequestSettings LARGE = new RequestSettings(1000, Duration.ofSeconds(60), 1 << 20, 1 << 14);

    private static long high(long millis, int random) {
        return (millis << 16) | 0x7000 | random;
    }

    private static LogEntry.Answered entry(Identity caller, long millis, int random, long nowMillis, String message) {
        return new LogEntry.Answered(
                nowMillis * 1000,
                caller,
                ConnectionId.NONE,
                high(millis, random),
                0x8000000000000000L | random,
                CallKind.REDUCER,
                CallResult.REJECTED,
                "transfer",
                message);
    }

    private static void keep(RequestWindow window, Identity caller, long millis) {
        window.keep(7, entry(caller, millis, 0, millis, ""));
    }

    private static @Nullable AnsweredCall find(RequestWindow window, Identity caller, long millis) {
        return window.find(caller, high(millis, 0), 0x8000000000000000L);
    }

    private static boolean mayBeForgotten(RequestWindow window, Identity caller, long millis) {
        return window.mayBeForgotten(caller, high(millis, 0), NOW * 1000);
    }

    @Test
    void aCallIsKnownByItsCallerAndItsId() {
        RequestWindow window = new RequestWindow(LARGE);
        window.keep(7, entry(ALICE, NOW, 3, NOW, "not enough"));

        AnsweredCall found = assertNotNullCall(window.find(ALICE, high(NOW, 3), 0x8000000000000003L));

        assertEquals(7, found.offset());
        assertEquals(new CallFate.Reducer(CallResult.REJECTED, "not enough"), found.fate());
        assertNull(window.find(BOB, high(NOW, 3), 0x8000000000000003L));
        assertNull(window.find(ALICE, high(NOW, 3), 0x8000000000000004L));
        assertNull(window.find(ALICE, high(NOW, 4), 0x8000000000000003L));
        assertFalse(mayBeForgotten(window, ALICE, NOW));
    }

    private static AnsweredCall assertNotNullCall(@Nullable AnsweredCall call) {
        assertNotNull(call);
        return call;
    }

    @Test
    void aTransactionWithoutAnIdIsNotKept() {
        RequestWindow window = new RequestWindow(LARGE);

        window.keep(1, (LogEntry.Transaction) TestLog.transaction(1, TestLog.pairs(0, 1), TestLog.pairs(0, 0)));

        assertEquals(RequestWindow.Content.EMPTY, window.content());
    }

    private static LogEntry.ProcedureBegun begun(long millis) {
        return new LogEntry.ProcedureBegun(
                millis * 1000, ALICE, ConnectionId.NONE, high(millis, 0), 0x8000000000000000L, "fetch");
    }

    private static LogEntry.ProcedureReturned returned(long millis, int valueBytes) {
        LogEntry.ReturnValue value = new LogEntry.ReturnValue(Bytes.EMPTY, Bytes.wrap(new byte[valueBytes]));
        return new LogEntry.ProcedureReturned(
                millis * 1000,
                ALICE,
                ConnectionId.NONE,
                high(millis, 0),
                0x8000000000000000L,
                "fetch",
                millis * 1000,
                Optional.of(value));
    }

    @Test
    void theEndOfAProcedureTakesThePlaceOfItsBeginning() {
        RequestWindow window = new RequestWindow(LARGE);
        window.keep(7, begun(NOW));
        assertEquals(
                CallFate.Begun.INSTANCE,
                assertNotNullCall(find(window, ALICE, NOW)).fate());

        window.keep(8, returned(NOW, 100));

        AnsweredCall ended = assertNotNullCall(find(window, ALICE, NOW));
        assertEquals(8, ended.offset());
        assertEquals(
                new CallFate.ProcedureReturned(NOW * 1000, returned(NOW, 100).value()), ended.fate());
        assertEquals(List.of(ended), window.content().calls());
        assertEquals(window.content(), written(window.content()));
    }

    @Test
    void whatProceduresReturnedCountsInTheMemoryThatAllTake() {
        RequestWindow window = new RequestWindow(new RequestSettings(1000, Duration.ofSeconds(60), 10_000, 1 << 14));
        for (int i = 0; i < 100; i++) {
            window.keep(2L * i, begun(NOW + i));
            window.keep(2L * i + 1, returned(NOW + i, 840));
        }

        assertEquals(10, window.content().calls().size());
        assertEquals(NOW + 89, window.content().forgottenMillis());
    }

    @Test
    void aSnapshotHoldsProceduresThatHadBegunAndThatFailed() {
        RequestWindow window = new RequestWindow(LARGE);
        window.keep(7, begun(NOW));
        window.keep(
                8,
                new LogEntry.Answered(
                        NOW * 1000,
                        BOB,
                        ConnectionId.NONE,
                        high(NOW, 1),
                        0x8000000000000001L,
                        CallKind.PROCEDURE,
                        CallResult.FAILED,
                        "fetch",
                        "it gave up"));

        RequestWindow.Content content = written(window.content());

        assertEquals(window.content(), content);
        assertEquals(
                new CallFate.ProcedureFailed(CallResult.FAILED, "it gave up"),
                content.calls().getLast().fate());
    }

    @Test
    void aCallerWithTooManyForgetsItsOwnOldest() {
        RequestWindow window = new RequestWindow(new RequestSettings(3, Duration.ofSeconds(60), 1 << 20, 1 << 14));
        keep(window, BOB, NOW - 100);
        for (int i = 0; i < 5; i++) {
            keep(window, ALICE, NOW + i);
        }

        assertNull(find(window, ALICE, NOW + 1));
        assertTrue(mayBeForgotten(window, ALICE, NOW + 1));
        assertNotNull(find(window, ALICE, NOW + 2));
        assertFalse(mayBeForgotten(window, ALICE, NOW + 5));
        assertNotNull(find(window, BOB, NOW - 100));
        assertFalse(mayBeForgotten(window, BOB, NOW - 99));
    }

    @Test
    void anIdThatIsOlderThanTheWindowIsForgotten() {
        RequestWindow window = new RequestWindow(LARGE);
        keep(window, ALICE, NOW - 61_000);

        keep(window, BOB, NOW);

        assertNull(find(window, ALICE, NOW - 61_000));
        assertTrue(mayBeForgotten(window, ALICE, NOW - 61_000));
        assertTrue(mayBeForgotten(window, BOB, NOW - 60_001));
        assertFalse(mayBeForgotten(window, BOB, NOW - 60_000));
    }

    @Test
    void allTogetherTakeNoMoreMemoryThanTheyMay() {
        RequestWindow window = new RequestWindow(new RequestSettings(1000, Duration.ofSeconds(60), 10_000, 1 << 14));
        for (int i = 0; i < 100; i++) {
            window.keep(i, entry(new Identity(i, 0, 0, 0), NOW + i, 0, NOW + i, "x".repeat(420)));
        }

        assertEquals(10, window.content().calls().size());
        assertEquals(NOW + 89, window.content().forgottenMillis());
        assertTrue(window.mayBeForgotten(ALICE, high(NOW + 89, 0), NOW * 1000));
        assertFalse(window.mayBeForgotten(ALICE, high(NOW + 90, 0), NOW * 1000));
    }

    @Test
    void aClockThatWasWrongForATimeLeavesNothingBehind() {
        RequestWindow window = new RequestWindow(LARGE);
        keep(window, ALICE, NOW);

        assertTrue(window.mayBeForgotten(ALICE, high(NOW + 1, 0), (NOW + 1_000_000) * 1000));

        assertFalse(mayBeForgotten(window, ALICE, NOW + 1));
        assertNotNull(find(window, ALICE, NOW));
    }

    @Test
    void whatWasCalledBeforeTheEndIsNotNewAfterIt() {
        RequestWindow window = new RequestWindow(LARGE);
        keep(window, ALICE, NOW - 5);

        window.end(NOW * 1000);

        assertTrue(mayBeForgotten(window, ALICE, NOW - 5));
        assertFalse(mayBeForgotten(window, ALICE, NOW + 1));
    }

    private static RequestWindow.Content written(RequestWindow.Content content) {
        RequestCodec codec = new RequestCodec();
        RequestCodec.write(content, codec::read);
        return codec.content();
    }

    /** Whatever goes, no id that was answered is ever taken for a new one, in the window and in what a snapshot restores. */
    @Test
    void noAnsweredCallIsEverTakenForANewOne() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            RequestSettings settings = new RequestSettings(
                    1 + random.nextInt(20),
                    Duration.ofMillis(1000 + random.nextInt(3000)),
                    4096 + random.nextInt(20_000),
                    1 << 14);
            RequestWindow window = new RequestWindow(settings);
            List<LogEntry.Answered> answered = new ArrayList<>();
            long now = NOW;
            for (int i = 0; i < 300; i++) {
                now += random.nextInt(40) - (random.nextInt(50) == 0 ? 500 : 0);
                Identity caller = new Identity(random.nextInt(6), 0, 0, 0);
                long made = now - random.nextInt(200) + random.nextInt(100);
                LogEntry.Answered entry = entry(caller, made, i, now, "x".repeat(random.nextInt(300)));
                if (!window.mayBeForgotten(caller, entry.requestHigh(), now * 1000)) {
                    window.keep(i, entry);
                    answered.add(entry);
                }
                if (random.nextInt(100) == 0) {
                    RequestWindow restored = new RequestWindow(settings);
                    restored.restore(written(window.content()));
                    assertEquals(window.content(), restored.content(), "seed " + seed);
                    window = restored;
                }
                LogEntry.Answered one = answered.get(random.nextInt(answered.size()));
                assertTrue(isKnown(window, one, now), "seed " + seed);
            }
            for (LogEntry.Answered one : answered) {
                assertTrue(isKnown(window, one, now), "seed " + seed);
            }
        }
    }

    private static boolean isKnown(RequestWindow window, LogEntry.Answered call, long nowMillis) {
        return window.find(call.caller(), call.requestHigh(), call.requestLow()) != null
                || window.mayBeForgotten(call.caller(), call.requestHigh(), nowMillis * 1000);
    }

    @Test
    void rowsThatNobodyWroteAreRefusedByName() {
        RequestCodec codec = new RequestCodec();

        assertThrows(CorruptEventException.class, () -> codec.read(new byte[] {9, 1, 2}, 0, 3));
        assertThrows(CorruptEventException.class, () -> codec.read(new byte[] {3, 1, 2}, 0, 3));
        assertThrows(CorruptEventException.class, () -> codec.read(new byte[] {1, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, 10));
    }
}
