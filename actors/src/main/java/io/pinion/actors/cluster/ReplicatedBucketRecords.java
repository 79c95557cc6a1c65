package io.pinion.actors.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.LWWMapKey;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * Records in distributed data: each is written to most of the nodes and read from most of them, so that what was written is
 * read.
 *
 * <p>Of two that are written at the same time the one with the later stamp stays. A wish is stamped with the time, in
 * milliseconds; a placement with one more than the record that it replaces has, so that it is younger than that and older than
 * any wish that its node has not heard of; and it is not written where another record has come since the bucket was placed.
 */
final class ReplicatedBucketRecords implements BucketRecords {
    private static final Key<LWWMap<String, String>> KEY = LWWMapKey.create("pinion-buckets");
    private static final LWWRegister.Clock<String> PLACEMENT = (replaced, _) -> replaced + 1;

    /** After which the replicator says itself what is missing. */
    private static final Duration MOST_NODES = PATIENCE.minusMillis(500);

    private final ActorSystem<?> system;
    private final DistributedData data;

    ReplicatedBucketRecords(ActorSystem<?> system) {
        this.system = system;
        this.data = DistributedData.get(system);
    }

    @Override
    public CompletionStage<?> wish(String bucket, Address node) {
        return update(records -> wished(records, data.selfUniqueAddress(), bucket, node));
    }

    @Override
    public CompletionStage<?> placed(String bucket, @Nullable Address known, Address node) {
        return update(records -> placed(records, data.selfUniqueAddress(), bucket, known, node));
    }

    static LWWMap<String, String> wished(
            LWWMap<String, String> records, SelfUniqueAddress self, String bucket, Address node) {
        return records.put(self, bucket, node.toString());
    }

    static LWWMap<String, String> placed(
            LWWMap<String, String> records,
            SelfUniqueAddress self,
            String bucket,
            @Nullable Address known,
            Address node) {
        Option<String> before = Option.apply(known == null ? null : known.toString());
        return records.get(bucket).equals(before) ? records.put(self, bucket, node.toString(), PLACEMENT) : records;
    }

    private CompletionStage<?> update(UnaryOperator<LWWMap<String, String>> change) {
        return AskPattern.<Replicator.Command, Replicator.UpdateResponse<LWWMap<String, String>>>ask(
                        data.replicator(),
                        replyTo -> new Replicator.Update<>(
                                KEY, LWWMap.empty(), new Replicator.WriteMajority(MOST_NODES), replyTo, change),
                        PATIENCE,
                        system.scheduler())
                .thenCompose(ReplicatedBucketRecords::written);
    }

    private static CompletionStage<?> written(Replicator.UpdateResponse<LWWMap<String, String>> response) {
        return response instanceof Replicator.UpdateSuccess<?>
                ? CompletableFuture.completedStage(response)
                : CompletableFuture.failedStage(new TimeoutException(
                        "most of the nodes did not take the place of a bucket down in time: " + response));
    }

    @Override
    public CompletionStage<Map<String, Address>> all() {
        return AskPattern.<Replicator.Command, Replicator.GetResponse<LWWMap<String, String>>>ask(
                        data.replicator(),
                        replyTo -> new Replicator.Get<>(KEY, new Replicator.ReadMajority(MOST_NODES), replyTo),
                        PATIENCE,
                        system.scheduler())
                .thenCompose(ReplicatedBucketRecords::read);
    }

    private static CompletionStage<Map<String, Address>> read(Replicator.GetResponse<LWWMap<String, String>> response) {
        return switch (response) {
            case Replicator.GetSuccess<LWWMap<String, String>> found ->
                CompletableFuture.completedStage(addresses(found.get(KEY)));
            case Replicator.NotFound<?> _ -> CompletableFuture.completedStage(Map.of());
            default ->
                CompletableFuture.failedStage(new TimeoutException(
                        "most of the nodes did not tell the places of buckets in time: " + response));
        };
    }

    private static Map<String, Address> addresses(LWWMap<String, String> records) {
        return records.getEntries().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> AddressFromURIString.parse(entry.getValue())));
    }
}
