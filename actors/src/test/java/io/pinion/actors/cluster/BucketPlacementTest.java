package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** The placement of buckets as the coordinator asks for it, with records in memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BucketPlacementTest {
    private static final Address SELF = new Address("pekko", "pinion", "127.0.0.1", 1);

    @SuppressWarnings("NullAway.Init") // set before all tests
    private ActorTestKit kit;

    @BeforeAll
    void start() {
        kit = ActorTestKit.create();
    }

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    private static final class Records implements BucketRecords {
        private final Map<String, Address> places = new HashMap<>();
        private int readCount;
        private boolean isFailing;

        @Override
        public CompletionStage<?> wish(String bucket, Address node) {
            throw new UnsupportedOperationException("the coordinator has no wishes");
        }

        @Override
        public CompletionStage<?> placed(String bucket, @Nullable Address known, Address node) {
            places.put(bucket, node);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<Map<String, Address>> all() {
            readCount++;
            return isFailing
                    ? CompletableFuture.failedStage(new IllegalStateException("they cannot be read"))
                    : CompletableFuture.completedStage(Map.copyOf(places));
        }
    }

    private static final class Coordinator {
        private final Records records = new Records();
        private final ActorRef region;
        private long nanos;
        private final BucketPlacement placement = new BucketPlacement(records, SELF, _ -> 0, () -> nanos);

        Coordinator(ActorTestKit kit) {
            this.region = Adapter.toClassic(kit.createTestProbe().getRef());
        }

        ActorRef place(int bucket) {
            return result(placement.allocateShard(region, Integer.toString(bucket), Map.of(region, seq())));
        }

        Set<String> misplaced() {
            return result(placement.rebalance(Map.of(region, seq("1")), Set.of()));
        }

        void pass(Duration time) {
            nanos += time.toNanos();
        }

        private static IndexedSeq<String> seq(String... buckets) {
            return CollectionConverters.asScala(List.of(buckets)).toIndexedSeq();
        }

        private static <T> T result(Future<T> future) {
            return FutureConverters.asJava(future)
                    .toCompletableFuture()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
        }
    }

    @Test
    void bucketsThatArePlacedAtOnceTakeOneReadingOfTheRecords() {
        Coordinator coordinator = new Coordinator(kit);

        for (int bucket = 0; bucket < 1024; bucket++) {
            assertEquals(coordinator.region, coordinator.place(bucket));
        }

        assertEquals(1, coordinator.records.readCount);
        assertEquals(1024, coordinator.records.places.size());
    }

    @Test
    void aMomentLaterTheyAreReadAgain() {
        Coordinator coordinator = new Coordinator(kit);
        coordinator.place(1);
        assertEquals(Set.of(), coordinator.misplaced());
        assertEquals(1, coordinator.records.readCount);

        coordinator.pass(Duration.ofSeconds(1));
        assertEquals(Set.of(), coordinator.misplaced());

        assertEquals(2, coordinator.records.readCount);
    }

    @Test
    void recordsThatCouldNotBeReadAreReadAgainForTheNextBucket() {
        Coordinator coordinator = new Coordinator(kit);
        coordinator.records.isFailing = true;
        assertEquals(coordinator.region, coordinator.place(1));

        coordinator.records.isFailing = false;
        coordinator.place(2);
        coordinator.place(3);

        assertEquals(2, coordinator.records.readCount);
    }
}
