package io.pinion.balancer;

import static io.pinion.balancer.TestNode.await;
import static io.pinion.balancer.TestNode.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.nio.file.Path;
import java.util.List;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.remote.RemoteActorRefProvider;
import org.apache.pekko.remote.transport.ThrottlerTransportAdapter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.FutureConverters;

/** The node of the balancer is cut off from two others. Nobody is downed meanwhile. */
@SuppressWarnings("deprecation") // the commands of the test mode are named after the old transport
class PartitionedBalancerTest {
    private static final String CUTTABLE = SharedJournal.SETTINGS + """
            pekko.remote.artery.advanced.test-mode = on
            pekko.cluster.failure-detector.acceptable-heartbeat-pause = 1 s
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void forget() {
        SharedJournal.LOGS.reset();
    }

    @Test
    void inAMinorityItMovesNothingAndSaysSoUntilTheOthersAreBack() {
        try (TestNode first = TestNode.start(directory.resolve("first"), CUTTABLE, null);
                TestNode second = TestNode.start(directory.resolve("second"), CUTTABLE, first);
                TestNode third = TestNode.start(directory.resolve("third"), CUTTABLE, first)) {
            eventually("all have reported", () -> upCount(first) == 3);
            Refusal minority = new Refusal(new Subject.OfCluster(), Reason.MINORITY);

            throttle(first, second.address(), ThrottlerTransportAdapter.Blackhole$.MODULE$);
            throttle(first, third.address(), ThrottlerTransportAdapter.Blackhole$.MODULE$);
            eventually("it is in a minority", () -> plan(first).equals(new Plan(List.of(), List.of(minority))));
            assertEquals(first.address(), await(first.balancer().status()).node());

            throttle(first, second.address(), ThrottlerTransportAdapter.Unthrottled$.MODULE$);
            throttle(first, third.address(), ThrottlerTransportAdapter.Unthrottled$.MODULE$);
            eventually("it plans again", () -> !plan(first).refusals().contains(minority));
            eventually("all report again", () -> upCount(first) == 3);
        }
    }

    private static Plan plan(TestNode node) {
        return await(node.balancer().planNow());
    }

    private static long upCount(TestNode node) {
        return await(node.balancer().status()).nodes().stream()
                .filter(each -> each.state() == NodeState.UP)
                .count();
    }

    /** Java finds no name for it. */
    private static ThrottlerTransportAdapter.Direction both() {
        try {
            return (ThrottlerTransportAdapter.Direction)
                    Class.forName(ThrottlerTransportAdapter.class.getName() + "$Direction$Both$")
                            .getField("MODULE$")
                            .get(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Pekko has no direction for both", e);
        }
    }

    private static void throttle(TestNode node, Address other, ThrottlerTransportAdapter.ThrottleMode mode) {
        ExtendedActorSystem system = (ExtendedActorSystem) Adapter.toClassic(node.system());
        RemoteActorRefProvider provider = (RemoteActorRefProvider) system.provider();
        await(FutureConverters.asJava(provider.transport()
                .managementCommand(new ThrottlerTransportAdapter.SetThrottle(other, both(), mode))));
    }
}
