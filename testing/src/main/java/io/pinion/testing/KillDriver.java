package io.pinion.testing;

import io.pinion.testing.LedgerClient.Transfer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Starts a node, lets clients transfer in a ledger, kills the node with {@code kill -9} at a random moment, starts it again
 * and looks whether every acknowledged transfer has its record, every record is a transfer that was sent, and the balances
 * are what the records make of them. Now and then the node is killed while it starts, too.
 *
 * <p>Ids of transfers: the cycle in the upper half, a count in the lower. Transfers of which a client heard nothing are
 * sent again after the restart, as a client would. Every other one has a request id: however often it is sent, before and
 * after the restart, it has to be answered as done, and to be done once. Of the others those that had been carried out have
 * to be refused by the module, which knows transfers by their ids.
 */
public final class KillDriver {
    private static final int ACCOUNTS = 20;
    private static final long OPENING_BALANCE = 1_000_000_000;
    private static final int CLIENTS = 6;
    private static final int CYCLE_SHIFT = 32;
    private static final long LOAD_MILLIS_MAX = 600;
    /** One start in so many is killed. */
    private static final int STARTS_PER_KILL = 4;
    /** One acknowledged transfer in so many is sent again at once, and as many of a cycle after the restart. */
    private static final int SENT_PER_REPEAT = 8;

    private static final int DONE = 200;
    private static final int CALLER_ERROR = 530;
    private static final int UNAVAILABLE = 503;
    private static final int UNKNOWN = 500;

    private final Plan plan;
    private final SplittableRandom random;
    private final Map<Long, Long> balances = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private String token = "";
    private long startMillis = 1000;
    private int startsKilled;
    private long records;
    private long acknowledged;
    private long unanswered;
    private long survived;
    private long repeated;
    private long lost;
    private boolean sumHolds = true;

    /**
     * What to do.
     *
     * @param folder for the node's data; empty
     * @param nodeArguments of {@code pinion start}
     * @param progress told of each cycle
     */
    public record Plan(Path folder, int cycles, long seed, List<String> nodeArguments, Consumer<String> progress) {
        public Plan {
            nodeArguments = List.copyOf(nodeArguments);
        }
    }

    /** What the clients of one cycle know. */
    private static final class Ledger {
        private final Queue<Sent> acknowledged = new ConcurrentLinkedQueue<>();
        private final Queue<Sent> unanswered = new ConcurrentLinkedQueue<>();
        private final Queue<String> problems = new ConcurrentLinkedQueue<>();
        private final AtomicLong ids;

        Ledger(int cycle) {
            ids = new AtomicLong((long) cycle << CYCLE_SHIFT);
        }
    }

    /** @param requestId empty for none */
    private record Sent(Transfer transfer, String requestId) {
        boolean isRepeatable() {
            return !requestId.isEmpty();
        }
    }

    private KillDriver(Plan plan) {
        this.plan = plan;
        this.random = new SplittableRandom(plan.seed());
    }

    /**
     * Does it; blocks for seconds in each cycle.
     *
     * @throws IOException if the node does not start or does not serve
     */
    public static KillReport run(Plan plan) throws IOException, InterruptedException {
        KillDriver driver = new KillDriver(plan);
        driver.run();
        return new KillReport(
                plan.cycles(),
                driver.startsKilled,
                driver.acknowledged,
                driver.unanswered,
                driver.survived,
                driver.repeated,
                driver.lost,
                driver.sumHolds,
                driver.problems);
    }

    private void run() throws IOException, InterruptedException {
        Ledger ledger = new Ledger(0);
        for (int cycle = 0; cycle <= plan.cycles(); cycle++) {
            if (cycle > 0 && random.nextInt(STARTS_PER_KILL) == 0) {
                killStarting();
            }
            long begin = System.nanoTime();
            try (NodeProcess node = NodeProcess.start(data(), plan.nodeArguments())) {
                startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                if (cycle == 0) {
                    open(node.url());
                } else {
                    check(node.url(), cycle - 1, ledger);
                }
                if (cycle < plan.cycles()) {
                    ledger = killUnderLoad(node, cycle);
                }
            }
        }
    }

    private Path data() {
        return plan.folder().resolve("data");
    }

    private void killStarting() throws IOException {
        try (NodeProcess node = NodeProcess.launch(data(), plan.nodeArguments())) {
            parkMillis(random.nextLong(startMillis + LOAD_MILLIS_MAX));
            node.kill();
            startsKilled++;
        }
    }

    private void open(URI node) throws IOException {
        token = LedgerClient.newToken(node);
        try (LedgerClient client = new LedgerClient(node, token)) {
            client.publish();
            client.open(ACCOUNTS, OPENING_BALANCE);
        }
        for (long account = 1; account <= ACCOUNTS; account++) {
            balances.put(account, OPENING_BALANCE);
        }
    }

    private Ledger killUnderLoad(NodeProcess node, int cycle) throws IOException, InterruptedException {
        Ledger ledger = new Ledger(cycle);
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
                LedgerClient client = new LedgerClient(node.url(), token)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                SplittableRandom own = random.split();
                running.add(clients.submit(() -> transferUntilTheNodeIsGone(client, own, ledger)));
            }
            long millis = random.nextLong(LOAD_MILLIS_MAX);
            parkMillis(millis);
            node.kill();
            for (Future<?> each : running) {
                await(each);
            }
            plan.progress()
                    .accept("cycle " + cycle + ": killed after " + millis + " ms, " + ledger.acknowledged.size()
                            + " acknowledged, " + ledger.unanswered.size() + " unanswered");
        }
        return ledger;
    }

    private static void await(Future<?> client) throws IOException, InterruptedException {
        try {
            client.get();
        } catch (ExecutionException e) {
            throw new IOException("a client failed", e);
        }
    }

    private static void transferUntilTheNodeIsGone(LedgerClient client, SplittableRandom random, Ledger ledger) {
        while (true) {
            Sent sent = transfer(ledger.ids.getAndIncrement(), random);
            try {
                HttpResponse<String> answer = send(client, sent);
                switch (answer.statusCode()) {
                    case DONE -> ledger.acknowledged.add(sent);
                    case UNKNOWN -> ledger.unanswered.add(sent);
                    case UNAVAILABLE -> parkMillis(5);
                    default -> ledger.problems.add(sent + " was answered " + text(answer));
                }
                if (answer.statusCode() == DONE && sent.isRepeatable() && random.nextInt(SENT_PER_REPEAT) == 0) {
                    repeatAtOnce(client, sent, ledger);
                }
            } catch (IOException _) {
                if (!ledger.acknowledged.contains(sent)) {
                    ledger.unanswered.add(sent);
                }
                return;
            }
        }
    }

    private static void repeatAtOnce(LedgerClient client, Sent sent, Ledger ledger) throws IOException {
        HttpResponse<String> answer = send(client, sent);
        if (answer.statusCode() != DONE && answer.statusCode() != UNAVAILABLE && answer.statusCode() != UNKNOWN) {
            ledger.problems.add(sent + " was done and then answered " + text(answer));
        }
    }

    private static HttpResponse<String> send(LedgerClient client, Sent sent) throws IOException {
        return client.transfer(sent.transfer(), sent.requestId());
    }

    private static String text(HttpResponse<String> answer) {
        return answer.statusCode() + " " + answer.body();
    }

    private static Sent transfer(long id, SplittableRandom random) {
        long source = 1L + random.nextInt(ACCOUNTS);
        long target = 1 + (source + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        Transfer transfer = new Transfer(id, source, target, 1 + random.nextInt(1000));
        return new Sent(transfer, id % 2 == 0 ? "" : requestId(random));
    }

    /** A UUID of version 7, made now. */
    private static String requestId(SplittableRandom random) {
        long high = (System.currentTimeMillis() << 16) | 0x7000 | random.nextInt(1 << 12);
        return new UUID(high, (random.nextLong() >>> 2) | Long.MIN_VALUE).toString();
    }

    private void check(URI node, int cycle, Ledger ledger) throws IOException {
        try (LedgerClient client = new LedgerClient(node, token)) {
            Map<Long, Transfer> found = records(client, cycle);
            acknowledged += ledger.acknowledged.size();
            unanswered += ledger.unanswered.size();
            problems.addAll(ledger.problems);
            checkRecords(cycle, ledger, found);
            found.values().forEach(this::apply);
            records += found.size();
            checkBalances(client, "after the restart from cycle " + cycle);
            for (Sent sent : ledger.unanswered) {
                sendAgain(client, sent, found.containsKey(sent.transfer().id()));
            }
            repeat(client, ledger);
            checkBalances(client, "after repeating what was unanswered in cycle " + cycle);
        }
    }

    private static Map<Long, Transfer> records(LedgerClient client, int cycle) throws IOException {
        Map<Long, Transfer> found = new TreeMap<>();
        for (List<Long> row : client.rows("SELECT * FROM transfers WHERE id >= " + ((long) cycle << CYCLE_SHIFT))) {
            Transfer transfer = new Transfer(row.get(0), row.get(1), row.get(2), row.get(3));
            found.put(transfer.id(), transfer);
        }
        return found;
    }

    private void checkRecords(int cycle, Ledger ledger, Map<Long, Transfer> found) {
        Map<Long, Transfer> sent = new TreeMap<>();
        for (Sent each : ledger.acknowledged) {
            Transfer transfer = each.transfer();
            sent.put(transfer.id(), transfer);
            if (!transfer.equals(found.get(transfer.id()))) {
                lost++;
                problems.add("cycle " + cycle + ": acknowledged " + transfer + ", found " + found.get(transfer.id()));
            }
        }
        ledger.unanswered.forEach(each -> sent.put(each.transfer().id(), each.transfer()));
        for (Transfer transfer : found.values()) {
            if (!transfer.equals(sent.get(transfer.id()))) {
                sumHolds = false;
                problems.add("cycle " + cycle + ": found " + transfer + ", which nobody sent");
            }
        }
    }

    private void apply(Transfer transfer) {
        balances.merge(transfer.source(), -transfer.amount(), Long::sum);
        balances.merge(transfer.target(), transfer.amount(), Long::sum);
    }

    private void checkBalances(LedgerClient client, String when) throws IOException {
        Map<Long, Long> found = new TreeMap<>();
        client.rows("SELECT * FROM accounts").forEach(row -> found.put(row.get(0), row.get(1)));
        long count =
                client.rows("SELECT COUNT(*) AS n FROM transfers").getFirst().getFirst();
        if (!found.equals(balances) || count != records) {
            sumHolds = false;
            problems.add(when + ": " + records + " records and balances " + balances + " were expected, found " + count
                    + " and " + found);
        }
    }

    private void sendAgain(LedgerClient client, Sent sent, boolean wasDone) throws IOException {
        HttpResponse<String> answer = send(client, sent);
        if (answer.statusCode() != (wasDone && !sent.isRepeatable() ? CALLER_ERROR : DONE)) {
            sumHolds = false;
            problems.add(sent + (wasDone ? " had" : " had not") + " been carried out and was answered " + text(answer)
                    + " when it was sent again");
        } else if (wasDone) {
            survived++;
        } else {
            apply(sent.transfer());
            records++;
        }
    }

    /** Sends again what was answered before or after the restart: it was done. */
    private void repeat(LedgerClient client, Ledger ledger) throws IOException {
        List<Sent> done = new ArrayList<>(ledger.unanswered);
        ledger.acknowledged.stream()
                .limit(Math.max(1, ledger.acknowledged.size() / SENT_PER_REPEAT))
                .forEach(done::add);
        for (Sent sent : done) {
            if (sent.isRepeatable()) {
                HttpResponse<String> answer = send(client, sent);
                if (answer.statusCode() != DONE) {
                    sumHolds = false;
                    problems.add(sent + " was done and then answered " + text(answer));
                }
                repeated++;
            }
        }
    }

    private static void parkMillis(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
