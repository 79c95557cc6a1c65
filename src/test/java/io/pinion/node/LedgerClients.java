package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.LedgerClient.Transfer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Clients that call some ledgers all the time, each through one node, one call after the other, and write in their books
 * what they are told. Used by one thread.
 */
final class LedgerClients implements AutoCloseable {
    /** Between two calls of a client, at most: a machine whose processors are all busy tests nothing but that. */
    private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(8);

    private static final Duration UNAVAILABLE_PAUSE = Duration.ofMillis(50);

    private final List<LedgerBook> books = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SplittableRandom random;

    LedgerClients(int ledgers, long seed) {
        this.random = new SplittableRandom(seed);
        for (int i = 0; i < ledgers; i++) {
            books.add(new LedgerBook());
        }
    }

    /**
     * One more client.
     *
     * @param node that it calls through
     * @param doors to the ledgers, in their order; none while the node is gone
     */
    void add(int node, Supplier<List<LedgerDoor>> doors) {
        Client client = new Client(clients.size() + 1, node, doors, random.split());
        clients.add(client);
        running.add(threads.submit(client::run));
    }

    private final class Client {
        private final int number;
        private final int node;
        private final Supplier<List<LedgerDoor>> doors;
        private final SplittableRandom random;
        private final long[][] lastSeen = new long[books.size()][LedgerBook.REGISTERS];
        private final AtomicLongArray answers = new AtomicLongArray(books.size());

        Client(int number, int node, Supplier<List<LedgerDoor>> doors, SplittableRandom random) {
            this.number = number;
            this.node = node;
            this.doors = doors;
            this.random = random;
        }

        void run() {
            while (!isOver.get()) {
                List<LedgerDoor> open = doors.get();
                int ledger = random.nextInt(books.size());
                if (!open.isEmpty() && call(ledger, open.get(ledger))) {
                    answers.incrementAndGet(ledger);
                    LockSupport.parkNanos(random.nextLong(PAUSE_NANOS_MAX));
                } else {
                    LockSupport.parkNanos(UNAVAILABLE_PAUSE.toNanos());
                }
            }
        }

        private boolean call(int ledger, LedgerDoor door) {
            LedgerBook book = books.get(ledger);
            int register = random.nextInt(LedgerBook.REGISTERS);
            long id = ids.incrementAndGet();
            return switch (random.nextInt(5)) {
                case 0 -> book.write(number, door, register, id);
                case 1 -> book.swap(number, door, register, lastSeen[ledger][register], id);
                case 2 -> {
                    Optional<Long> value = book.read(number, door, register);
                    value.ifPresent(held -> lastSeen[ledger][register] = held);
                    yield value.isPresent();
                }
                case 3 -> book.balances(number, door);
                default -> book.transfer(number, door, transfer(id));
            };
        }

        /** No two amounts of the clients are the same for a long while, so that balances tell which transfers they show. */
        private Transfer transfer(long id) {
            long source = random.nextInt(LedgerBook.ACCOUNTS);
            long target = (source + 1 + random.nextInt(LedgerBook.ACCOUNTS - 1)) % LedgerBook.ACCOUNTS;
            return new Transfer(id, source + 1, target + 1, 1 + id % 10_007);
        }
    }

    /**
     * Returns when each client of these nodes has been answered by each ledger since this was called.
     *
     * @param context for whoever reads why it failed
     */
    void awaitServed(List<Integer> nodes, Duration deadline, String context) {
        awaitServed(nodes, () -> false, deadline, context);
    }

    /**
     * As above, or when that is off.
     *
     * @return whether all were answered
     */
    boolean awaitServed(List<Integer> nodes, BooleanSupplier isOff, Duration deadline, String context) {
        List<Wait> waits = new ArrayList<>();
        for (Client client : clients) {
            for (int ledger = 0; nodes.contains(client.node) && ledger < books.size(); ledger++) {
                // One answer may be of a call that began before.
                waits.add(new Wait(client, ledger, client.answers.get(ledger) + 2));
            }
        }
        long begin = System.nanoTime();
        for (Wait wait : waits) {
            while (!wait.isOver()) {
                if (isOff.getAsBoolean()) {
                    return false;
                }
                assertTrue(
                        System.nanoTime() - begin < deadline.toNanos(),
                        () -> "ledger " + wait.ledger + " does not answer client " + wait.client.number + " of node "
                                + wait.client.node + "; " + context);
                requireRunning();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
        return true;
    }

    private record Wait(Client client, int ledger, long answers) {
        boolean isOver() {
            return client.answers.get(ledger) >= answers;
        }
    }

    private void requireRunning() {
        for (Future<?> each : running) {
            if (each.state() == Future.State.FAILED) {
                throw new AssertionError("a client failed", each.exceptionNow());
            }
        }
    }

    /** @return how many transfers were acknowledged */
    int acknowledgedCount() {
        return books.stream().mapToInt(LedgerBook::acknowledgedCount).sum();
    }

    /** Ends all clients and looks through what they were told. */
    void check(List<LedgerDoor> doors, String context) throws Exception {
        isOver.set(true);
        for (Future<?> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
        for (int ledger = 0; ledger < books.size(); ledger++) {
            books.get(ledger).check(doors.get(ledger), "ledger " + ledger + ", " + context);
        }
    }

    @Override
    public void close() {
        isOver.set(true);
        threads.shutdownNow();
    }
}
