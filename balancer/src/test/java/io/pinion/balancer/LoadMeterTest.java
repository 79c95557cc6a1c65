package io.pinion.balancer;

import static io.pinion.balancer.TestNode.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.CoreBoundDispatcher;
import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.DatabaseLoad;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadMeterTest {
    private static final Duration WINDOW = Duration.ofSeconds(3);
    private static final long SECOND = 1_000_000_000L;

    private final ActorTestKit kit =
            ActorTestKit.create(ConfigFactory.parseString("pinion.cores { reserve = 2, minimum = 1024 }")
                    .withFallback(ConfigFactory.load()));
    private final CoreSet cores = Cores.get(kit.system());

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private CoreBoundDispatcher database(int number, int core) {
        CoreBoundDispatcher dispatcher = (CoreBoundDispatcher)
                kit.system().dispatchers().lookup(DispatcherSelector.fromConfig(Cores.DISPATCHER));
        cores.register(Clusters.identity(number).toHex(), dispatcher);
        dispatcher.rebind(core);
        return dispatcher;
    }

    /** Is over when all of it has been counted, which is after its end. */
    private void burn(CoreBoundDispatcher dispatcher, Duration time) throws InterruptedException {
        long turns = turns() + 2;
        CountDownLatch done = new CountDownLatch(1);
        dispatcher.execute(() -> {
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        });
        dispatcher.execute(done::countDown);
        done.await();
        eventually("the end is counted", () -> turns() >= turns);
    }

    private long turns() {
        return cores.bindings().stream().mapToLong(BindingLoad::turns).sum();
    }

    private LoadMeter meter(int namedMax) {
        return new LoadMeter(
                cores,
                named -> named.stream()
                        .map(identity -> new DatabaseLoad(identity, 7, 2, 1 << 20))
                        .toList(),
                WINDOW,
                namedMax);
    }

    @Test
    void whatWasDoneSinceTheFirstLookIsSharedByTheSecondsThatWentBy() throws InterruptedException {
        CoreBoundDispatcher busy = database(1, 1);
        database(2, 0);
        LoadMeter meter = meter(10);
        meter.measure(0);

        burn(busy, Duration.ofMillis(100));
        LoadMeter.Measured measured = meter.measure(SECOND);

        assertFalse(measured.isSettled());
        assertEquals(2, measured.databases());
        DatabaseUse first = measured.named().getFirst();
        assertEquals(Clusters.identity(1), first.database());
        assertEquals(1, first.core());
        assertEquals(7, first.queue());
        assertEquals(2, first.instances());
        assertTrue(first.busyNanos() >= 100_000_000, first.toString());
        assertTrue(measured.cores().get(1).busy() >= 0.1, measured.cores().toString());
        assertEquals(
                measured.named().stream().mapToLong(DatabaseUse::busyNanos).sum(),
                measured.shards().stream().mapToLong(ShardUse::busyNanos).sum());
    }

    @Test
    void afterAWindowItIsSettledAndWhatIsLongAgoIsForgotten() throws InterruptedException {
        CoreBoundDispatcher busy = database(1, 0);
        LoadMeter meter = meter(10);
        meter.measure(0);
        burn(busy, Duration.ofMillis(50));

        assertTrue(meter.measure(3 * SECOND).isSettled());
        for (long second = 4; second < 9; second++) {
            assertTrue(meter.measure(second * SECOND).isSettled(), "second " + second);
        }
        assertEquals(0, meter.measure(9 * SECOND).named().getFirst().busyNanos());
    }

    @Test
    void afterAMoveOnlyWhatComesLaterCounts() throws InterruptedException {
        CoreBoundDispatcher busy = database(1, 0);
        LoadMeter meter = meter(10);
        meter.measure(0);
        burn(busy, Duration.ofMillis(50));
        meter.restart();

        assertFalse(meter.measure(3 * SECOND).isSettled());
        assertFalse(meter.measure(5 * SECOND).isSettled());
        LoadMeter.Measured later = meter.measure(6 * SECOND);
        assertTrue(later.isSettled());
        assertEquals(0, later.named().getFirst().busyNanos());
    }

    @Test
    void theBusiestOfEachCoreAreNamedAndTheOthersShowInSums() throws InterruptedException {
        burn(database(1, 0), Duration.ofMillis(40));
        burn(database(2, 0), Duration.ofMillis(20));
        burn(database(3, 1), Duration.ofMillis(10));
        database(4, 1);
        LoadMeter meter = meter(2);

        LoadMeter.Measured measured = meter.measure(0);

        assertEquals(4, measured.databases());
        assertEquals(
                Set.of(Clusters.identity(1), Clusters.identity(3)),
                Set.copyOf(measured.named().stream().map(DatabaseUse::database).toList()));
        List<Identity> all =
                List.of(Clusters.identity(1), Clusters.identity(2), Clusters.identity(3), Clusters.identity(4));
        assertEquals(
                all.stream().map(PinionHost::bucket).distinct().count(),
                measured.shards().size());
    }

    @Test
    void whatIsNoDatabaseIsNotReported() {
        CoreBoundDispatcher other = (CoreBoundDispatcher)
                kit.system().dispatchers().lookup(DispatcherSelector.fromConfig(Cores.DISPATCHER));
        cores.register("somebody else", other);

        assertEquals(0, meter(10).measure(0).databases());
    }
}
