package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.node.Bank;
import io.pinion.node.ClusterNodes;
import io.pinion.node.NpmClients;
import io.pinion.node.PinionNode;
import io.pinion.store.value.Identity;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link SubscriptionModelTest}, with clients of every protocol at every node of a cluster, while their database moves or is
 * lost: no connection is closed, what each has added up is what its queries yield, and every call has its effect once.
 */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(900)
class MovingDatabaseTest {
    private static final int NODES = 3;
    private static final int ARCHIVE_ROWS = 500;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private ClusterNodes nodes;

    private int connected;

    @BeforeAll
    void start(PostgresServer server) throws Exception {
        // On a busy machine connections are slow to come back, and those with views have to be in time.
        Map<String, String> settings = Map.of(
                "pinion.resume.pause", "20 s", "pinion.resume.within", "30 s", "pinion.resume.note-interval", "100 ms");
        nodes = ClusterNodes.start(NODES, directory, server, settings);
    }

    @AfterAll
    void stop() {
        nodes.close();
    }

    private Bank publish(String name, String module) throws Exception {
        Path program = directory.resolve(module);
        try (InputStream in = MovingDatabaseTest.class.getResourceAsStream(module)) {
            Files.write(program, Objects.requireNonNull(in).readAllBytes());
        }
        Bank database = Bank.at(nodes.node(0).url(), name, "");
        HttpResponse<String> published = database.publish(program);
        assertEquals(200, published.statusCode(), published.body());
        return database;
    }

    private Identity publishModel(String name) throws Exception {
        HttpResponse<String> filled = publish(name, "model.js").call("fill", "[1000," + ARCHIVE_ROWS + "]");
        assertEquals(200, filled.statusCode(), filled.body());
        return identity(name);
    }

    private Identity identity(String name) {
        return await(nodes.node(0).host().resolve(name)).orElseThrow();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void clientsStayWhileTheirDatabaseMoves() throws Exception {
        moving("moving", new Random().nextLong(), 6);
    }

    @Test
    @Tag("slow")
    void clientsStayWhileTheirDatabaseMovesForLong() throws Exception {
        for (int round = 0; round < 5; round++) {
            moving("moving-" + round, new Random().nextLong(), 60);
        }
    }

    private void moving(String name, long seed, int rounds) throws Exception {
        Identity database = publishModel(name);
        Random random = new Random(seed + 1);
        try (ModelCrowd crowd = new ModelCrowd(seed)) {
            for (Protocol protocol : Protocol.values()) {
                crowd.add(connect(name, protocol, "confirmed=true"));
                crowd.add(connect(name, protocol, "confirmed=false"));
            }
            run(crowd, seed, rounds, () -> moveTo(database, nodes.node(random.nextInt(NODES))));
        }
    }

    @Test
    void clientsStayWhenTheirDatabaseIsLostInTheMidstOfItsWork() throws Exception {
        losing("lost", new Random().nextLong(), 6);
    }

    @Test
    @Tag("slow")
    void clientsStayWhenTheirDatabaseIsLostAgainAndAgain() throws Exception {
        for (int round = 0; round < 5; round++) {
            losing("lost-" + round, new Random().nextLong(), 60);
        }
    }

    /** What was shown before it was durable may be lost, and what becomes of views between is not known: so without both. */
    private void losing(String name, long seed, int rounds) throws Exception {
        Identity database = publishModel(name);
        try (ModelCrowd crowd = new ModelCrowd(seed, false)) {
            for (Protocol protocol : Protocol.values()) {
                crowd.add(connect(name, protocol, "confirmed=true"));
                crowd.add(connect(name, protocol, "confirmed=true"));
            }
            run(crowd, seed, rounds, () -> lose(database));
        }
    }

    @Test
    void aPageWithTheNpmClientStaysOverMoves() throws Exception {
        Bank owner = publish("chat", "chat.js");
        Identity database = identity("chat");
        String uri = "http://" + nodes.node(0).url().getAuthority();
        Process page = new ProcessBuilder("node", "moving.mjs", uri, "chat")
                .directory(NpmClients.folder().toFile())
                .redirectErrorStream(true)
                .start();
        try {
            awaitRows(owner);
            for (int move = 1; move <= 4; move++) {
                moveTo(database, nodes.node(move % NODES));
            }
            try (OutputStream input = page.getOutputStream()) {
                input.write('\n');
            }
            String printed = new String(page.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(printed.strip().endsWith("{\"opened\":1,\"closed\":0,\"enough\":true}"), printed);
        } finally {
            page.destroyForcibly();
        }
    }

    private static void awaitRows(Bank chat) throws Exception {
        long begin = System.nanoTime();
        while (chat.sql("SELECT * FROM notes LIMIT 1").body().contains("\"rows\":[]")) {
            assertTrue(System.nanoTime() - begin < TIMEOUT.toNanos(), "the page says nothing");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private ModelClient connect(String name, Protocol protocol, String wishes) throws Exception {
        PinionNode node = nodes.node(connected++ % NODES);
        return ModelClient.connect(node.url(), name, protocol, "compression=None&" + wishes);
    }

    /** Something happens to the database again and again while everybody does something. */
    private static void run(ModelCrowd crowd, long seed, int rounds, Runnable happening) throws Exception {
        System.out.println("moving subscription model: seed " + seed);
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger happened = new AtomicInteger();
        Runnable happenings = () -> {
            while (!isOver.get()) {
                happening.run();
                happened.incrementAndGet();
            }
        };
        // The common pool may have one thread, which nodes need.
        CompletableFuture<Void> running = CompletableFuture.runAsync(
                happenings, task -> Thread.ofPlatform().start(task));
        try {
            for (int round = 0; round < rounds || happened.get() < rounds / 2; round++) {
                crowd.act();
                crowd.settle(round % 4 == 3);
            }
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        } finally {
            isOver.set(true);
            await(running);
        }
        crowd.settle(true);
        crowd.requireEverythingHappened();
        System.out.println("moving subscription model: it happened " + happened + " times");
        assertTrue(happened.get() >= rounds / 2, () -> "it happened " + happened + " times");
    }

    private void moveTo(Identity database, PinionNode target) {
        PinionHost host = nodes.node(0).host();
        assertInstanceOf(
                PinionHost.Relocating.class,
                await(host.relocate(PinionHost.bucket(database), ClusterNodes.address(target))));
        long begin = System.nanoTime();
        while (target.host().databasesHere().stream()
                .noneMatch(state -> state.database().equals(database)
                        && state.offsetDurable().isPresent())) {
            assertTrue(System.nanoTime() - begin < TIMEOUT.toNanos(), "the database does not move");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Stops its actor as it is; what it has not written is lost, and what it has not said is not said. */
    private void lose(Identity database) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700));
        for (PinionNode node : List.copyOf(nodes.all())) {
            boolean isHere = node.host().databasesHere().stream()
                    .anyMatch(state -> state.database().equals(database));
            if (isHere) {
                ActorRef<Database.Command> actor = assertInstanceOf(
                                Database.Located.class,
                                await(node.host().ask(database, Database.Command.Locate::new, TIMEOUT)))
                        .actor();
                Adapter.toClassic(node.system()).stop(Adapter.toClassic(actor));
                return;
            }
        }
    }
}
