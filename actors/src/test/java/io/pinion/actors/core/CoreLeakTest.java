package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoreLeakTest {
    private static final int ACTORS = 10_000;
    private static final int AT_A_TIME = 500;
    private static final int CORES = 2;
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final ActorTestKit kit = ActorTestKit.create(
            ConfigFactory.parseString("pinion.cores.reserve = " + CORES).withFallback(ConfigFactory.load()));
    private final CoreSet cores = Cores.get(kit.system());
    private final ConcurrentLinkedQueue<WeakReference<CoreBoundDispatcher>> dispatchers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<WeakReference<Binding>> bindings = new ConcurrentLinkedQueue<>();

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    /** Moves about when it is told to and stops at "end". */
    private Behavior<String> database(String name, ActorRef<String> told) {
        return Behaviors.setup(context -> {
            CoreBoundDispatcher dispatcher = CoreBoundDispatcher.of(context);
            dispatchers.add(new WeakReference<>(dispatcher));
            bindings.add(new WeakReference<>(dispatcher.binding()));
            cores.register(name, dispatcher);
            return Behaviors.receive(String.class)
                    .onMessage(String.class, message -> {
                        assertTrue(cores.rebind(name, message.length() % CORES));
                        return message.equals("end") ? Behaviors.stopped() : Behaviors.same();
                    })
                    .onSignal(PostStop.class, _ -> {
                        cores.unregister(name, dispatcher);
                        told.tell(name);
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    private void startAndStop(int from) {
        TestProbe<String> probe = kit.createTestProbe();
        for (int number = from; number < from + AT_A_TIME; number++) {
            ActorRef<String> actor = kit.spawn(
                    database("database-" + number, probe.getRef()), DispatcherSelector.fromConfig(Cores.DISPATCHER));
            actor.tell("move");
            actor.tell("end");
        }
        probe.receiveSeveralMessages(AT_A_TIME, DEADLINE);
        probe.stop();
    }

    private static long coreThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pinion-"))
                .count();
    }

    private long reliefThreads() {
        return cores.cores().stream().mapToLong(CoreLoad::reliefThreads).sum();
    }

    @Test
    void tenThousandActorsLeaveNoThreadNoDispatcherAndNoRegistryEntry() {
        startAndStop(ACTORS);
        long threadsBefore = coreThreads() - reliefThreads();
        dispatchers.clear();
        bindings.clear();

        for (int number = 0; number < ACTORS; number += AT_A_TIME) {
            startAndStop(number);
        }

        assertEquals(ACTORS, dispatchers.size());
        assertEquals(List.of(), cores.bindings());
        TestCores.awaitUntil("the dispatchers are gone", () -> areGone(dispatchers) && areGone(bindings));
        TestCores.awaitUntil("the threads are as before", () -> coreThreads() - reliefThreads() <= threadsBefore);
    }

    private static boolean areGone(ConcurrentLinkedQueue<? extends WeakReference<?>> references) {
        System.gc();
        references.removeIf(reference -> reference.get() == null);
        return references.isEmpty();
    }
}
