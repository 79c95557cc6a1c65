package io.pinion.node.management;

import com.typesafe.config.ConfigFactory;
import io.pinion.testing.WireVectors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManagementWireTest {
    private final ActorTestKit kit =
            ActorTestKit.create(ConfigFactory.parseString("""
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
                    """).withFallback(ConfigFactory.load()));

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void theFormatIsTheOneThatWasRecorded() throws Exception {
        ManagementSerializer serializer =
                new ManagementSerializer((ExtendedActorSystem) Adapter.toClassic(kit.system()));
        ActorRef<NodeMessage.Reply> peer =
                ActorRefResolver.get(kit.system()).resolveActorRef("pekko://pinion@127.0.0.1:7621/user/peer#42");

        WireVectors.read(Path.of("test/resources/wire-1.txt"))
                .check(
                        new WireVectors.Format(serializer::manifest, serializer::toBinary, serializer::fromBinary),
                        List.of(
                                new NodeMessage.Ask("databases", Map.of("state", "serving"), peer),
                                new NodeMessage.Reply(200, "{\"a\":1}")));
    }
}
