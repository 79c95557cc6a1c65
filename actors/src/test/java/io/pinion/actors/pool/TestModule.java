package io.pinion.actors.pool;

import io.pinion.modules.HostType;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.ProcedureHost;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.store.value.Typespace;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A module whose instances do nothing but remember who made and who closed them. */
final class TestModule implements Module {
    final Set<TestInstance> made = ConcurrentHashMap.newKeySet();
    final AtomicInteger attempts = new AtomicInteger();

    /** Runs while an instance is being made. */
    volatile Runnable whileMaking = () -> {};

    volatile boolean hasRoomForSpare = true;

    /** Why no instance can be made. */
    volatile @Nullable String problem;

    /** A module that makes instances only while the latch is open. */
    static TestModule behind(CountDownLatch latch) {
        TestModule module = new TestModule();
        module.whileMaking = () -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        return module;
    }

    InstancePool.Program program(long generation) {
        return new InstancePool.Program(generation, this, new Host());
    }

    TestInstance newInstance() {
        TestInstance instance = new TestInstance();
        made.add(instance);
        return instance;
    }

    long openCount() {
        return made.stream().filter(instance -> instance.closings.get() == 0).count();
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
    public boolean hasRoomForSpare() {
        return hasRoomForSpare;
    }

    @Override
    public Instance instantiate(InstanceHost host) throws InvalidModuleException {
        attempts.incrementAndGet();
        whileMaking.run();
        String reason = problem;
        if (reason != null) {
            throw new InvalidModuleException(reason);
        }
        return newInstance();
    }

    static final class TestInstance implements Instance {
        final AtomicInteger closings = new AtomicInteger();
        final String maker = Thread.currentThread().getName();
        volatile String closer = "";
        volatile boolean isUsable = true;

        @Override
        public GuestResult callReducer(FunctionCall call, Transaction transaction) {
            return new GuestResult.Stopped();
        }

        @Override
        public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
            return new GuestResult.Stopped();
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
        public void stop() {}

        @Override
        public boolean isUsable() {
            return isUsable;
        }

        @Override
        public void close() {
            closer = Thread.currentThread().getName();
            closings.incrementAndGet();
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
}
