package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.Bank;
import io.pinion.testing.LedgerModule;
import io.pinion.testing.NodeProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a confirmed subscriber was shown over its WebSocket is there after the node was killed in the midst of it. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(300)
class KilledSubscriberTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KILLS = 2;
    private static final int CALLERS = 4;
    private static final int SHOWN_MAX = 400;
    private static final Pattern ROW_ID = Pattern.compile("\\\\\"id\\\\\":(\\d+)");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private final AtomicLong ids = new AtomicLong();

    @Test
    void everythingASubscriberWasShownIsThereAfterAKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path program = Files.write(directory.resolve("ledger.wasm"), LedgerModule.program());
        Path data = directory.resolve("data");
        String token = "";
        for (int kill = 0; kill < KILLS; kill++) {
            Set<Long> shown;
            try (NodeProcess node = NodeProcess.start(data, List.of())) {
                Bank owner = Bank.at(node.url(), "ledger", token);
                if (token.isEmpty()) {
                    token = owner.token();
                    assertEquals(200, owner.publish(program).statusCode());
                    assertEquals(200, owner.call("open", "[2,1000000]").statusCode());
                }
                shown = showAndKill(node, owner, 20 + random.nextInt(SHOWN_MAX));
            }
            try (NodeProcess node = NodeProcess.start(data, List.of())) {
                Set<Long> kept = transfers(Bank.at(node.url(), "ledger", token));
                Set<Long> lost = new TreeSet<>(shown);
                lost.removeAll(kept);
                assertEquals(Set.of(), lost, "seed " + seed);
            }
        }
    }

    /** Kills the node when the subscriber was shown so many transfers. */
    private Set<Long> showAndKill(NodeProcess node, Bank owner, int count) throws IOException, InterruptedException {
        String path = "/v1/database/ledger/subscribe?compression=None&confirmed=true";
        Set<Long> shown = new TreeSet<>();
        try (RawClient subscriber = RawClient.connect(node.url(), path, "", RawClient.V1_JSON)) {
            subscriber.sendText(
                    "{\"SubscribeMulti\":{\"query_strings\":[\"SELECT * FROM transfers\"],\"request_id\":1,\"query_id\":{\"id\":1}}}");
            int before = 0;
            for (boolean isApplied = false; !isApplied; ) {
                String message = new String(subscriber.next(), StandardCharsets.UTF_8);
                isApplied = message.contains("SubscribeMultiApplied");
                note(message, shown);
                before = shown.size();
            }
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(CompletableFuture.runAsync(() -> transferUntilKilled(owner)));
            }
            while (shown.size() < before + count) {
                note(new String(subscriber.next(), StandardCharsets.UTF_8), shown);
            }
            node.kill();
            callers.forEach(CompletableFuture::join);
            while (subscriber.hasMore()) {
                note(new String(subscriber.next(), StandardCharsets.UTF_8), shown);
            }
        }
        return shown;
    }

    private static void note(String message, Set<Long> shown) {
        Matcher row = ROW_ID.matcher(message);
        while (row.find()) {
            shown.add(Long.valueOf(row.group(1)));
        }
    }

    private void transferUntilKilled(Bank owner) {
        try {
            while (true) {
                HttpResponse<String> answer = owner.call("transfer", "[" + ids.incrementAndGet() + ",1,2,1]");
                assertEquals(200, answer.statusCode(), answer.body());
            }
        } catch (IOException e) {
            assertTrue(ids.get() > 0, "the node is gone, as it should be: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<Long> transfers(Bank owner) throws IOException, InterruptedException {
        HttpResponse<String> answer = owner.sql("SELECT id FROM transfers");
        assertEquals(200, answer.statusCode(), answer.body());
        Set<Long> found = new TreeSet<>();
        for (JsonNode row : JSON.readTree(answer.body()).path(0).path("rows")) {
            found.add(row.path(0).asLong());
        }
        return found;
    }
}
