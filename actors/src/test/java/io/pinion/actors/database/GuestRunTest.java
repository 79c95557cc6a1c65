package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.pinion.actors.database.Database.Limit;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ProcedureHost;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Guest calls on this thread, with a monitor that another thread drives as fast as it can. */
class GuestRunTest {
    private static final FunctionCall CALL =
            new FunctionCall(0, "function", TestDatabases.OWNER, ConnectionId.NONE, 1_000_000, Bytes.EMPTY);

    private final TestVitals database = new TestVitals();
    private final TestHeap heap = new TestHeap(1000);
    private final AtomicLong allocatedBytes = new AtomicLong();
    private final CallMonitor monitor =
            new CallMonitor(Duration.ofNanos(30_000), new TestAllocation(allocatedBytes), new MemoryGuard(heap, 85));
    private final Program program = program();
    private final Datastore store = Datastore.create(program.definition());
    private final Views views = new Views(1);
    private final GuestRun guest = new GuestRun(new DatabaseEnvironment(
            TestDatabases.DATABASE,
            Clock.SYSTEM,
            monitor,
            database.vitals,
            database,
            DatabaseSettings.of(ConfigFactory.load()),
            _ -> Optional.empty()));

    private static Program program() {
        try {
            Module module = ScriptedModule.load(ScriptedModule.script());
            return Program.of(
                    TestDatabases.OWNER, module.hostType(), Bytes.EMPTY, module.definition(), Optional.empty());
        } catch (InvalidModuleException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        monitor.close();
    }

    /** Runs for a number of rounds, and notes whether it was asked to stop while it did not run. */
    private static final class Racer implements Instance {
        private final AtomicInteger stops = new AtomicInteger();
        private final AtomicInteger strayStops = new AtomicInteger();
        private volatile boolean isRunning;
        private int rounds;
        private boolean heedsStops;

        @Override
        public GuestResult callReducer(FunctionCall call, Transaction transaction) {
            int before = stops.get();
            for (int i = 0; i < rounds; i++) {
                if (heedsStops && stops.get() != before) {
                    return new GuestResult.Stopped();
                }
                Thread.onSpinWait();
            }
            return new GuestResult.Returned(Bytes.EMPTY);
        }

        @Override
        public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
            return callReducer(call, transaction);
        }

        @Override
        public GuestResult callProcedure(FunctionCall call, ProcedureHost procedureHost) {
            return new GuestResult.Failed("no procedures here");
        }

        @Override
        public HttpResult callHttpHandler(HttpCall call, ProcedureHost procedureHost) {
            return new HttpResult.NotAnswered(new GuestResult.Failed("no HTTP handlers here"));
        }

        @Override
        public void stop() {
            stops.incrementAndGet();
            if (!isRunning) {
                strayStops.incrementAndGet();
            }
        }

        @Override
        public boolean isUsable() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void aStopNeverHitsTheWrongCall() throws InterruptedException {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong looks = new AtomicLong();
        Thread looking = Thread.ofPlatform().start(() -> {
            while (!isOver.get()) {
                allocatedBytes.addAndGet(60);
                if (looks.incrementAndGet() % 64 == 0) {
                    heap.collected(900);
                }
                monitor.sample(System.nanoTime(), 0);
            }
        });

        Racer racer = new Racer();
        int returned = 0;
        Map<Limit, Integer> stopped = new EnumMap<>(Limit.class);
        for (int i = 0; i < 30_000; i++) {
            database.vitals.limits(TestVitals.limits(Duration.ofNanos(5_000 + random.nextInt(60_000))));
            racer.rounds = random.nextInt(2_000);
            racer.heedsStops = random.nextBoolean();
            int before = racer.stops.get();
            racer.isRunning = true;
            GuestResult result = guest.reducer(CallType.REDUCER, racer, CALL, program, store, views);
            racer.isRunning = false;

            int stops = racer.stops.get() - before;
            String context = result + " after " + stops + " stops in call " + i + ", seed " + seed;
            assertTrue(stops <= 1, context);
            assertEquals(database.refusals.get(), database.acceptances.get(), context);
            assertFalse(Thread.currentThread().isInterrupted(), context);
            if (result instanceof GuestResult.Stopped) {
                Limit limit = guest.limit();
                assertNotNull(limit, context);
                assertEquals(1, stops, context);
                stopped.merge(limit, 1, Integer::sum);
            } else {
                assertInstanceOf(GuestResult.Returned.class, result, context);
                assertNull(guest.limit(), context);
                assertEquals(stops == 1, guest.isInstanceBroken(), context);
                returned++;
            }
        }
        isOver.set(true);
        looking.join();

        assertEquals(0, racer.strayStops.get(), "seed " + seed);
        assertTrue(returned > 0, "none returned, seed " + seed);
        assertEquals(EnumSet.allOf(Limit.class), stopped.keySet(), "seed " + seed);
        assertEquals(stopped.values().stream().mapToInt(Integer::intValue).sum(), database.stops.get(), "seed " + seed);
    }
}
