package io.pinion.node.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.http.HttpRefusal;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that ask each other, over TLS: actor systems with the settings of nodes, and no databases. */
@Timeout(240)
class NodesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int TLS_ALERT = 0x15;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private final List<ActorSystem<?>> systems = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (ActorSystem<?> system : systems) {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
    }

    private ActorSystem<?> start(Map<String, Object> settings) throws NodeStartException {
        Map<String, Object> all = new HashMap<>(settings);
        // Those that never became members would wait for leave to go.
        all.put("pekko.coordinated-shutdown.run-by-actor-system-terminate", false);
        // Nobody is to end this JVM when another ends.
        all.put("pekko.cluster.downing-provider-class", "");
        all.put(
                "pekko.coordinated-shutdown.reason-overrides"
                        + ".\"org.apache.pekko.actor.CoordinatedShutdown$ClusterDowningReason$\".exit-jvm",
                false);
        all.put(
                "pinion.data-directory",
                directory.resolve("data" + systems.size()).toString());
        ActorSystem<?> system = ActorSystem.create(Behaviors.empty(), "pinion", NodeConfig.load(all, Optional.empty()));
        systems.add(system);
        return system;
    }

    private static Address address(ActorSystem<?> system) {
        return Cluster.get(system).selfMember().address();
    }

    private static void join(ActorSystem<?> system, ActorSystem<?> seed) {
        Cluster.get(system).manager().tell(new JoinSeedNodes(List.of(address(seed))));
    }

    private static void answer(ActorSystem<?> system) {
        NodeAgent.start(
                system,
                Map.of(
                        "who", _ -> "{\"who\":\"" + Nodes.name(address(system)) + "\"}",
                        "not",
                                _ -> {
                                    throw HttpRefusal.of(409, "not now");
                                }),
                Executors.newVirtualThreadPerTaskExecutor());
    }

    private static <T> T eventually(ActorSystem<?> system, java.util.function.Supplier<T> check) {
        return TestProbe.create(system).awaitAssert(DEADLINE, check::get);
    }

    @Test
    void nodesAnswerEachOtherOverTlsAndTheSilentOnesAreNamed() throws Exception {
        TestKeys keys = TestKeys.make(directory, "nodes");
        ActorSystem<?> first = start(keys.ofRemoting());
        ActorSystem<?> second = start(keys.ofRemoting());
        join(first, first);
        join(second, first);
        answer(first);
        Nodes nodes = new Nodes(first, Duration.ofSeconds(3));
        String firstNode = Nodes.name(address(first));
        String secondNode = Nodes.name(address(second));
        eventually(first, () -> {
            assertEquals(2, nodes.members().size());
            return true;
        });

        Nodes.Gathered half = nodes.askAll("who", Map.of());
        assertEquals(List.of(secondNode), half.silent());
        assertEquals(1, half.successes().size());

        answer(second);
        Nodes.Gathered all = eventually(first, () -> {
            Nodes.Gathered gathered = nodes.askAll("who", Map.of());
            assertEquals(List.of(), gathered.silent());
            return gathered;
        });
        assertEquals(
                List.of(firstNode, secondNode).stream().sorted().toList(),
                all.successes().stream()
                        .map(answer -> answer.json().path("who").asText())
                        .sorted()
                        .toList());
        assertEquals(
                secondNode,
                nodes.ask(secondNode, "who", Map.of("a", "ä"))
                        .json()
                        .path("who")
                        .asText());
        assertRefused(409, "not now", () -> nodes.ask(secondNode, "not", Map.of()));
        assertRefused(501, "does not know what", () -> nodes.ask(secondNode, "what", Map.of()));
        assertRefused(404, "there is no node x:1", () -> nodes.ask("x:1", "who", Map.of()));
        assertPlainIsRefused(address(first).getPort().orElseThrow());
    }

    private static void assertRefused(int status, String part, Runnable asked) {
        HttpRefusal refusal = assertThrows(HttpRefusal.class, asked::run);
        assertEquals(status, refusal.response().status().intValue());
        assertTrue(ErrorBody.message(refusal.response()).contains(part), ErrorBody.message(refusal.response()));
    }

    /** Whoever speaks without TLS gets an alert, or nothing, and the end. */
    private static void assertPlainIsRefused(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) DEADLINE.toMillis());
            socket.getOutputStream().write("AKKA\1 and more that is no TLS record".getBytes(StandardCharsets.UTF_8));
            byte[] answer = socket.getInputStream().readAllBytes();

            assertTrue(answer.length == 0 || answer[0] == TLS_ALERT, () -> "got " + answer.length + " bytes");
        }
    }

    @Test
    void aNodeWithoutTlsDoesNotBecomeAMember() throws Exception {
        ActorSystem<?> secure = start(TestKeys.make(directory, "nodes").ofRemoting());
        ActorSystem<?> plain = start(Map.of());
        ActorSystem<?> foreign = start(TestKeys.make(directory, "foreign").ofRemoting());
        ActorSystem<?> friend =
                start(new TestKeys(directory.resolve("nodes.p12"), directory.resolve("nodes-trust.p12")).ofRemoting());
        join(secure, secure);
        join(plain, secure);
        join(foreign, secure);
        join(friend, secure);
        Nodes nodes = new Nodes(secure, Duration.ofSeconds(1));

        eventually(secure, () -> {
            assertEquals(2, nodes.members().size());
            return true;
        });

        List<String> members = nodes.members().stream()
                .map(member -> Nodes.name(member.address()))
                .toList();
        assertTrue(members.contains(Nodes.name(address(friend))), members.toString());
        assertFalse(members.contains(Nodes.name(address(plain))), members.toString());
        assertFalse(members.contains(Nodes.name(address(foreign))), members.toString());
        for (ActorSystem<?> outside : List.of(plain, foreign)) {
            assertFalse(new Nodes(outside, Duration.ofSeconds(1)).members().size() > 1);
        }
    }

    /** What Java would write as it is. */
    private record Plain(String text) implements Serializable {}

    @Test
    void javaSerializationIsRefusedByNameInBothDirections() throws Exception {
        ActorSystem<?> system = start(Map.of());
        Serialization serialization = SerializationExtension.get(Adapter.toClassic(system));

        Throwable written = serialization.serialize(new Plain("x")).failed().get();
        assertTrue(String.valueOf(written.getMessage()).contains("allow-java-serialization"), written.toString());

        byte[] bytes = {(byte) 0xac, (byte) 0xed, 0, 5};
        Throwable read = serialization.deserialize(bytes, 1, "").failed().get();
        assertTrue(String.valueOf(read.getMessage()).contains("allow-java-serialization"), read.toString());
    }

    @Test
    void messagesOfTheManagementCrossNodesAndNewerOnesAreRefusedByName() throws Exception {
        ActorSystem<?> system = start(Map.of());
        ManagementSerializer serializer = new ManagementSerializer((ExtendedActorSystem) Adapter.toClassic(system));
        NodeMessage.Ask ask = new NodeMessage.Ask(
                "who",
                Map.of("a", "1", "ä", ""),
                TestProbe.<NodeMessage.Reply>create(system).ref());
        NodeMessage.Reply reply = new NodeMessage.Reply(200, "{\"ä\":1}");

        for (NodeMessage message : List.of(ask, reply)) {
            byte[] bytes = serializer.toBinary(message);
            assertEquals(message, serializer.fromBinary(bytes, serializer.manifest(message)));
            bytes[0]++;
            NotSerializableException newer = assertThrows(
                    NotSerializableException.class, () -> serializer.fromBinary(bytes, serializer.manifest(message)));
            assertTrue(String.valueOf(newer.getMessage()).contains("version 2 of the management's wire format"));
        }
        assertThrows(NotSerializableException.class, () -> serializer.fromBinary(new byte[] {1}, "Z"));
    }
}
