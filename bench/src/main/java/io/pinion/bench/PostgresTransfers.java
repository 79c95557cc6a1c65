package io.pinion.bench;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The transfer of the bank as a function in a PostgreSQL server: two reads, two updates, one round trip, committed. */
final class PostgresTransfers {
    /** More of them make it slower on the machines this was tried on. */
    private static final int CONNECTIONS_MAX = 32;

    private final BenchPostgres server;
    private final int accounts;

    private PostgresTransfers(BenchPostgres server, int accounts) {
        this.server = server;
        this.accounts = accounts;
    }

    /** Makes the accounts and the function. */
    static PostgresTransfers create(BenchPostgres server, int accounts, long openingBalance) throws SQLException {
        // Locks in the order of ids, so that two transfers never wait for each other.
        server.execute("""
            DROP TABLE IF EXISTS bench_accounts;
            CREATE TABLE bench_accounts (id BIGINT PRIMARY KEY, owner TEXT NOT NULL, balance BIGINT NOT NULL);
            INSERT INTO bench_accounts SELECT n, 'account-' || n, %d FROM generate_series(1, %d) n;
            CREATE OR REPLACE FUNCTION bench_transfer(source BIGINT, target BIGINT, amount BIGINT) RETURNS VOID AS $$
            DECLARE source_balance BIGINT;
            BEGIN
              PERFORM 1 FROM bench_accounts WHERE id IN (source, target) ORDER BY id FOR UPDATE;
              SELECT balance INTO STRICT source_balance FROM bench_accounts WHERE id = source;
              IF source_balance < amount THEN RAISE EXCEPTION 'insufficient funds'; END IF;
              UPDATE bench_accounts SET balance = balance - amount WHERE id = source;
              UPDATE bench_accounts SET balance = balance + amount WHERE id = target;
            END $$ LANGUAGE plpgsql;
            """.formatted(openingBalance, accounts));
        server.execute("ANALYZE bench_accounts");
        return new PostgresTransfers(server, accounts);
    }

    /**
     * Transfers per second.
     *
     * @param inFlight calls at once, each on a connection of its own, up to a number
     */
    double perSecond(int inFlight, long nanos, long seed) throws SQLException, InterruptedException {
        int connections = Math.min(inFlight, CONNECTIONS_MAX);
        SplittableRandom random = new SplittableRandom(seed);
        List<Future<Long>> running = new ArrayList<>();
        long begin = System.nanoTime();
        try (ExecutorService clients = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                SplittableRandom own = random.split();
                running.add(clients.submit(() -> run(own, begin + nanos)));
            }
        }
        long elapsed = System.nanoTime() - begin;
        long count = 0;
        for (Future<Long> each : running) {
            try {
                count += each.get();
            } catch (ExecutionException e) {
                throw new SQLException("transfers in PostgreSQL failed", e);
            }
        }
        return count * 1e9 / elapsed;
    }

    private long run(SplittableRandom random, long untilNanos) throws SQLException {
        long count = 0;
        try (Connection connection = server.connect();
                CallableStatement transfer = connection.prepareCall("SELECT bench_transfer(?, ?, 1)")) {
            while (System.nanoTime() - untilNanos < 0) {
                long source = 1L + random.nextInt(accounts);
                transfer.setLong(1, source);
                transfer.setLong(2, 1L + (source + random.nextInt(accounts - 1)) % accounts);
                transfer.execute();
                count++;
            }
        }
        return count;
    }
}
