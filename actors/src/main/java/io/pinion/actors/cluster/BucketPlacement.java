package io.pinion.actors.cluster;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.sharding.ShardCoordinator.AbstractShardAllocationStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/**
 * Where a bucket goes: to the node that is recorded for it, if that hosts; else, or if the records cannot be read, to the host
 * with the least to do, which is recorded. A bucket whose record names another host than it is on is moved there. Hosts are
 * members whose regions take shards: proxies are never asked for one. Used by the coordinator, one call at a time.
 *
 * <p>What a host has to do is its buckets, those of a busy node counting for more: reports are a second old, and after the
 * loss of a node hundreds of buckets are placed within one.
 */
final class BucketPlacement extends AbstractShardAllocationStrategy {
    private static final Logger LOG = LoggerFactory.getLogger(BucketPlacement.class);

    /**
     * So long a reading of the records serves. Each is one of all of them at most of the nodes, and the loss of a node has
     * hundreds of buckets placed at once.
     */
    private static final long READING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final BucketRecords records;
    private final Address self;
    private final ToDoubleFunction<Address> loads;
    private final LongSupplier nanoTime;
    private @Nullable CompletableFuture<Map<String, Address>> reading;
    private long readingBegan;

    /** @param loads busy fraction of a node; negative if it is not known, positive infinity if it is to get nothing */
    BucketPlacement(BucketRecords records, Address self, ToDoubleFunction<Address> loads) {
        this(records, self, loads, System::nanoTime);
    }

    BucketPlacement(BucketRecords records, Address self, ToDoubleFunction<Address> loads, LongSupplier nanoTime) {
        this.records = records;
        this.self = self;
        this.loads = loads;
        this.nanoTime = nanoTime;
    }

    @Override
    public Future<ActorRef> allocateShard(
            ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> allocations) {
        return FutureConverters.asScala(known().thenApply(recorded -> place(shard, recorded, counts(allocations))));
    }

    private ActorRef place(String shard, Map<String, Address> recorded, Map<ActorRef, Integer> counts) {
        Optional<ActorRef> wanted = regionAt(recorded.get(shard), counts.keySet());
        return wanted.orElseGet(() -> {
            ActorRef chosen = leastLoaded(counts);
            record(shard, recorded.get(shard), addressOf(chosen));
            return chosen;
        });
    }

    private void record(String shard, @Nullable Address known, Address node) {
        var _ = records.placed(shard, known, node).whenComplete((_, failure) -> {
            if (failure != null) {
                LOG.warn("that bucket {} is on {} was not recorded: {}", shard, node, failure.toString());
            }
        });
    }

    private ActorRef leastLoaded(Map<ActorRef, Integer> counts) {
        return counts.entrySet().stream()
                .min(Comparator.<Map.Entry<ActorRef, Integer>>comparingDouble(
                                entry -> work(addressOf(entry.getKey()), entry.getValue()))
                        .thenComparing(entry -> addressOf(entry.getKey()), Address.addressOrdering()))
                .orElseThrow(() -> new IllegalStateException("no node of the cluster hosts databases"))
                .getKey();
    }

    private double work(Address node, int buckets) {
        return (buckets + 1) * (1 + Math.max(0, loads.applyAsDouble(node)));
    }

    @Override
    public Future<Set<String>> rebalance(Map<ActorRef, IndexedSeq<String>> allocations, Set<String> inProgress) {
        return FutureConverters.asScala(known().thenApply(recorded -> misplaced(recorded, allocations, inProgress)));
    }

    private Set<String> misplaced(
            Map<String, Address> recorded, Map<ActorRef, IndexedSeq<String>> allocations, Set<String> inProgress) {
        Set<String> misplaced = new HashSet<>();
        allocations.forEach((region, shards) -> shards.foreach(shard -> {
            Optional<ActorRef> wanted = regionAt(recorded.get(shard), allocations.keySet());
            if (wanted.isPresent() && !wanted.get().equals(region) && !inProgress.contains(shard)) {
                misplaced.add(shard);
            }
            return null;
        }));
        return misplaced;
    }

    /** Nothing if the records cannot be read just now: the coordinator waits for the answer. */
    private CompletionStage<Map<String, Address>> known() {
        long now = nanoTime.getAsLong();
        CompletableFuture<Map<String, Address>> current = reading;
        if (current == null || current.isCompletedExceptionally() || now - readingBegan >= READING_NANOS) {
            current = records.all().toCompletableFuture();
            reading = current;
            readingBegan = now;
        }
        return current.exceptionally(failure -> {
            LOG.warn("the recorded places of buckets could not be read: {}", failure.toString());
            return Map.of();
        });
    }

    private Optional<ActorRef> regionAt(@Nullable Address node, Set<ActorRef> regions) {
        return regions.stream().filter(region -> addressOf(region).equals(node)).findAny();
    }

    private static Map<ActorRef, Integer> counts(Map<ActorRef, IndexedSeq<String>> allocations) {
        Map<ActorRef, Integer> counts = new HashMap<>();
        allocations.forEach((region, shards) -> counts.put(region, shards.size()));
        return counts;
    }

    /** The region on the coordinator's own node has no address in its path. */
    private Address addressOf(ActorRef region) {
        Address address = region.path().address();
        return address.hasLocalScope() ? self : address;
    }
}
