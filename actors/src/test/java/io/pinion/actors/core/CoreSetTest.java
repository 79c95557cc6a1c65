package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The registry of what runs on the cores, with a real actor in it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoreSetTest {
    private static final Duration DEADLINE = Duration.ofMinutes(1);

    private final ActorTestKit kit = ActorTestKit.create(
            ConfigFactory.parseString("pinion.cores.reserve = 2").withFallback(ConfigFactory.load()));
    private final CoreSet cores = Cores.get(kit.system());
    private CoreBoundDispatcher dispatcher;

    @BeforeAll
    void startAnActor() {
        TestProbe<CoreBoundDispatcher> probe = kit.createTestProbe();
        kit.spawn(
                Behaviors.setup(context -> {
                    probe.getRef().tell(CoreBoundDispatcher.of(context));
                    return Behaviors.receiveMessage(_ -> Behaviors.same());
                }),
                DispatcherSelector.fromConfig(Cores.DISPATCHER));
        dispatcher = probe.receiveMessage(DEADLINE);
    }

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void whatIsRegisteredIsReboundAndWeighedByName() {
        cores.register("bank", dispatcher);

        for (int core = 0; core < 2; core++) {
            assertTrue(cores.rebind("bank", core));
            assertEquals(core, dispatcher.core());
        }
        assertTrue(cores.weight("bank", 7));
        dispatcher.noteStop();

        List<BindingLoad> loads = cores.bindings();
        assertEquals(1, loads.size());
        assertEquals("bank", loads.getFirst().name());
        assertEquals(1, loads.getFirst().core());
        assertEquals(7, loads.getFirst().weight());
        assertEquals(1, loads.getFirst().stops());
        cores.unregister("bank", dispatcher);
        assertEquals(List.of(), cores.bindings());
    }

    @Test
    void nobodyOfThatNameIsNoError() {
        assertFalse(cores.rebind("nobody", 0));
        assertFalse(cores.weight("nobody", 100));
    }

    @Test
    void coresAndWeightsThatDoNotExistAreRefusedByValue() {
        assertEquals(
                "there is no core 2: this node has 2",
                assertThrows(IllegalArgumentException.class, () -> cores.rebind("nobody", 2))
                        .getMessage());
        assertEquals(
                "a weight lies between 1 and 10000, weight=0",
                assertThrows(IllegalArgumentException.class, () -> cores.weight("nobody", 0))
                        .getMessage());
    }

    @Test
    void everyCoreIsTold() {
        assertEquals(List.of(0, 1), cores.cores().stream().map(CoreLoad::core).toList());
        assertEquals(2, cores.count());
    }
}
