package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Instance.HttpCall;
import io.pinion.modules.Instance.HttpResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.ProcedureHost.CommitOutcome;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.TestProcedureHost;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Modules that make random host calls with random pointers, handles and values cannot break the host, nor a neighbour that
 * runs in between. Takes {@code -Dpinion.wild.seconds=600} to run longer than 10 seconds for each engine, and
 * {@code -Dpinion.wild.seed} to repeat a run.
 */
class WildGuestTest {
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("pinion.wild.seconds", 10));
    private static final int ROUNDS_PER_NEIGHBOUR = 50;

    private final RecordingHost host = new RecordingHost();
    private final SplittableRandom random = new SplittableRandom();

    @ParameterizedTest
    @ValueSource(strings = {"/wild.wasm", "/io/pinion/modules/js/wild.js"})
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void nothingThatAGuestCallsBreaksTheHost(String program) throws Exception {
        Module module = load(resource(program));
        Module neighbour = load(Examples.javaScript());
        long seed = Long.getLong("pinion.wild.seed", random.nextLong());
        long end = System.nanoTime() + TIME.toNanos();
        try (Instance bystander = neighbour.instantiate(new RecordingHost());
                Wild wild = new Wild(module)) {
            Datastore beside = Datastore.create(neighbour.definition());
            for (int round = 0; System.nanoTime() < end || round == 0; round++, seed++) {
                try {
                    wild.round(seed);
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError(program + " with -Dpinion.wild.seed=" + seed, e);
                }
                if (round % ROUNDS_PER_NEIGHBOUR == 0) {
                    assertGoesOn(neighbour, bystander, beside);
                }
            }
        }
    }

    private static Module load(Bytes program) throws InvalidModuleException {
        return ModuleLoader.load(program, ModuleLimits.DEFAULT);
    }

    private static Bytes resource(String name) throws IOException {
        try (InputStream program = WildGuestTest.class.getResourceAsStream(name)) {
            assertTrue(program != null, name);
            return Bytes.wrap(program.readAllBytes());
        }
    }

    private static void assertGoesOn(Module module, Instance instance, Datastore store) {
        int id = module.definition().reducer("tables").orElseThrow().id();
        Transaction transaction = store.begin();
        GuestResult result = instance.callReducer(
                new FunctionCall(id, "tables", Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY), transaction);
        transaction.rollback();
        assertEquals(new GuestResult.Returned(Bytes.EMPTY), result);
    }

    /** One database of the wild module; each seed makes one call of each kind. */
    private final class Wild implements AutoCloseable {
        private final Module module;
        private final Datastore store;
        private Instance instance;

        Wild(Module module) throws InvalidModuleException {
            this.module = module;
            store = Datastore.create(module.definition());
            instance = module.instantiate(host);
        }

        void round(long seed) throws InvalidModuleException {
            host.lines.clear();
            host.scheduled.clear();
            assertSane(reducer(seed));
            assertSane(view(seed));
            TestProcedureHost procedures = new TestProcedureHost(store, 1_000);
            procedures.beforeCommit = () -> {
                // Whatever comes of it: a view runs in the midst of the procedure.
                GuestResult result = instance.callView(call(seed, "wild_view"), false, procedures.transaction());
                assertSane(result);
                return result instanceof GuestResult.Returned ? null : new CommitOutcome.Refused("the view failed");
            };
            assertSane(instance.callProcedure(call(seed, "wild_procedure"), procedures));
            assertFalse(procedures.isOpen());
            renew();
            HttpRequest request =
                    new HttpRequest("GET", "http://a/", HttpVersion.HTTP_1_1, List.of(), null, Bytes.EMPTY);
            HttpResult answer = instance.callHttpHandler(new HttpCall(0, "wild_handler", seed, request), procedures);
            if (answer instanceof HttpResult.NotAnswered(GuestResult result)) {
                assertSane(result);
            }
            assertFalse(procedures.isOpen());
            renew();
            assertStoreIsWhole();
        }

        private FunctionCall call(long seed, String function) {
            int id = function.equals("wild")
                    ? module.definition().reducer("wild").orElseThrow().id()
                    : 0;
            return new FunctionCall(id, function, new Identity(seed, 0, 0, 0), ConnectionId.NONE, seed, Bytes.EMPTY);
        }

        private GuestResult reducer(long seed) throws InvalidModuleException {
            Transaction transaction = store.begin();
            GuestResult result = instance.callReducer(call(seed, "wild"), transaction);
            if (result instanceof GuestResult.Returned) {
                transaction.commit();
            } else {
                transaction.rollback();
            }
            renew();
            return result;
        }

        private GuestResult view(long seed) throws InvalidModuleException {
            Transaction transaction = store.begin();
            GuestResult result = instance.callView(call(seed, "wild_view"), false, transaction);
            transaction.rollback();
            renew();
            return result;
        }

        private void renew() throws InvalidModuleException {
            if (!instance.isUsable()) {
                instance.close();
                instance = module.instantiate(host);
            }
        }

        private void assertSane(GuestResult result) {
            switch (result) {
                case GuestResult.Returned _, GuestResult.UserError _ -> {}
                case GuestResult.Failed(String reason) -> {
                    assertFalse(reason.contains("host failed"), reason);
                    assertFalse(reason.contains("host call failed"), reason);
                }
                case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> throw new AssertionError(result.toString());
            }
        }

        private void assertStoreIsWhole() {
            Transaction transaction = store.begin();
            for (TableInfo table : store.tables()) {
                RowList rows = new RowList();
                transaction.scanTable(table.id(), rows);
                assertEquals(transaction.rowCount(table.id()), rows.count(), table.name());
            }
            transaction.rollback();
        }

        @Override
        public void close() {
            instance.close();
        }
    }
}
