package io.pinion.balancer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.typesafe.config.ConfigFactory;
import io.pinion.store.value.Identity;
import io.pinion.testing.journal.MemoryLogs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The wishes of operators and a journal that does not give all of them. */
class WishKeeperTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final MemoryLogs LOGS = MemoryLogs.named("wishes");
    private static final String LOG = "pinion-balancer";
    private static final Identity FIRST = Identity.derive("localhost", "first");
    private static final Identity SECOND = Identity.derive("localhost", "second");

    private ActorTestKit kit;
    private TestProbe<BalancerNote> balancer;

    @BeforeEach
    void start() {
        LOGS.reset();
        kit = ActorTestKit.create("wishes", ConfigFactory.parseString("""
                wishes-journal.class = "io.pinion.testing.journal.RefusingJournal"
                wishes-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                wishes-journal.logs = wishes
                pekko.persistence.snapshot-store.plugin = pekko.persistence.no-snapshot-store
                """).withFallback(ConfigFactory.load()));
        balancer = kit.createTestProbe();
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
        LOGS.reset();
    }

    private ActorRef<WishKeeper.Command> keeper() {
        return kit.spawn(
                WishKeeper.create("wishes-journal", Address.apply("pekko", "wishes", "127.0.0.1", 1), balancer.ref()));
    }

    private Map<Identity, Integer> kept() {
        return assertInstanceOf(BalancerNote.Kept.class, balancer.receiveMessage(DEADLINE))
                .wishes()
                .pins()
                .databases();
    }

    @Test
    void wishesThatAreNotGivenAreNotForgotten() {
        ActorRef<WishKeeper.Command> keeper = keeper();
        assertEquals(Map.of(), kept());
        TestProbe<BalancerProtocol.ChangeOutcome> answers = kit.createTestProbe();
        keeper.tell(new WishKeeper.Command.Change(new Wish.PinDatabase(FIRST, 1), answers.ref()));
        keeper.tell(new WishKeeper.Command.Change(new Wish.PinDatabase(SECOND, 2), answers.ref()));
        assertEquals(Map.of(FIRST, 1), kept());
        assertEquals(Map.of(FIRST, 1, SECOND, 2), kept());
        kit.stop(keeper);

        List<MemoryLogs.Reading> lies = List.of(
                (_, events) -> events.subList(0, Math.max(events.size() - 1, 0)),
                (_, _) -> List.of(),
                (_, events) ->
                        events.stream().filter(event -> event.sequenceNr() != 2).toList());
        for (MemoryLogs.Reading lie : lies) {
            int written = LOGS.events(LOG).size();
            LOGS.reading(lie);
            ActorRef<WishKeeper.Command> next =
                    LoggingTestKit.error("the journal").expect(kit.system(), this::keeper);
            LOGS.readingHonestly();

            assertEquals(Map.of(FIRST, 1, SECOND, 2), kept());
            assertEquals(written + 1, LOGS.events(LOG).size());
            kit.stop(next);
        }
    }
}
