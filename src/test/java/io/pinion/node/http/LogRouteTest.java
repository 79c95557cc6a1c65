package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command.FollowLog;
import io.pinion.actors.database.Database.Command.ReadLog;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Identity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogRouteTest {
    private final HttpFixture http = HttpFixture.SHARED;

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void theNewestLinesComeOnePerLine() {
        CompletableFuture<ReadLog> received = new CompletableFuture<>();
        http.host().has("bank", command -> {
            received.complete((ReadLog) command);
            ((ReadLog) command).replyTo().tell(new Database.LogLines(List.of("{\"a\":1}", "{\"b\":2}")));
        });
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer answer =
                http.get("/v1/database/bank/logs?num_lines=2").as(ann).send();

        assertEquals(200, answer.status());
        assertEquals("{\"a\":1}\n{\"b\":2}\n", answer.body());
        assertEquals(Optional.of("application/x-ndjson"), answer.header("content-type"));
        assertEquals(Optional.of("no-cache"), answer.header("cache-control"));
        assertEquals(2, received.join().lineCountMax());
        assertEquals(ann.identity(), received.join().caller());
    }

    @Test
    void withoutANumberAllLinesAreAskedFor() {
        CompletableFuture<ReadLog> received = new CompletableFuture<>();
        http.host().has("bank", command -> {
            received.complete((ReadLog) command);
            ((ReadLog) command).replyTo().tell(new Database.LogLines(List.of()));
        });

        assertEquals("", http.get("/v1/database/bank/logs").send().body());
        assertTrue(received.join().lineCountMax() < 0);
    }

    @Test
    void onlyTheOwnerReadsTheLog() {
        Database.NotOwner notOwner = new Database.NotOwner(Identity.derive("a", "owner"));
        http.host().has("bank", command -> {
            switch (command) {
                case ReadLog read -> read.replyTo().tell(notOwner);
                case FollowLog follow -> follow.replyTo().tell(notOwner);
                default -> throw new AssertionError("not expected: " + command);
            }
        });

        for (String follow : new String[] {"false", "true"}) {
            HttpFixture.Answer answer =
                    http.get("/v1/database/bank/logs?follow=" + follow).send();
            assertEquals(403, answer.status());
            assertTrue(answer.body().contains("view module logs"), answer.body());
        }
    }

    @Test
    void valuesOfTheWrongFormAre400() {
        for (String query : new String[] {"num_lines=-1", "num_lines=x", "num_lines=4294967296", "follow=1"}) {
            assertEquals(400, http.get("/v1/database/bank/logs?" + query).send().status(), query);
        }
    }

    @Test
    void aFollowerGetsEveryNewLineAtOnceUntilTheDatabaseEnds() throws Exception {
        CompletableFuture<ActorRef<? super Database.LogOutcome>> follower = hasFollowedBank();
        try (BufferedReader lines = follow()) {
            assertEquals("{\"old\":1}", lines.readLine());

            follower.join().tell(new Database.LogLines(List.of("{\"new\":1}", "{\"new\":2}")));
            assertEquals("{\"new\":1}", lines.readLine());
            assertEquals("{\"new\":2}", lines.readLine());
            follower.join().tell(new Database.LogLines(List.of("{\"new\":3}")));
            assertEquals("{\"new\":3}", lines.readLine());

            follower.join().tell(new Database.NoSuchModule());
            assertNull(lines.readLine());
        }
    }

    @Test
    void aFollowerThatHungUpLeavesNoActorBehindOnceThereAreNewLines() throws Exception {
        CompletableFuture<ActorRef<? super Database.LogOutcome>> follower = hasFollowedBank();
        TestProbe<Object> watcher = http.probe();
        try (BufferedReader lines = follow()) {
            assertEquals("{\"old\":1}", lines.readLine());
        }

        ActorRef<? super Database.LogOutcome> actor = follower.get(10, TimeUnit.SECONDS);
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!hasEnded(watcher, actor)) {
            assertTrue(System.nanoTime() < deadlineNanos, "the follower outlives its client");
            actor.tell(new Database.LogLines(List.of("{\"new\":1}")));
        }
    }

    @Test
    void aFollowerThatReadsTooSlowlyGetsWhatWaitedThenALineThatSaysSoAndTheEnd() throws Exception {
        CompletableFuture<ActorRef<? super Database.LogOutcome>> follower = hasFollowedBank();
        TestProbe<Object> watcher = http.probe();
        String padding = "x".repeat(10_000);
        int sent = 0;
        try (BufferedReader lines = follow()) {
            assertEquals("{\"old\":1}", lines.readLine());
            ActorRef<? super Database.LogOutcome> actor = follower.get(10, TimeUnit.SECONDS);

            do {
                assertTrue(sent < 20_000, "200 MB wait for a client that does not read");
                for (int i = 0; i < 1000; i++) {
                    actor.tell(new Database.LogLines(List.of(sent + padding)));
                    sent++;
                }
            } while (!hasEnded(watcher, actor));

            int read = 0;
            String line = lines.readLine();
            while (line.equals(read + padding)) {
                read++;
                line = lines.readLine();
            }
            assertTrue(read > WaitingLines.BYTES_MAX / 2 / padding.length() / 2 && read < sent, read + " of " + sent);
            assertTrue(line.contains("reads it too slowly"), () -> "another line than expected after those that came");
            assertNull(lines.readLine());
        }
    }

    private static boolean hasEnded(TestProbe<Object> watcher, ActorRef<?> actor) {
        try {
            watcher.expectTerminated(actor, Duration.ofMillis(100));
            return true;
        } catch (AssertionError _) {
            return false;
        }
    }

    private CompletableFuture<ActorRef<? super Database.LogOutcome>> hasFollowedBank() {
        CompletableFuture<ActorRef<? super Database.LogOutcome>> follower = new CompletableFuture<>();
        http.host().has("bank", command -> {
            FollowLog follow = (FollowLog) command;
            follow.replyTo().tell(new Database.LogLines(List.of("{\"old\":1}")));
            follower.complete(follow.replyTo());
        });
        return follower;
    }

    private BufferedReader follow() throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.client()
                .send(
                        http.get("/v1/database/bank/logs?follow=true").request(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }
}
