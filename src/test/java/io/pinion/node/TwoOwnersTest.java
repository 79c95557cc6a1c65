package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Moved;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Rows;
import io.pinion.store.value.Identity;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Live copies of one database on two hosts that share a PostgreSQL server: one of them owns the log. */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Timeout(300)
class TwoOwnersTest {
    private static final Path CONFIG = Path.of("main/dist/conf/postgresql.conf");
    private static final int COPIES_MAX = 3;
    private static final String NEVER = "1 hour";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PostgresServer server;

    private final List<LedgerHost> hosts = new ArrayList<>();
    private String journal = "";
    private int identities;

    @BeforeEach
    void prepare(PostgresServer running) throws Exception {
        server = running;
        journal = server.createDatabase();
    }

    @AfterEach
    void stop() {
        hosts.forEach(LedgerHost::close);
    }

    /** @param backoffs how long a fenced copy stays away before it takes its log over again, by host */
    private void startHosts(String... backoffs) throws NodeStartException {
        for (String backoff : backoffs) {
            hosts.add(LedgerHost.start(
                    directory.resolve("host-" + hosts.size()),
                    Optional.of(CONFIG),
                    Map.of(
                            "pinion.postgresql.url",
                            server.url(journal),
                            "pinion.postgresql.connections",
                            8,
                            "pinion.durability.restart-backoff-min",
                            backoff,
                            "pinion.durability.restart-backoff-max",
                            backoff)));
        }
    }

    private Identity fresh() {
        identities++;
        return Identity.derive("localhost", "ledger " + identities);
    }

    @Test
    void inEveryOrderOfStepsOnlyTheCopyThatOpenedLastIsAcknowledged() throws Exception {
        startHosts(NEVER, NEVER);
        assertEquals(341, orders(4));
    }

    @Test
    @Tag("slow")
    void theSameForLongerOrders() throws Exception {
        startHosts(NEVER, NEVER);
        assertEquals(5461, orders(6));
    }

    /** A step opens one more copy, up to the third, or writes in one that was opened. All words of them up to a length. */
    private int orders(int lengthMax) {
        List<List<Integer>> words = new ArrayList<>();
        words.add(List.of());
        int done = 0;
        while (done < words.size()) {
            List<Integer> word = words.get(done);
            done++;
            run(word);
            if (word.size() < lengthMax) {
                IntStream.rangeClosed(0, COPIES_MAX).forEach(step -> words.add(append(word, step)));
            }
        }
        return done;
    }

    private static List<Integer> append(List<Integer> word, int step) {
        List<Integer> longer = new ArrayList<>(word);
        longer.add(step);
        return longer;
    }

    /** @param word of steps: 0 opens one more copy, n writes in the nth copy; what cannot be done is passed over */
    private void run(List<Integer> word) {
        Identity ledger = fresh();
        List<LedgerHost.Copy> copies = new ArrayList<>();
        copies.add(hosts.get(0).create(ledger));
        List<Boolean> fenced = new ArrayList<>(List.of(false));
        List<CompletableFuture<CallOutcome>> waiting = new ArrayList<>();
        List<Long> acknowledged = new ArrayList<>();
        long id = 0;
        for (int step : word) {
            if (step == 0 && copies.size() < COPIES_MAX) {
                copies.add(hosts.get(copies.size() % 2).open(ledger).awaitServing());
                fenced.add(false);
            } else if (step > 0 && step <= copies.size()) {
                id++;
                CompletionStage<CallOutcome> outcome = copies.get(step - 1).transfer(id);
                String context = "order " + word + ", transfer " + id;
                if (step == copies.size()) {
                    assertInstanceOf(Committed.class, LedgerHost.await(outcome), context);
                    acknowledged.add(id);
                } else if (fenced.get(step - 1)) {
                    waiting.add(outcome.toCompletableFuture());
                } else {
                    assertInstanceOf(OutcomeUnknown.class, LedgerHost.await(outcome), context);
                    fenced.set(step - 1, true);
                }
            }
        }
        for (int i = 0; i < copies.size(); i++) {
            if (!fenced.get(i)) {
                // A copy that was overtaken and has not noticed yet has nothing to tell of its memory either.
                Class<?> expected = i == copies.size() - 1 ? Rows.class : OutcomeUnknown.class;
                assertInstanceOf(
                        expected,
                        LedgerHost.await(copies.get(i).query("SELECT id FROM transfers")),
                        "order " + word + ", read in copy " + (i + 1));
            }
        }
        // A fenced copy keeps what comes until it has recovered.
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone), "order " + word);
        assertEquals(acknowledged, hosts.get(0).open(ledger).checkedTransfers(), "order " + word);
    }

    @Test
    void aWriteThatMeetsATakeoverIsInTheNewOwnersTablesIfItWasAcknowledged() throws Exception {
        // A write that lands while the other is about to open costs that one its first attempt.
        startHosts(NEVER, "5 ms");
        int acknowledged = 0;
        for (int round = 0; round < 16; round++) {
            Identity ledger = fresh();
            LedgerHost.Copy old = hosts.get(0).create(ledger);
            List<CompletionStage<CallOutcome>> writes = new ArrayList<>();
            for (long id = 1; id <= 1 + round % 8; id++) {
                writes.add(old.transfer(id));
            }

            LedgerHost.Copy owner = hosts.get(1).open(ledger);
            List<Long> seen = owner.checkedTransfers();

            for (int i = 0; i < writes.size(); i++) {
                CallOutcome outcome = LedgerHost.await(writes.get(i));
                if (outcome instanceof Committed) {
                    acknowledged++;
                    assertTrue(seen.contains(i + 1L), "round " + round + ": " + (i + 1) + " is not in " + seen);
                }
            }
            assertInstanceOf(Committed.class, LedgerHost.await(owner.transfer(100)));
        }
        assertTrue(acknowledged > 0, "no write came before a takeover");
    }

    @Test
    void aFreshDatabaseThatTwoHostsPublishAtTheSameMomentIsOneOfThem() throws Exception {
        startHosts(NEVER, NEVER);
        for (int round = 0; round < 12; round++) {
            Identity ledger = fresh();
            List<LedgerHost.Copy> copies = bothEmpty(ledger);

            List<CompletionStage<PublishOutcome>> publishes =
                    copies.stream().map(LedgerHost.Copy::publish).toList();
            List<PublishOutcome> outcomes =
                    publishes.stream().map(LedgerHost::await).toList();

            List<Integer> owners = IntStream.range(0, 2)
                    .filter(i -> outcomes.get(i) instanceof Published(boolean created, var _, long _) && created)
                    .boxed()
                    .toList();
            assertEquals(1, owners.size(), () -> "owners by " + outcomes);
            assertInstanceOf(OutcomeUnknown.class, outcomes.get(1 - owners.getFirst()));
            LedgerHost.Copy owner = copies.get(owners.getFirst());
            owner.openAccounts();
            assertInstanceOf(Committed.class, LedgerHost.await(owner.transfer(1)));
            assertEquals(List.of(1L), hosts.get(0).open(ledger).checkedTransfers());
        }
    }

    @Test
    void aCopyThatKnowsOfNoDatabaseDoesNotSaySoOnceThereIsOne() throws Exception {
        startHosts(NEVER, NEVER);
        Identity ledger = fresh();
        List<LedgerHost.Copy> copies = bothEmpty(ledger);
        assertInstanceOf(Published.class, LedgerHost.await(copies.getFirst().publish()));

        assertInstanceOf(Moved.class, LedgerHost.await(copies.getLast().describe()));
    }

    private List<LedgerHost.Copy> bothEmpty(Identity ledger) {
        List<LedgerHost.Copy> copies =
                hosts.stream().map(host -> host.open(ledger)).toList();
        copies.forEach(copy -> assertInstanceOf(NoSuchModule.class, LedgerHost.await(copy.describe())));
        return copies;
    }

    @Test
    void innocentDatabasesDoNotNoticeWritersThatWereOvertaken() throws Exception {
        innocents(40, 20, 2);
    }

    @Test
    @Tag("slow")
    void twoHundredInnocentDatabasesDoNotNoticeEither() throws Exception {
        innocents(200, 20, 20);
    }

    /** Contested ledgers are written to on both hosts, each of which takes them over whenever it was fenced. */
    private void innocents(int innocentCount, int contestedCount, int seconds) throws Exception {
        startHosts("20 ms", "20 ms");
        List<LedgerLoad> contested = new ArrayList<>();
        for (int i = 0; i < contestedCount; i++) {
            Identity ledger = fresh();
            contested.add(LedgerLoad.start(hosts.get(0).create(ledger)));
            contested.add(LedgerLoad.start(hosts.get(1).open(ledger)));
        }
        List<LedgerLoad> innocent = IntStream.range(0, innocentCount)
                .mapToObj(_ -> LedgerLoad.start(hosts.get(0).create(fresh())))
                .toList();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
        contested.forEach(LedgerLoad::stop);
        innocent.forEach(LedgerLoad::stop);

        innocent.forEach(load -> assertEquals("", load.notCommitted()));
        innocent.forEach(load -> assertTrue(!load.committed().isEmpty(), "nothing was committed"));
        int failures =
                contested.stream().mapToInt(load -> load.unknown().size()).sum();
        assertTrue(failures >= contestedCount / 2, "only " + failures + " writes were refused");
    }
}
