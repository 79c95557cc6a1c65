package io.pinion.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What becomes of guests that do not come back, the same for every engine. Each engine brings a module with a public table
 * {@code notes} (generated id, text), a reducer {@code write} that inserts a note, a reducer {@code quick} that does
 * nothing, an anonymous view {@code endless_view}, and reducers {@code endless_…} that log {@code "running"} and then
 * never end, {@code ends_…} that the engine itself has to end.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
public abstract class RunawayContract {
    private static final Identity CALLER = new Identity(7, 0, 0, 9);
    private static final long DEADLINE_SECONDS = 60;
    /** A core's stack. */
    private static final long STACK_BYTES = 16 << 20;
    /** How long a runaway runs before it is stopped: long enough to be in its loop. */
    private static final long RUN_NANOS = 10_000_000;

    private static final long LOOK_NANOS = 500_000;

    private static final int STOPS = 60;
    private static final int MANY_STOPS = 1_000;
    private static final int RACES = 2_000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Module module;
    private RecordingHost host;
    private Datastore store;
    private Instance instance;

    protected abstract Bytes runawayProgram();

    @BeforeAll
    void load() throws InvalidModuleException {
        module = ModuleLoader.load(runawayProgram(), ModuleLimits.DEFAULT);
    }

    @BeforeEach
    void openTheStore() throws InvalidModuleException {
        host = new RecordingHost();
        store = Datastore.create(module.definition());
        instance = module.instantiate(host);
        for (int i = 0; i < 3; i++) {
            assertReturned(committed("write"));
        }
    }

    @AfterEach
    void close() {
        instance.close();
    }

    // Every kind

    @TestFactory
    Stream<DynamicTest> aCallThatNeverEndsIsStoppedUndoneAndTheNextOneWorks() {
        return reducers("endless_")
                .map(name -> dynamicTest(name, () -> {
                    List<Bytes> before = notes();

                    GuestResult result = stopped(() -> rolledBack(name));

                    assertInstanceOf(GuestResult.Stopped.class, result, result::toString);
                    assertGoesOn(before);
                }));
    }

    @TestFactory
    Stream<DynamicTest> aCallThatTheEngineEndsIsUndoneAndTheNextOneWorks() {
        return reducers("ends_")
                .map(name -> dynamicTest(name, () -> {
                    List<Bytes> before = notes();

                    GuestResult result = onThread(STACK_BYTES, () -> rolledBack(name));

                    assertFalse(result instanceof GuestResult.Stopped, result::toString);
                    assertGoesOn(before);
                }));
    }

    @Test
    void aViewThatNeverEndsIsStopped() throws Exception {
        List<Bytes> before = notes();
        ModuleDef.ViewDef view = module.definition().view("endless_view").orElseThrow();
        FunctionCall call = new FunctionCall(view.index(), view.name(), CALLER, ConnectionId.NONE, 0, Bytes.EMPTY);

        GuestResult result = stopped(() -> {
            Transaction transaction = store.begin();
            host.log().append(ModuleLog.LogRecord.system(ModuleLog.Level.INFO, 0, "running"));
            GuestResult ended = instance.callView(call, true, transaction);
            transaction.rollback();
            return ended;
        });

        assertInstanceOf(GuestResult.Stopped.class, result);
        assertGoesOn(before);
    }

    // Again and again

    @Test
    void stopsInARowLeaveNothingBehind() throws Exception {
        stopInARow(STOPS);
    }

    @Test
    @Tag("slow")
    void aThousandStopsInARowLeaveNothingBehind() throws Exception {
        stopInARow(MANY_STOPS);
    }

    private void stopInARow(int rounds) throws Exception {
        List<String> names = reducers("endless_loop").toList();
        int threadsBefore = 0;
        long heapBefore = 0;
        for (int round = 0; round < rounds; round++) {
            String name = names.get(round % names.size());
            assertInstanceOf(GuestResult.Stopped.class, stopped(() -> rolledBack(name)));
            renewIfNeeded();
            assertReturned(rolledBack("write"));
            host.lines.clear();
            if (round == rounds / 4) {
                threadsBefore = THREADS.getThreadCount();
                heapBefore = heapAfterCollection();
            }
        }

        int mostThreads = threadsBefore + 8;
        await("threads", () -> THREADS.getThreadCount() <= mostThreads);
        long most = heapBefore + (24 << 20);
        await("heap", () -> heapAfterCollection() <= most);
    }

    private static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // No other call

    /**
     * One thread stops whatever runs at random moments while another makes short calls, and says between which calls each
     * stop was made: only those may be stopped.
     */
    @Test
    void aStopEndsTheCallItWasMadeInAndNoOther() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed of the racing stops: " + seed);
        Random random = new Random(seed);
        int stoppedCalls = 0;
        int finishedCalls = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        for (int round = 0; round < RACES || (stoppedCalls == 0 && System.nanoTime() < deadline); round++) {
            int spins = random.nextInt(3_000);
            CountDownLatch go = new CountDownLatch(1);
            Instance target = instance;
            FutureTask<Boolean> stop = new FutureTask<>(() -> {
                go.await();
                for (int i = 0; i < spins; i++) {
                    Thread.onSpinWait();
                }
                target.stop();
                return true;
            });
            Thread.ofVirtual().start(stop);
            go.countDown();
            GuestResult first = rolledBack(random.nextBoolean() ? "write" : "quick");
            assertFalse(Thread.currentThread().isInterrupted(), () -> "interrupted, seed " + seed);
            stop.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            if (first instanceof GuestResult.Stopped) {
                stoppedCalls++;
            } else {
                assertReturned(first);
                finishedCalls++;
            }
            renewIfNeeded();
            assertReturned(rolledBack("quick"));
            assertFalse(Thread.currentThread().isInterrupted(), () -> "interrupted, seed " + seed);
        }
        assertTrue(finishedCalls > 0, "no call finished before its stop");
        assertTrue(stoppedCalls > 0, "no call was stopped");
        assertEquals(3, notes().size());
    }

    // Stacks

    /** The stack may end anywhere in a host call; what it has done until then is undone all the same. */
    @Test
    void recursionThroughHostCallsIsUndoneOnStacksOfEverySize() throws Exception {
        List<Bytes> before = notes();
        for (long stackBytes = 512 << 10; stackBytes <= 1 << 20; stackBytes += 37_000) {
            GuestResult result = onThread(stackBytes, () -> rolledBack("ends_recursion_with_host_calls"));

            assertFalse(result instanceof GuestResult.Returned, result::toString);
            assertGoesOn(before);
        }
    }

    // Helpers

    private Stream<String> reducers(String prefix) {
        return module.definition().reducers().stream()
                .map(ModuleDef.ReducerDef::name)
                .filter(name -> name.startsWith(prefix))
                .sorted();
    }

    private void assertGoesOn(List<Bytes> before) throws InvalidModuleException {
        renewIfNeeded();
        assertEquals(before, notes());
        assertReturned(rolledBack("quick"));
        assertReturned(rolledBack("write"));
        assertEquals(before, notes());
    }

    private void renewIfNeeded() throws InvalidModuleException {
        if (!instance.isUsable()) {
            instance.close();
            instance = module.instantiate(host);
        }
    }

    private GuestResult rolledBack(String reducer) {
        Transaction transaction = store.begin();
        GuestResult result = instance.callReducer(functionCall(reducer), transaction);
        assertTrue(transaction.isOpen());
        transaction.rollback();
        return result;
    }

    private GuestResult committed(String reducer) {
        Transaction transaction = store.begin();
        GuestResult result = instance.callReducer(functionCall(reducer), transaction);
        transaction.commit();
        return result;
    }

    private FunctionCall functionCall(String reducer) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        return new FunctionCall(id, reducer, CALLER, ConnectionId.NONE, 1_700_000_000_000_000L, Bytes.EMPTY);
    }

    /** Runs a call on a thread as cores have them, and stops it once it has run for a while. */
    private GuestResult stopped(Supplier<GuestResult> call) throws Exception {
        host.lines.clear();
        Call running = Call.start(STACK_BYTES, call);
        await("the guest to say that it runs", () -> running.isDone() || isRunning());
        long start = running.cpuNanos();
        await("the guest to run on", () -> running.isDone() || running.cpuNanos() - start >= RUN_NANOS);
        instance.stop();
        return running.result();
    }

    private boolean isRunning() {
        return host.lines.stream().anyMatch(line -> line.message().equals("running"));
    }

    private static GuestResult onThread(long stackBytes, Supplier<GuestResult> call) throws Exception {
        return Call.start(stackBytes, call).result();
    }

    /** A call on a thread of its own. The thread has to end with no interrupt left over. */
    private record Call(Thread thread, FutureTask<GuestResult> task) {
        static Call start(long stackBytes, Supplier<GuestResult> call) {
            FutureTask<GuestResult> task = new FutureTask<>(() -> {
                GuestResult result = call.get();
                assertFalse(Thread.currentThread().isInterrupted(), "an interrupt was left over");
                return result;
            });
            Thread thread = Thread.ofPlatform()
                    .name("runaway")
                    .daemon()
                    .stackSize(stackBytes)
                    .start(task);
            return new Call(thread, task);
        }

        boolean isDone() {
            return task.isDone();
        }

        long cpuNanos() {
            return THREADS.getThreadCpuTime(thread.threadId());
        }

        GuestResult result() throws Exception {
            try {
                GuestResult result = task.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                thread.join();
                return result;
            } catch (ExecutionException e) {
                throw new AssertionError("the call threw", e.getCause());
            }
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited in vain for " + what);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static void assertReturned(GuestResult result) {
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), result);
    }

    /** The notes as the last commit left them. */
    private List<Bytes> notes() {
        RowList rows = new RowList();
        Transaction transaction = store.begin();
        assertEquals(StoreCode.OK, transaction.scanTable(transaction.tableId("notes"), rows));
        transaction.rollback();
        return new ArrayList<>(
                IntStream.range(0, rows.count()).mapToObj(rows::get).toList());
    }
}
