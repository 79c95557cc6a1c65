package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.schedule.Due;
import io.pinion.actors.schedule.Schedule;
import io.pinion.actors.schedule.ScheduleReading;
import io.pinion.modules.InvalidModuleException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenViewCounts;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The rows of schedules are read on another thread while the tables change. */
class ScheduleReadingTest {
    private static final int MANY = 5000;
    private static final int INTERVAL = 0;
    private static final int TIME = 1;

    private final ModuleDef definition = definition();
    private final Datastore store = Datastore.create(definition);
    private final int table = store.tableId("timer");
    private final int index =
            store.table(table).orElseThrow().indexes().getFirst().id();

    private static ModuleDef definition() {
        try {
            return ScriptedModule.load(ScriptedModule.script()).definition();
        } catch (InvalidModuleException e) {
            throw new AssertionError(e);
        }
    }

    private Schedule schedule() {
        return Schedule.of(definition, store, 0);
    }

    private void fill(int count) {
        Transaction transaction = store.begin(0, () -> false);
        for (int i = 0; i < count; i++) {
            insert(transaction, 0, i % 2, 1 + i);
        }
        transaction.commit();
    }

    /** @param id 0 for the next one */
    private void insert(Transaction transaction, long id, int kind, long micros) {
        BsatnWriter row = new BsatnWriter().writeLong(id).writeByte(kind).writeLong(micros);
        assertEquals(0, transaction.insert(table, row.buffer(), 0, row.length(), new BsatnWriter()));
    }

    private void delete(Transaction transaction, long id) {
        BsatnWriter key = new BsatnWriter().writeLong(id);
        transaction.deletePoint(index, key.buffer(), 0, key.length());
    }

    /** Rows go, come, and are replaced by others with the same key and another time. */
    private void change(Schedule schedule, SplittableRandom random) {
        Transaction transaction = store.begin(0, () -> false);
        for (int i = 0; i < 20; i++) {
            long id = 1L + random.nextInt(MANY);
            delete(transaction, id);
            if (random.nextBoolean()) {
                insert(transaction, id, TIME, 1 + random.nextInt(MANY));
            }
        }
        insert(transaction, 0, INTERVAL, 1 + random.nextInt(MANY));
        schedule.apply(transaction.commit(), 0);
    }

    /** By key, when the rows of the table are due. */
    private Map<Long, Long> expected() {
        Map<Long, Long> expected = new TreeMap<>();
        Transaction reading = store.begin();
        reading.scanTable(table, (bytes, offset, length) -> {
            BsatnReader row = new BsatnReader(bytes, offset, length);
            long key = row.readLong();
            row.readU8();
            expected.put(key, row.readLong());
        });
        reading.rollback();
        return expected;
    }

    private static Map<Long, Long> drain(Schedule schedule) {
        Map<Long, Long> all = new TreeMap<>();
        long last = 0;
        Due due = schedule.takeDue(Long.MAX_VALUE - 1);
        while (due != null) {
            assertTrue(last <= due.dueMicros(), "out of order");
            last = due.dueMicros();
            assertNull(all.put(due.key(), last), "twice: " + due);
            due = schedule.takeDue(Long.MAX_VALUE - 1);
        }
        return all;
    }

    @Test
    void fewRowsAreThereAtOnce() {
        fill(100);
        Schedule schedule = schedule();

        assertEquals(Optional.empty(), schedule.begin(store));

        assertEquals(new FrozenViewCounts(0, 0, ""), store.frozenViews());
        assertEquals(expected(), drain(schedule));
    }

    @Test
    void manyRowsAreReadElsewhereAndEnteredBitByBitWhileTheyChange() {
        for (int run = 0; run < 10; run++) {
            long seed = System.nanoTime();
            SplittableRandom random = new SplittableRandom(seed);
            fill(MANY);
            Schedule schedule = schedule();
            ScheduleReading reading = schedule.begin(store).orElseThrow();
            assertEquals(Schedule.NEVER, schedule.nextDueMicros());

            change(schedule, random);
            CompletableFuture<Void> read = CompletableFuture.runAsync(reading::read);
            change(schedule, random);
            read.join();
            int slices = 1;
            while (reading.enter()) {
                change(schedule, random);
                slices++;
            }
            change(schedule, random);

            assertTrue(slices > MANY / 1000, "seed " + seed + ": " + slices + " slices");
            assertEquals(expected(), drain(schedule), "seed " + seed);
            assertEquals(new FrozenViewCounts(0, 0, ""), store.frozenViews());
        }
    }

    @Test
    void anAbandonedReadEndsAndLeavesNoView() {
        fill(MANY);
        ScheduleReading reading = schedule().begin(store).orElseThrow();

        reading.abandon();

        assertThrows(RuntimeException.class, reading::read);
        assertEquals(new FrozenViewCounts(0, 0, ""), store.frozenViews());
        assertThrows(IllegalStateException.class, reading::read);
    }
}
