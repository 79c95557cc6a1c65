package io.pinion.balancer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.pinion.balancer.BalancerProtocol.Command;
import io.pinion.balancer.Refusal.Subject;
import io.pinion.store.value.Identity;
import io.pinion.testing.WireVectors;
import java.io.NotSerializableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class BalancerSerializerTest {
    private static final ActorTestKit KIT =
            ActorTestKit.create(ConfigFactory.parseString("""
                    pekko.actor.allow-java-serialization = off
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
                    """).withFallback(ConfigFactory.load()));
    private static final Serialization SERIALIZATION = SerializationExtension.get(Adapter.toClassic(KIT.system()));
    private static final Address NODE = Clusters.address(1);
    private static final Address OTHER = Clusters.address(2);
    private static final Identity DATABASE = new Identity(1, 2, 3, 4);

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static <T> ActorRef<T> actor() {
        return ActorRefResolver.get(KIT.system()).resolveActorRef("pekko://pinion@127.0.0.1:7621/user/peer#42");
    }

    private static List<Wish> wishes() {
        return List.of(
                new Wish.PinDatabase(DATABASE, 3),
                new Wish.UnpinDatabase(DATABASE),
                new Wish.PinShard(7, NODE),
                new Wish.UnpinShard(7),
                new Wish.Drain(NODE),
                new Wish.Undrain(NODE),
                new Wish.Switch(true));
    }

    private static List<Decided> decided() {
        List<Decided> all = new ArrayList<>();
        for (Action.Reason reason : Action.Reason.values()) {
            all.add(new Action.Rebind(DATABASE, NODE, 1, 2, reason));
            all.add(new Action.Relocate(9, NODE, OTHER, reason));
        }
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            all.add(new Refusal(new Subject.OfCluster(), reason));
        }
        all.add(new Refusal(new Subject.OfNode(NODE), Refusal.Reason.SILENT));
        all.add(new Refusal(new Subject.OfCore(NODE, 3), Refusal.Reason.GIANT));
        all.add(new Refusal(new Subject.OfShard(4), Refusal.Reason.NOT_ARRIVED));
        all.add(new Refusal(new Subject.OfDatabase(DATABASE), Refusal.Reason.GONE));
        return all;
    }

    private static BalancerNotice.Report report(int databases) {
        return new BalancerNotice.Report(
                NODE,
                actor(),
                true,
                4_000,
                100_000,
                List.of(new CoreUse(0.5, 1_000), new CoreUse(1.1, Long.MAX_VALUE)),
                IntStream.range(0, databases)
                        .mapToObj(number -> new DatabaseUse(
                                Clusters.identity(number),
                                number % 1024,
                                number % 64,
                                1_000_000,
                                77,
                                3,
                                100,
                                2,
                                1 << 20))
                        .toList(),
                IntStream.range(0, Math.min(1024, databases))
                        .mapToObj(shard -> new ShardUse(shard, 5_000_000, 12))
                        .toList());
    }

    private static List<BalancerProtocol.Message> messages() {
        List<BalancerProtocol.Message> all = new ArrayList<>(List.of(
                new Command.RebindNow(DATABASE, 3, actor()),
                new Command.RelocateNow(5, NODE, actor()),
                new Command.PlanNow(actor()),
                new Command.GetStatus(actor()),
                new Command.GetDecisions(17, actor()),
                new BalancerProtocol.Changed(),
                new BalancerProtocol.NotDone("no"),
                new BalancerProtocol.Ordered(new Action.Relocate(9, NODE, OTHER, Action.Reason.BY_HAND)),
                new BalancerProtocol.Status(
                        NODE,
                        true,
                        new Pins(Map.of(DATABASE, 4), Map.of(7, OTHER)),
                        Set.of(OTHER),
                        List.of(new BalancerProtocol.NodeStatus(
                                NODE, NodeState.UP, 0.5, List.of(new CoreUse(0.25, 9)), 12, 34)),
                        1_700_000_000_000L,
                        55),
                report(3),
                new BalancerNotice.RebindMissed(DATABASE),
                new NodeAgent.Command.Bind(DATABASE, 6),
                new NodeAgent.Command.MeasureAnew(),
                new NodeAgent.Command.PlaceBy(Map.of(OTHER, Double.POSITIVE_INFINITY)),
                new WishKeeper.Opened(NODE)));
        for (Wish wish : wishes()) {
            all.add(new Command.Change(wish, actor()));
            all.add(new WishKeeper.Wished(wish));
        }
        List<Decided> decided = decided();
        all.add(new BalancerProtocol.Decisions(decided.stream()
                .map(each -> new Decision(1_700_000_000_000L, each))
                .toList()));
        all.add(new BalancerProtocol.Planned(new Plan(
                decided.stream()
                        .filter(Action.class::isInstance)
                        .map(Action.class::cast)
                        .toList(),
                decided.stream()
                        .filter(Refusal.class::isInstance)
                        .map(Refusal.class::cast)
                        .toList())));
        return all;
    }

    @Test
    void everyMessageComesBackAsItWas() {
        Set<String> manifests = new TreeSet<>();
        for (BalancerProtocol.Message message : messages()) {
            var serializer = SERIALIZATION.findSerializerFor(message);
            byte[] bytes = SERIALIZATION.serialize(message).get();
            String manifest = Serializers.manifestFor(serializer, message);

            assertEquals(BalancerSerializer.class, serializer.getClass());
            assertTrue(manifests.add(manifest), "twice: " + manifest);
            assertEquals(
                    message,
                    SERIALIZATION
                            .deserialize(bytes, serializer.identifier(), manifest)
                            .get());
        }
    }

    @Test
    void theFormatIsTheOneThatWasRecorded() throws Exception {
        BalancerSerializer serializer =
                (BalancerSerializer) SERIALIZATION.serializerFor(BalancerProtocol.Changed.class);

        WireVectors.read(Path.of("src/test/resources/wire-1.txt"))
                .check(
                        new WireVectors.Format(serializer::manifest, serializer::toBinary, serializer::fromBinary),
                        messages());
    }

    @Test
    void theLargestReportFitsIntoAFrame() {
        byte[] bytes = SERIALIZATION.serialize(report(1_024)).get();

        assertTrue(bytes.length < 200 << 10, bytes.length + " bytes");
    }

    @Test
    void anUnknownManifestIsRefused() throws NotSerializableException {
        BalancerSerializer serializer =
                (BalancerSerializer) SERIALIZATION.serializerFor(BalancerProtocol.Changed.class);

        assertThrows(IllegalArgumentException.class, () -> serializer.fromBinary(new byte[0], "XX"));
        assertThrows(IllegalArgumentException.class, () -> serializer.fromBinary(new byte[0], "EWx"));
    }
}
