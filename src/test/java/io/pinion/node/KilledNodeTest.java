package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node has acknowledged is there after kill -9, and of everything else all or nothing. */
@Timeout(300)
class KilledNodeTest {
    private static final int CYCLES = 3;
    private static final int CLIENTS = 6;
    private static final int ACKNOWLEDGED_BEFORE_KILL = 250;
    private static final int ACCOUNTS = 20;
    private static final long OPENING_BALANCE = 1_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private record Transfer(long from, long to, long amount) {}

    /** What the clients of one cycle know: each has at most one transfer of which it heard nothing. */
    private static final class Ledger {
        private final Queue<Transfer> acknowledged = new ConcurrentLinkedQueue<>();
        private final Queue<Transfer> unanswered = new ConcurrentLinkedQueue<>();
        private final CountDownLatch enough = new CountDownLatch(ACKNOWLEDGED_BEFORE_KILL);
    }

    @Test
    void everyAcknowledgedTransferSurvivesAKillUnderLoad() throws Exception {
        long seed = System.nanoTime();
        Path data = directory.resolve("data");
        String token = "";
        Map<Long, Long> known = new TreeMap<>();
        Ledger record = new Ledger();
        for (int cycle = 0; cycle <= CYCLES; cycle++) {
            String context = "seed " + seed + ", cycle " + cycle;
            try (NodeProcess node = NodeProcess.start(data)) {
                Bank bank = Bank.at(node.url(), "bank", token);
                if (token.isEmpty()) {
                    token = bank.token();
                    open(bank);
                } else {
                    check(known, record, bank.balances(), context);
                }
                known = bank.balances();
                if (cycle < CYCLES) {
                    record = killUnderLoad(node, bank, new SplittableRandom(seed + cycle));
                }
            }
        }
    }

    private static void open(Bank bank) throws Exception {
        assertEquals(200, bank.publish().statusCode());
        assertEquals(
                200,
                bank.call("seed", "[" + ACCOUNTS + "," + OPENING_BALANCE + "]").statusCode());
    }

    private static Ledger killUnderLoad(NodeProcess node, Bank bank, SplittableRandom random) throws Exception {
        Ledger record = new Ledger();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                SplittableRandom own = random.split();
                running.add(clients.submit(() -> transferUntilTheNodeIsGone(bank, own, record)));
            }
            boolean reached = record.enough.await(120, TimeUnit.SECONDS);
            node.kill();
            for (Future<?> client : running) {
                client.get(60, TimeUnit.SECONDS);
            }
            assertTrue(reached, "only " + record.acknowledged.size() + " transfers were acknowledged in time");
        }
        return record;
    }

    private static void transferUntilTheNodeIsGone(Bank bank, SplittableRandom random, Ledger record) {
        while (true) {
            long from = 1L + random.nextInt(ACCOUNTS);
            long to = 1 + (from + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            Transfer transfer = new Transfer(from, to, 1 + random.nextInt(1_000_000));
            try {
                HttpResponse<String> answer = bank.call(
                        "transfer", "[" + transfer.from() + "," + transfer.to() + "," + transfer.amount() + "]");
                switch (answer.statusCode()) {
                    case 200 -> {
                        record.acknowledged.add(transfer);
                        record.enough.countDown();
                    }
                    case 530 -> {}
                    default -> throw new AssertionError(answer.statusCode() + " " + answer.body());
                }
            } catch (IOException _) {
                record.unanswered.add(transfer);
                return;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The balances are what the acknowledged transfers made of them, and some of the unanswered ones, whole. */
    private static void check(Map<Long, Long> before, Ledger record, Map<Long, Long> found, String context) {
        assertEquals(ACCOUNTS * OPENING_BALANCE, sum(found), context);
        Map<Long, Long> acknowledged = new TreeMap<>(before);
        record.acknowledged.forEach(transfer -> apply(transfer, acknowledged));
        List<Transfer> unanswered = List.copyOf(record.unanswered);
        for (int chosen = 0; chosen < 1 << unanswered.size(); chosen++) {
            Map<Long, Long> possible = new TreeMap<>(acknowledged);
            for (int i = 0; i < unanswered.size(); i++) {
                if ((chosen >> i & 1) == 1) {
                    apply(unanswered.get(i), possible);
                }
            }
            if (possible.equals(found)) {
                return;
            }
        }
        throw new AssertionError(context + ": no choice among " + unanswered + " explains " + found + " where "
                + acknowledged + " was acknowledged");
    }

    private static void apply(Transfer transfer, Map<Long, Long> balances) {
        balances.merge(transfer.from(), -transfer.amount(), Long::sum);
        balances.merge(transfer.to(), transfer.amount(), Long::sum);
    }

    private static long sum(Map<Long, Long> balances) {
        return balances.values().stream().mapToLong(Long::longValue).sum();
    }
}
