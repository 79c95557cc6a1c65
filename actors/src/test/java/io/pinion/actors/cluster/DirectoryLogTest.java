package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The logs of partitions are cut again and again. */
@Timeout(120)
class DirectoryLogTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int WHOLE_AFTER = 5;
    private static final String SETTINGS = "pinion.directory.whole-after = " + WHOLE_AFTER + "\n";
    private static final Identity ALICE = Identity.derive("localhost", "alice");
    private static final List<String> NAMES = List.of("bank", "shop", "park", "lake");
    private static final List<Identity> DATABASES = IntStream.range(0, 4)
            .mapToObj(number -> Identity.derive("localhost", "database " + number))
            .toList();

    @TempDir
    private Path directory;

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void aPartitionKnowsAllThatItKnewAndItsLogStaysShort() {
        long seed = ThreadLocalRandom.current().nextLong();
        List<Object> before;
        try (TestNode node = TestNode.start(directory, SETTINGS)) {
            change(node.pinion().directory(), new Random(seed));
            before = known(node.pinion().directory());
        }
        try (TestNode node = TestNode.start(directory, SETTINGS)) {
            assertEquals(before, known(node.pinion().directory()), "seed " + seed);
            node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
                assertLogsAreShort(node);
                return 0;
            });
            change(node.pinion().directory(), new Random(seed + 1));
            before = known(node.pinion().directory());
        }
        try (TestNode node = TestNode.start(directory, SETTINGS)) {
            assertEquals(before, known(node.pinion().directory()), "seed " + seed);
        }
    }

    private static void change(DirectoryClient directory, Random random) {
        for (int change = 0; change < 400; change++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            Identity database = DATABASES.get(random.nextInt(DATABASES.size()));
            CompletionStage<?> done = switch (random.nextInt(9)) {
                case 0 -> directory.reserveName(name, database, ALICE);
                case 1 -> directory.confirmName(name, database);
                case 2 -> directory.releaseName(name, database);
                case 3 -> directory.unbindName(name, database);
                case 4 -> directory.register(database, ALICE, name);
                case 5 -> directory.unregister(database);
                case 6 -> directory.setNames(database, List.of(name));
                case 7 -> directory.lock(database, random.nextBoolean());
                default -> directory.wake(database, random.nextBoolean() ? 1 : Long.MAX_VALUE);
            };
            await(done);
        }
    }

    private static List<Object> known(DirectoryClient directory) {
        List<Object> known = new ArrayList<>();
        NAMES.forEach(name -> known.add(await(directory.findName(name))));
        for (Identity database : DATABASES) {
            known.add(await(directory.names(database)));
            known.add(await(directory.isLocked(database)));
        }
        known.add(await(directory.ownedBy(ALICE)));
        List<Identity> due = new ArrayList<>();
        for (int partition = 0; partition < DirectoryClient.PARTITIONS; partition++) {
            due.addAll(await(directory.due(partition)));
        }
        known.add(due.stream().sorted().toList());
        return known;
    }

    private static void assertLogsAreShort(TestNode node) {
        int longest = 0;
        for (int partition = 0; partition < DirectoryClient.PARTITIONS; partition++) {
            List<Long> events = events(node, partition);
            int number = partition;
            assertTrue(events.size() <= WHOLE_AFTER + 1, () -> "partition " + number + " has " + events);
            longest = Math.max(longest, events.isEmpty() ? 0 : Math.toIntExact(events.getLast()));
        }
        assertFalse(longest < 3 * WHOLE_AFTER, "no log was cut more than once");
    }

    private static List<Long> events(TestNode node, int partition) {
        CurrentEventsByPersistenceIdQuery journal = PersistenceQuery.get(node.system())
                .getReadJournalFor(CurrentEventsByPersistenceIdQuery.class, "pinion.journal.query");
        return await(journal.currentEventsByPersistenceId(
                        DirectoryPartition.persistenceId(Integer.toString(partition))
                                .id(),
                        0,
                        Long.MAX_VALUE)
                .map(envelope -> envelope.sequenceNr())
                .runWith(Sink.seq(), node.system()));
    }
}
