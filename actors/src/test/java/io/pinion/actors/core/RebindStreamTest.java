package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An actor that is rebound all the time, by message and from outside, while messages stream and long turns lose cores. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RebindStreamTest {
    private static final int SENDERS = 4;
    private static final int MESSAGES_PER_SENDER = 2_500_000;
    private static final int REBINDS_BY_MESSAGE = 5_000;
    private static final int REBINDS_FROM_OUTSIDE = 5_000;
    private static final int MESSAGES_PER_LONG_TURN = 100_000;
    /** How far a sender runs ahead, so that the messages that wait fit into memory. */
    private static final int AHEAD_MAX = 100_000;

    private static final long LONG_TURN_NANOS = 15_000_000;
    private static final int CORES = 3;

    private final ActorTestKit kit = ActorTestKit.create(
            ConfigFactory.parseString("pinion.cores.reserve = " + CORES).withFallback(ConfigFactory.load()));
    private final CoreSet cores = Cores.get(kit.system());
    private final AtomicLongArray handled = new AtomicLongArray(SENDERS);
    private final CountDownLatch done = new CountDownLatch(SENDERS);
    private final AtomicInteger runners = new AtomicInteger();

    /** The actor's state, deliberately as plain as that of any actor. */
    private final long[] lastBySender = new long[SENDERS];

    private long outOfOrder;
    private long overlaps;
    private int longTurns;

    private sealed interface Message {}

    private record Numbered(int sender, long number) implements Message {}

    private record Rebind(int core) implements Message {}

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    private Behavior<Message> recorder() {
        return Behaviors.setup(context -> {
            CoreBoundDispatcher dispatcher = CoreBoundDispatcher.of(context);
            cores.register("recorder", dispatcher);
            return Behaviors.receiveMessage(message -> {
                overlaps += runners.getAndIncrement();
                switch (message) {
                    case Numbered(int sender, long number) -> note(sender, number);
                    case Rebind(int core) -> dispatcher.rebind(core);
                }
                runners.decrementAndGet();
                return Behaviors.same();
            });
        });
    }

    private void note(int sender, long number) {
        if (lastBySender[sender] + 1 != number) {
            outOfOrder++;
        }
        lastBySender[sender] = number;
        if (sender == 0 && number % MESSAGES_PER_LONG_TURN == 0) {
            longTurns++;
            useCpu();
        }
        if (number % 1_000 == 0) {
            handled.set(sender, number);
        }
        if (number == MESSAGES_PER_SENDER) {
            done.countDown();
        }
    }

    private static void useCpu() {
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + LONG_TURN_NANOS;
        while (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
        }
    }

    private void send(int sender, ActorRef<Message> actor) {
        int messagesPerRebind = SENDERS * MESSAGES_PER_SENDER / REBINDS_BY_MESSAGE;
        for (long number = 1; number <= MESSAGES_PER_SENDER; number++) {
            while (number - handled.get(sender) > AHEAD_MAX) {
                LockSupport.parkNanos(100_000);
            }
            actor.tell(new Numbered(sender, number));
            if (number % messagesPerRebind == 0) {
                actor.tell(new Rebind((int) (number / messagesPerRebind + sender) % CORES));
            }
        }
    }

    /** Spread over the whole stream. */
    private void rebindFromOutside() {
        for (int rebind = 1; rebind <= REBINDS_FROM_OUTSIDE; rebind++) {
            long due = (long) MESSAGES_PER_SENDER * rebind / (REBINDS_FROM_OUTSIDE + 1) / 1_000 * 1_000;
            while (handled.get(0) < due) {
                LockSupport.parkNanos(50_000);
            }
            assertTrue(cores.rebind("recorder", rebind % CORES));
        }
    }

    /** Somebody waits on every core when a long turn is there. */
    private void keepNeighboursBusy(AtomicBoolean isOver) {
        List<ActorRef<String>> neighbours = new ArrayList<>();
        for (int core = 0; core < CORES; core++) {
            int home = core;
            neighbours.add(kit.spawn(
                    Behaviors.setup(context -> {
                        CoreBoundDispatcher.of(context).rebind(home);
                        return Behaviors.receiveMessage(_ -> Behaviors.same());
                    }),
                    DispatcherSelector.fromConfig(Cores.DISPATCHER)));
        }
        while (!isOver.get()) {
            neighbours.forEach(neighbour -> neighbour.tell("do something"));
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void tenMillionMessagesPassTenThousandRebindsWithoutLossReorderingOrOverlap() throws InterruptedException {
        ActorRef<Message> actor = kit.spawn(recorder(), DispatcherSelector.fromConfig(Cores.DISPATCHER));
        AtomicBoolean isOver = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int sender = 0; sender < SENDERS; sender++) {
            int id = sender;
            threads.add(Thread.ofPlatform().start(() -> send(id, actor)));
        }
        Thread rebinder = Thread.ofPlatform().start(this::rebindFromOutside);
        Thread pinger = Thread.ofPlatform().start(() -> keepNeighboursBusy(isOver));

        assertTrue(done.await(5, TimeUnit.MINUTES), () -> "handled so far: " + handled);
        rebinder.join();
        isOver.set(true);
        pinger.join();
        for (Thread thread : threads) {
            thread.join();
        }

        for (long last : lastBySender) {
            assertEquals(MESSAGES_PER_SENDER, last);
        }
        assertEquals(0, outOfOrder);
        assertEquals(0, overlaps);
        assertEquals(MESSAGES_PER_SENDER / MESSAGES_PER_LONG_TURN, longTurns);
        long handOffs = cores.cores().stream().mapToLong(CoreLoad::handOffs).sum();
        assertTrue(handOffs > 0, "no long turn lost its core");
    }
}
