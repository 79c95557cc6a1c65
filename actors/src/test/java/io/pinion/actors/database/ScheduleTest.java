package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What rows of schedule tables bring about, by a clock that the test moves. */
class ScheduleTest {
    private static final long START = TimeUnit.SECONDS.toMicros(System.currentTimeMillis() / 1000);
    private static final long SECOND = 1_000_000;
    private static final String TICKS = "SELECT value FROM item WHERE value < 0";
    private static final String ROWS = "SELECT id FROM timer";

    @TempDir
    private Path directory;

    /** The wall clock stands still until it is moved. */
    private final AtomicLong wallMicros = new AtomicLong(START);

    private final Clock clock = new Clock() {
        @Override
        public long epochMicros() {
            return wallMicros.get();
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }
    };

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        restart();
        assertInstanceOf(Database.Published.class, database.publish());
    }

    private void restart() {
        if (node != null) {
            node.close();
        }
        node = TestDatabases.start(directory, "", (program, _) -> ScriptedModule.load(program), clock);
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void at(long micros) {
        assertInstanceOf(Committed.class, database.call("later", "[{\"Time\": [" + micros + "]}]"));
    }

    private void every(long micros) {
        assertInstanceOf(Committed.class, database.call("later", "[{\"Interval\": [" + micros + "]}]"));
    }

    /** Moves the clock and has the database look at it, as any new row does. */
    private void moveTo(long micros) {
        wallMicros.set(micros);
        database.call("later", "[{\"Time\": [" + micros + "]}]");
    }

    private long ticks() {
        return database.numbers(TICKS).size();
    }

    private void awaitTicks(long expected) {
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(expected, ticks());
            return expected;
        });
    }

    @Test
    void aRowFiresAtItsTimeAndIsGone() {
        at(START + 3 * SECOND);
        assertEquals(0, ticks());

        moveTo(START + 3 * SECOND);

        awaitTicks(2);
        database.awaitNumbers(ROWS, List.of());
        assertEquals(START + 3 * SECOND, ScriptedModule.timestampMicrosOfLastCall);
    }

    @Test
    void aRowThatComesWhenAllOthersHaveFiredFiresByItself() {
        at(START);
        awaitTicks(1);

        at(START + 1000);
        wallMicros.set(START + 1000);

        awaitTicks(2);
    }

    @Test
    void anIntervalIsAnchoredAtItsDueTimesAndSkipsWhatWasMissed() {
        every(-10 * SECOND);

        moveTo(START + 10 * SECOND);
        awaitTicks(2);
        moveTo(START + 47 * SECOND);
        awaitTicks(4);
        moveTo(START + 49 * SECOND);
        awaitTicks(5);
        moveTo(START + 50 * SECOND);
        awaitTicks(7);

        assertEquals(List.of(1L), database.numbers(ROWS));
    }

    @Test
    void aClockThatGoesBackDelaysAndOneThatJumpsAheadFiresOnce() {
        every(10 * SECOND);
        moveTo(START + 10 * SECOND);
        awaitTicks(2);

        moveTo(START - 1000 * SECOND);
        awaitTicks(3);
        moveTo(START + 20 * SECOND - 1);
        awaitTicks(4);
        moveTo(START + 20 * SECOND);
        awaitTicks(6);
        moveTo(START + 100_000 * SECOND);
        awaitTicks(8);
    }

    @Test
    void timesLongPastFireInTheOrderInWhichTheyWereDue() {
        List<Long> fired = Collections.synchronizedList(new ArrayList<>());
        at(START + 30 * SECOND);
        at(START + 10 * SECOND);
        at(START + 20 * SECOND);
        at(START + 10 * SECOND);

        moveTo(START + 60 * SECOND);
        awaitTicks(5);

        fired.addAll(database.numbers("SELECT value FROM item"));
        assertEquals(List.of(1000L, -2L, -4L, -3L, -1L, -5L), fired);
        at(Long.MIN_VALUE);
        awaitTicks(6);
    }

    /** The one row of the timer, changed by a reducer. */
    private void change(java.util.function.ToIntFunction<Transaction> change) {
        ScriptedModule.mischief = (transaction, _) -> {
            int code = change.applyAsInt(transaction);
            return code == StoreCode.OK
                    ? new GuestResult.Returned(Bytes.EMPTY)
                    : new GuestResult.Failed("code " + code);
        };
        assertInstanceOf(Committed.class, database.call("mischief", "[]"));
    }

    private static byte[] row(long id, int tag, long micros) {
        return new BsatnWriter()
                .writeLong(id)
                .writeByte(tag)
                .writeLong(micros)
                .toBytes()
                .unsafeArray();
    }

    private static int update(Transaction transaction, byte[] row) {
        return transaction.update(
                transaction.tableId("timer"),
                transaction.indexId("timer_id_idx_btree"),
                row,
                0,
                row.length,
                new BsatnWriter());
    }

    @Test
    void aRowThatIsDeletedDoesNotFireAndOneThatIsChangedFiresAtItsNewTime() {
        at(START + 10 * SECOND);
        at(START + 10 * SECOND);
        byte[] first = new BsatnWriter().writeLong(1).toBytes().unsafeArray();
        change(transaction ->
                transaction.deletePoint(transaction.indexId("timer_id_idx_btree"), first, 0, first.length) == 1
                        ? 0
                        : -1);
        change(transaction -> update(transaction, row(2, 1, START + 20 * SECOND)));

        moveTo(START + 10 * SECOND);
        awaitTicks(1);
        moveTo(START + 20 * SECOND);
        awaitTicks(3);

        database.awaitNumbers(ROWS, List.of());
    }

    @Test
    void whatIsRolledBackIsNotScheduledAndACallThatGoesTooFarAheadIsToldSo() {
        ScriptedModule.mischief = (transaction, _) -> {
            byte[] row = row(0, 1, START);
            assertEquals(
                    StoreCode.OK,
                    transaction.insert(transaction.tableId("timer"), row, 0, row.length, new BsatnWriter()));
            return new GuestResult.UserError("no");
        };
        assertInstanceOf(Database.Rejected.class, database.call("mischief", "[]"));
        long tooFar = TimeUnit.MILLISECONDS.toMicros((1L << 36) - 1);

        long later = START + tooFar + 60 * SECOND;
        Failed time = assertInstanceOf(Failed.class, database.call("later", "[{\"Time\": [" + later + "]}]"));
        Failed interval = assertInstanceOf(Failed.class, database.call("later", "[{\"Interval\": [" + tooFar + "]}]"));

        assertEquals("insert into timer: " + StoreCode.SCHEDULE_AT_DELAY_TOO_LONG, time.reason());
        assertEquals(time.reason(), interval.reason());
        at(START + tooFar - 1);
        assertEquals(0, ticks());
        assertEquals(1, database.numbers(ROWS).size());
    }

    @Test
    void aRowThatAGuestKeepsAlthoughItIsTooFarAheadHarmsNothing() {
        change(transaction -> {
            byte[] row = row(0, 1, Long.MAX_VALUE);
            return transaction.insert(transaction.tableId("timer"), row, 0, row.length, new BsatnWriter())
                            == StoreCode.SCHEDULE_AT_DELAY_TOO_LONG
                    ? StoreCode.OK
                    : -1;
        });
        restart();

        at(START);
        awaitTicks(1);
        assertEquals(List.of(1L), database.numbers(ROWS));
    }

    @Test
    void afterARestartOrAnUpdateTimesFireAtOnceAndIntervalsStartAnew() {
        every(10 * SECOND);
        at(START + 5 * SECOND);
        wallMicros.set(START + 8 * SECOND);
        restart();

        awaitTicks(1);
        moveTo(START + 17 * SECOND);
        awaitTicks(2);
        moveTo(START + 18 * SECOND);
        awaitTicks(4);

        wallMicros.set(START + 20 * SECOND);
        assertInstanceOf(Database.Published.class, database.publish("wider"));
        moveTo(START + 29 * SECOND);
        awaitTicks(5);
        moveTo(START + 30 * SECOND);
        awaitTicks(7);
    }

    @Test
    void aReducerThatFailsLosesItsOneShotRowAndKeepsItsInterval() {
        assertInstanceOf(Database.Published.class, database.publish("tick-fails"));
        at(START);
        every(10 * SECOND);
        database.awaitNumbers(ROWS, List.of(2L));

        moveTo(START + 10 * SECOND);

        database.awaitNumbers(ROWS, List.of(2L));
        assertEquals(0, ticks());
    }
}
