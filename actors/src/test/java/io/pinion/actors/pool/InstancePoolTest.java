package io.pinion.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.pool.InstancePool.Answer;
import io.pinion.actors.pool.InstancePool.Command;
import io.pinion.modules.HostType;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLog;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.store.value.Typespace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InstancePoolTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Executor WORKERS = ForkJoinPool.commonPool();

    private final ActorTestKit kit = ActorTestKit.create();
    private final Set<Instance> open = ConcurrentHashMap.newKeySet();

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    private final class TestInstanceOfModule implements Instance {
        private volatile boolean isUsable = true;

        @Override
        public GuestResult callReducer(FunctionCall call, Transaction transaction) {
            return new GuestResult.Stopped();
        }

        @Override
        public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
            return new GuestResult.Stopped();
        }

        @Override
        public void stop() {
            isUsable = false;
        }

        @Override
        public boolean isUsable() {
            return isUsable;
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }

    private final class TestModule implements Module {
        private final @Nullable String problem;

        TestModule(@Nullable String problem) {
            this.problem = problem;
        }

        @Override
        public HostType hostType() {
            return HostType.WASM;
        }

        @Override
        public Bytes program() {
            return Bytes.EMPTY;
        }

        @Override
        public ModuleDef definition() {
            return new ModuleDef(
                    10,
                    Typespace.EMPTY,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Bytes.EMPTY);
        }

        @Override
        public Optional<Bytes> guestLibrary() {
            return Optional.empty();
        }

        @Override
        public List<String> warnings() {
            return List.of();
        }

        @Override
        public Instance instantiate(InstanceHost host) throws InvalidModuleException {
            if (problem != null) {
                throw new InvalidModuleException(problem);
            }
            Instance instance = new TestInstanceOfModule();
            open.add(instance);
            return instance;
        }
    }

    private record Host() implements InstanceHost {
        @Override
        public Identity databaseIdentity() {
            return Identity.ZERO;
        }

        @Override
        public ModuleLog log() {
            return _ -> {};
        }

        @Override
        public void scheduleImmediate(String functionName, Bytes arguments) {}

        @Override
        public @Nullable String jwtClaims(ConnectionId connectionId) {
            return null;
        }
    }

    private InstancePool.Program program(long generation, @Nullable String problem) {
        return new InstancePool.Program(generation, new TestModule(problem), new Host());
    }

    private ActorRef<Command> pool(int max, boolean warmSpare, Duration borrowTimeout, @Nullable String problem) {
        PoolSettings settings = new PoolSettings(max, warmSpare, 4, borrowTimeout, 1, 1, 1 << 20);
        return kit.spawn(InstancePool.create(settings, WORKERS, program(1, problem)));
    }

    private static Loan borrow(ActorRef<Command> pool, TestProbe<Answer> probe) {
        pool.tell(new Command.Borrow(probe.getRef()));
        return assertInstanceOf(Answer.Lent.class, probe.receiveMessage(DEADLINE))
                .loan();
    }

    @Test
    void anInstanceThatComesBackIsLentAgain() {
        ActorRef<Command> pool = pool(1, true, DEADLINE, null);
        TestProbe<Answer> probe = kit.createTestProbe();

        Loan first = borrow(pool, probe);
        pool.tell(new Command.Return(first));

        assertSame(first.instance(), borrow(pool, probe).instance());
    }

    @Test
    void aDiscardedOrUnusableInstanceIsClosedAndReplaced() {
        ActorRef<Command> pool = pool(2, false, DEADLINE, null);
        TestProbe<Answer> probe = kit.createTestProbe();

        Loan first = borrow(pool, probe);
        pool.tell(new Command.Discard(first));
        Loan second = borrow(pool, probe);
        second.instance().stop();
        pool.tell(new Command.Return(second));
        Loan third = borrow(pool, probe);

        assertNotSame(first.instance(), second.instance());
        assertNotSame(second.instance(), third.instance());
        probe.awaitAssert(DEADLINE, () -> {
            assertTrue(!open.contains(first.instance()) && !open.contains(second.instance()));
            return null;
        });
    }

    @Test
    void whoWaitsTooLongIsToldSo() {
        ActorRef<Command> pool = pool(1, false, Duration.ofMillis(50), null);
        TestProbe<Answer> probe = kit.createTestProbe();
        borrow(pool, probe);

        pool.tell(new Command.Borrow(probe.getRef()));

        Answer.Refused refused = assertInstanceOf(Answer.Refused.class, probe.receiveMessage(DEADLINE));
        assertEquals("no instance became free within 50 ms", refused.reason());
    }

    @Test
    void moreThanMayWaitAreRefusedAtOnce() {
        ActorRef<Command> pool = pool(1, false, DEADLINE, null);
        TestProbe<Answer> probe = kit.createTestProbe();
        TestProbe<Answer> waiting = kit.createTestProbe();
        borrow(pool, probe);
        for (int i = 0; i < 4; i++) {
            pool.tell(new Command.Borrow(waiting.getRef()));
        }

        pool.tell(new Command.Borrow(probe.getRef()));

        Answer.Refused refused = assertInstanceOf(Answer.Refused.class, probe.receiveMessage(DEADLINE));
        assertEquals("4 others wait for an instance already", refused.reason());
    }

    @Test
    void aModuleThatMakesNoInstanceIsRefusedWithItsReason() {
        ActorRef<Command> pool = pool(1, true, DEADLINE, "the initialiser fails");
        TestProbe<Answer> probe = kit.createTestProbe();

        pool.tell(new Command.Borrow(probe.getRef()));

        Answer.Refused refused = assertInstanceOf(Answer.Refused.class, probe.receiveMessage(DEADLINE));
        assertTrue(refused.reason().contains("the initialiser fails"), refused.reason());
    }

    @Test
    void afterAnUpdateOnlyTheNewProgramIsLent() {
        ActorRef<Command> pool = pool(3, false, DEADLINE, null);
        TestProbe<Answer> probe = kit.createTestProbe();
        Loan old = borrow(pool, probe);
        Instance brought = new TestInstanceOfModule();
        open.add(brought);

        pool.tell(new Command.Update(program(2, null), new Loan(2, brought)));
        pool.tell(new Command.Return(old));

        assertEquals(2, borrow(pool, probe).generation());
        probe.awaitAssert(DEADLINE, () -> {
            assertTrue(!open.contains(old.instance()));
            return null;
        });
    }
}
