package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoreBoundDispatcherTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final ActorTestKit kit = ActorTestKit.create(
            ConfigFactory.parseString("pinion.cores.reserve = 3").withFallback(ConfigFactory.load()));

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    private sealed interface Message {}

    private record Numbered(int sender, int number) implements Message {}

    private record Rebind(int core) implements Message {}

    private record Report(ActorRef<Seen> replyTo) implements Message {}

    private record Seen(String thread, List<Integer> lastBySender, int outOfOrder, int overlaps) {}

    /** Notes the order of what it gets and whether it was ever run by two threads at once. */
    private static final class Recorder extends AbstractBehavior<Message> {
        private final AtomicInteger running = new AtomicInteger();
        private final int[] lastBySender = new int[4];
        private int outOfOrder;
        private int overlaps;

        private Recorder(ActorContext<Message> context) {
            super(context);
        }

        static Behavior<Message> create() {
            return Behaviors.setup(Recorder::new);
        }

        @Override
        public Receive<Message> createReceive() {
            return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
        }

        private Behavior<Message> onMessage(Message message) {
            if (running.getAndIncrement() != 0) {
                overlaps++;
            }
            switch (message) {
                case Numbered(int sender, int number) -> {
                    if (lastBySender[sender] + 1 != number) {
                        outOfOrder++;
                    }
                    lastBySender[sender] = number;
                }
                case Rebind(int core) -> CoreBoundDispatcher.of(getContext()).rebind(core);
                case Report(ActorRef<Seen> replyTo) ->
                    replyTo.tell(new Seen(
                            Thread.currentThread().getName(),
                            Arrays.stream(lastBySender).boxed().toList(),
                            outOfOrder,
                            overlaps));
            }
            running.decrementAndGet();
            return this;
        }
    }

    private ActorRef<Message> spawn() {
        return kit.spawn(Recorder.create(), DispatcherSelector.fromConfig(Cores.DISPATCHER));
    }

    private Seen report(ActorRef<Message> actor) {
        TestProbe<Seen> probe = kit.createTestProbe();
        actor.tell(new Report(probe.getRef()));
        return probe.receiveMessage(DEADLINE);
    }

    @Test
    void actorsAreSpreadOverTheCores() {
        assertTrue(report(spawn()).thread().startsWith("pinion-core-"));
        assertNotEquals(report(spawn()).thread(), report(spawn()).thread());
    }

    /** A turn that has begun ends where it began, with what has come meanwhile. */
    @Test
    void aReboundActorRunsOnTheNewCore() {
        ActorRef<Message> actor = spawn();

        for (int core = 0; core < 3; core++) {
            actor.tell(new Rebind(core));
            String expected = "pinion-core-" + core;
            kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                Seen seen = report(actor);
                assertEquals(expected, seen.thread());
                return seen;
            });
            assertEquals(expected, report(actor).thread());
        }
    }

    @Test
    void rebindingUnderLoadLosesReordersAndOverlapsNothing() throws InterruptedException {
        ActorRef<Message> actor = spawn();
        int messagesPerSender = 100_000;
        Thread[] senders = new Thread[4];
        for (int sender = 0; sender < senders.length; sender++) {
            int id = sender;
            senders[sender] = new Thread(() -> {
                for (int number = 1; number <= messagesPerSender; number++) {
                    actor.tell(new Numbered(id, number));
                    if (id == 0 && number % 100 == 0) {
                        actor.tell(new Rebind(number / 100 % 3));
                    }
                }
            });
            senders[sender].start();
        }
        for (Thread sender : senders) {
            sender.join();
        }

        Seen seen = report(actor);

        for (int last : seen.lastBySender()) {
            assertEquals(messagesPerSender, last);
        }
        assertEquals(0, seen.outOfOrder());
        assertEquals(0, seen.overlaps());
    }

    @Test
    void aTurnThatThrowsDoesNotEndItsCore() {
        CoreSet cores = Cores.get(kit.system());
        TestProbe<String> probe = kit.createTestProbe();

        Binding binding = new Binding(cores.core(1).inbox(), 100);
        binding.execute(() -> {
            throw new StackOverflowError("on purpose");
        });
        binding.execute(() -> probe.getRef().tell(Thread.currentThread().getName()));

        assertEquals("pinion-core-1", probe.receiveMessage(DEADLINE));
    }

    @Test
    void aCoreThatDoesNotExistIsRefusedByNumber() {
        CoreSet cores = Cores.get(kit.system());

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> cores.core(3));

        assertEquals("there is no core 3: this node has 3", refusal.getMessage());
    }
}
