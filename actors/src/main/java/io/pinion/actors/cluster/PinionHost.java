package io.pinion.actors.cluster;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.RetiredCalls;
import io.pinion.actors.durability.JournalMeter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.ShardingMessageExtractor;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.util.ByteString;

/**
 * The databases of a cluster, as an embedding service or the node's HTTP front uses them. Threadsafe; no method blocks.
 * Stages fail only with a {@link java.util.concurrent.TimeoutException} or a defect, and those of what the directory knows
 * with a {@link HostingRefusedException} where this node may not host any; what else can be expected is a value.
 */
public interface PinionHost {
    /** How many buckets there are. */
    int BUCKET_COUNT = 1024;

    /** Says which one a database is in. */
    ShardingMessageExtractor<ShardingEnvelope<Database.Command>, Database.Command> BUCKETS =
            ShardingDefaults.extractor(BUCKET_COUNT);

    /** The database of that identity, wherever it lives; whether it exists is known when it answers. */
    EntityRef<Database.Command> database(Identity identity);

    /** Whether several nodes host databases, so that calls can be lost with one of them and need request ids. */
    boolean areHostsSeveral();

    /**
     * Asks a database, wherever it lives, and again while it moves. What changes nothing and calls with a request id are
     * also sent again when their node dies or does not answer for {@code pinion.host.repeat-after}; in a cluster of several
     * hosts a call of a reducer without an id gets one. Everything else is {@link Database.OutcomeUnknown} then.
     *
     * @param command made for each attempt, with the actor to answer
     */
    <O extends Database.Message> CompletionStage<O> ask(
            Identity database, Function<ActorRef<O>, Database.Command> command, Duration timeout);

    /** The database that a name points at. */
    CompletionStage<Optional<Identity>> resolve(String name);

    /** Names that point at a database. */
    CompletionStage<List<String>> names(Identity database);

    /** Databases whose owner it is. */
    CompletionStage<List<Identity>> ownedBy(Identity owner);

    /**
     * Publishes a program. A name is bound only when the database exists; a publish that fails leaves nothing behind.
     *
     * @param clear drop all data of an existing database first
     * @param policy what an update may do to clients
     * @throws IllegalArgumentException if a name is not valid; see {@link DatabaseName}
     */
    CompletionStage<PublishResult> publish(
            Target target, Bytes program, Identity publisher, boolean clear, Database.Policy policy);

    /** As above, for an update that clients do not notice. */
    default CompletionStage<PublishResult> publish(Target target, Bytes program, Identity publisher, boolean clear) {
        return publish(target, program, publisher, clear, Database.Policy.Compatible.INSTANCE);
    }

    /**
     * Gives a database one more name.
     *
     * @throws IllegalArgumentException if the name is not valid; see {@link DatabaseName}
     */
    CompletionStage<NamingOutcome> addName(Identity database, Identity caller, String name);

    /**
     * Gives a database these names in place of all that it has. A name that is bound is refused, even if it is its own.
     *
     * @throws IllegalArgumentException if a name is not valid; see {@link DatabaseName}
     */
    CompletionStage<NamingOutcome> rename(Identity database, Identity caller, List<String> names);

    /** A locked database can neither be deleted nor lose its data. */
    CompletionStage<NamingOutcome> lock(Identity database, Identity caller, boolean locked);

    /** Ends a database; names keep pointing at its identity. */
    CompletionStage<Database.DeleteOutcome> delete(Identity database, Identity caller);

    /**
     * Makes a database of a backup, or of the copy of another one; or replaces one. A name is bound only when the database
     * exists, and a restore that fails leaves nothing behind. Completes when the database serves.
     *
     * @throws IllegalArgumentException if a name is not valid; see {@link DatabaseName}
     */
    CompletionStage<RestoreResult> restore(Target target, Restoration restoration);

    /** The databases that are on this node now, in no order. */
    List<DatabaseState> databasesHere();

    /** What this node has done since it started. */
    NodeCounts countsHere();

    /**
     * What a node has done.
     *
     * @param retired calls of databases that have left it
     */
    record NodeCounts(RetiredCalls retired, JournalMeter.Counts journal) {}

    /** The bucket of a database: from 0 to {@link #BUCKET_COUNT} - 1, fixed for life. A bucket is on one node, with all in it. */
    static int bucket(Identity database) {
        return Integer.parseInt(BUCKETS.shardId(database.toHex()));
    }

    /**
     * Which node each bucket is on, or on its way to; those that nobody has asked for are missing. As this node knows it,
     * which may be some seconds behind.
     */
    CompletionStage<Map<Integer, Address>> locations();

    /**
     * Has a bucket moved to another node, where its databases start again when they are asked or have something to do.
     * Completes when that is recorded; the move begins within {@code pinion.sharding.relocate-interval} or so.
     *
     * @param bucket see {@link #bucket}
     * @param node a member of the cluster that hosts databases
     */
    CompletionStage<RelocateOutcome> relocate(int bucket, Address node);

    sealed interface RelocateOutcome {}

    /** It is on its way, or there. */
    record Relocating(int bucket, Address node) implements RelocateOutcome {}

    record NotRelocated(String reason) implements RelocateOutcome {}

    /**
     * What the nodes have to do, for the choice among them when a bucket has no place. Asked on the node of the coordinator,
     * at any time and by any thread.
     *
     * @param loads busy fraction of a node; negative if it is not known, positive infinity if it is to get nothing
     */
    void placeBy(ToDoubleFunction<Address> loads);

    /** The snapshots of a database that are kept, oldest first. */
    CompletionStage<List<DatabaseState.Snapshot>> snapshots(Identity database);

    /** What came of what an owner wanted of the directory. */
    sealed interface NamingOutcome {
        record Done() implements NamingOutcome {}

        record NotTheOwner(Identity owner) implements NamingOutcome {}

        /** Nothing was changed. */
        record NameTaken(String name, Identity owner) implements NamingOutcome {}

        /** There is no database, or none that answers now. */
        record NotThere(Database.Refusal refusal) implements NamingOutcome {}
    }

    /**
     * What is restored, and for whom.
     *
     * @param archive read once; not at all if it is refused at once
     * @param replace whether there may be a database already
     * @param owner of the database; whoever asks if empty, or the owner of what is replaced
     */
    record Restoration(
            SourceRef<ByteString> archive,
            Database.RestorePoint point,
            boolean replace,
            Optional<Identity> owner,
            Database.Requester requester) {}

    /** The answer of the database that the backup went to. */
    record RestoreResult(Identity database, Database.RestoreOutcome outcome) {}

    /** Where a program goes. */
    sealed interface Target {
        /** A fresh identity without a name. */
        record Fresh() implements Target {}

        /** The database of that name, or a fresh identity that the name is then bound to. */
        record Named(String name) implements Target {}

        /** Exactly that identity. */
        record Identified(Identity identity) implements Target {}
    }

    /** The answer of the database that the program went to. */
    record PublishResult(Identity database, Database.PublishOutcome outcome) {}
}
