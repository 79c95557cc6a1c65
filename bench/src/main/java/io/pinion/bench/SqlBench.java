package io.pinion.bench;

import io.pinion.store.tx.Delta;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Queries by their text beside SQLite, and what subscriptions add to a commit. */
@Command(
        name = "sql",
        description = "SQL queries in Pinion's store and in SQLite in memory, and subscriptions after a commit.",
        mixinStandardHelpOptions = true)
final class SqlBench implements Callable<Integer> {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final String PREPARED_POINT = "SELECT * FROM person WHERE id = ?";
    private static final int KEYS = 1_000;
    private static final int RANGE = 100;
    private static final int WARM_UP_ROUNDS = 3;

    @Option(names = "--rows", defaultValue = "100000", description = "people (default: ${DEFAULT-VALUE})")
    private int rows = 100_000;

    @Option(names = "--subscriptions", defaultValue = "1000", description = "by key (default: ${DEFAULT-VALUE})")
    private int subscriptions = 1_000;

    @Option(
            names = "--seconds",
            defaultValue = "0.5",
            description = "of each case and round (default: ${DEFAULT-VALUE})")
    private double seconds = 0.5;

    @Option(names = "--rounds", defaultValue = "7", description = "that count (default: ${DEFAULT-VALUE})")
    private int roundCount = 7;

    @Mixin
    private Output output = new Output();

    private final Rounds rounds = new Rounds();

    /** @param sql the query of each turn */
    private record Case(String name, IntFunction<String> sql) {}

    private interface Work {
        void turn(int number) throws SQLException;
    }

    @Override
    public Integer call() throws SQLException {
        if (rows < 2 * KEYS || roundCount < 1 || seconds <= 0 || subscriptions < 1) {
            throw new IllegalArgumentException("2000 rows, 1 round, 1 subscription and some time are needed");
        }
        output.progress("sql: filling " + 3L * rows + " rows twice");
        Shop shop = new Shop(rows);
        List<Case> cases = cases();
        try (SqliteShop sqlite = new SqliteShop(rows);
                PreparedStatement point = sqlite.prepare(PREPARED_POINT)) {
            for (Case each : cases) {
                requireEqual(each.sql().apply(1), shop, sqlite);
            }
            for (int round = -WARM_UP_ROUNDS; round < roundCount; round++) {
                output.progress("sql: round " + round);
                for (Case each : cases) {
                    measure(
                            round,
                            each.name() + "_pinion",
                            number -> shop.run(each.sql().apply(number)));
                    measure(
                            round,
                            each.name() + "_sqlite",
                            number -> sqlite.run(each.sql().apply(number)));
                }
                measure(round, "point_sqlite_prepared", number -> sqlite.run(point, key(number)));
            }
        }
        BenchReport report = BenchReport.ofCheckout("sql");
        cases.forEach(each -> report(each, report));
        report.add("point_sqlite_prepared", "us", "µs", rounds.median("point_sqlite_prepared", "us"));
        measureSubscriptions(report);
        output.print(report);
        return 0;
    }

    private List<Case> cases() {
        return List.of(
                new Case("point", this::point),
                new Case("again", _ -> point(1)),
                new Case(
                        "range",
                        number -> "SELECT * FROM person WHERE id >= " + key(number) + " AND id < "
                                + (key(number) + RANGE)),
                new Case(
                        "join",
                        number -> "SELECT purchase.* FROM person JOIN purchase"
                                + " ON person.id = purchase.person_id WHERE person.city = '" + Shop.city(number) + "'"),
                new Case("scan", number -> "SELECT COUNT(*) AS n FROM person WHERE age > " + number % Shop.AGES));
    }

    private String point(int number) {
        return "SELECT * FROM person WHERE id = " + key(number);
    }

    private int key(int number) {
        return (int) (number % KEYS * 7919L % (rows - RANGE));
    }

    private static void requireEqual(String sql, Shop shop, SqliteShop sqlite) throws SQLException {
        long ours = shop.count(sql);
        long theirs = sqlite.run(sql);
        StoreSubject.require(ours == theirs && ours > 0, sql + ": " + ours + " rows, not " + theirs);
    }

    /** CPU time of this thread for one turn; rounds below 0 warm up. */
    private void measure(int round, String kase, Work work) throws SQLException {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        int turns = 0;
        do {
            work.turn(turns++);
        } while (System.nanoTime() < end);
        if (round >= 0) {
            rounds.add(kase, "us", (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3 / turns);
        }
    }

    private void report(Case each, BenchReport report) {
        String ours = each.name() + "_pinion";
        String theirs = each.name() + "_sqlite";
        report.add(ours, "us", "µs", rounds.median(ours, "us"));
        report.add(ours, "sqlite_to_pinion", "x", rounds.medianRatio(theirs, ours, "us"));
        report.add(theirs, "us", "µs", rounds.median(theirs, "us"));
    }

    private void measureSubscriptions(BenchReport report) throws SQLException {
        Shop points = new Shop(rows);
        for (int i = 0; i < subscriptions; i++) {
            points.subscribe("SELECT * FROM person WHERE id = " + i);
        }
        Shop join = new Shop(rows);
        join.subscribe("SELECT purchase.* FROM person JOIN purchase ON person.id = purchase.person_id"
                + " WHERE person.age >= " + Shop.AGES);
        for (int round = -WARM_UP_ROUNDS; round < roundCount; round++) {
            measure(round, "commit_points", points);
            measure(round, "commit_join", join);
        }
        for (String kase : List.of("commit_points", "commit_join")) {
            report.add(kase, "us", "µs", rounds.median(kase, "us"));
            report.add(kase, "evaluations", "", rounds.median(kase, "evaluations"));
        }
    }

    private void measure(int round, String kase, Shop shop) throws SQLException {
        long before = shop.evaluations();
        int[] turns = new int[1];
        measure(round, kase, number -> {
            Delta delta = shop.birthday(number % subscriptions);
            StoreSubject.require(shop.evaluate(delta) <= 1, "one subscription at most has changed");
            turns[0]++;
        });
        if (round >= 0) {
            rounds.add(kase, "evaluations", (double) (shop.evaluations() - before) / turns[0]);
        }
    }
}
