package io.pinion.actors.cluster;

import io.pinion.actors.cluster.Directory.Command;
import io.pinion.actors.cluster.Directory.NameAnswer;
import io.pinion.actors.durability.SideLogs;
import io.pinion.store.value.Identity;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/**
 * Asks the partitions of the directory. Where this node may not host databases every question fails with a {@link
 * HostingRefusedException}: the partition would be another journal's. Threadsafe.
 */
final class DirectoryClient {
    /** Fixed for life: the partition of a name or an identity follows from its hash. */
    static final int PARTITIONS = 64;

    private static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "pinion-directory");

    private static final Duration ATTEMPT = Duration.ofSeconds(2);

    private final ClusterSharding sharding;
    private final Duration timeout;
    private final Clock clock;
    private final Supplier<Optional<String>> refusal;

    private DirectoryClient(
            ClusterSharding sharding, Duration timeout, Clock clock, Supplier<Optional<String>> refusal) {
        this.sharding = sharding;
        this.refusal = refusal;
        this.timeout = timeout;
        this.clock = clock;
    }

    /** @param refusal why this node may not host databases, empty if it may; asked by any thread */
    static DirectoryClient start(
            ActorSystem<?> system,
            DirectoryPartition.Settings settings,
            Duration timeout,
            Clock clock,
            Supplier<Optional<String>> refusal) {
        ClusterSharding sharding = ClusterSharding.get(system);
        SideLogs logs = new SideLogs(system, settings.journalPluginId());
        sharding.init(Entity.of(TYPE, context -> DirectoryPartition.create(context.getEntityId(), settings, logs))
                .withSettings(ShardingDefaults.settings(system))
                .withMessageExtractor(ShardingDefaults.extractor(PARTITIONS)));
        return new DirectoryClient(sharding, timeout, clock, refusal);
    }

    CompletionStage<NameAnswer> findName(String name) {
        return ask(name.hashCode(), replyTo -> new Command.FindName(name, replyTo));
    }

    CompletionStage<NameAnswer> reserveName(String name, Identity database, Identity owner) {
        return ask(name.hashCode(), replyTo -> new Command.ReserveName(name, database, owner, clock.millis(), replyTo));
    }

    CompletionStage<NameAnswer> confirmName(String name, Identity database) {
        return ask(name.hashCode(), replyTo -> new Command.ConfirmName(name, database, replyTo));
    }

    CompletionStage<NameAnswer> releaseName(String name, Identity database) {
        return ask(name.hashCode(), replyTo -> new Command.ReleaseName(name, database, replyTo));
    }

    CompletionStage<NameAnswer> unbindName(String name, Identity database) {
        return ask(name.hashCode(), replyTo -> new Command.UnbindName(name, database, replyTo));
    }

    CompletionStage<Directory.Done> setNames(Identity database, List<String> names) {
        return ask(hash(database), replyTo -> new Command.SetNames(database, names, replyTo));
    }

    CompletionStage<Directory.Lock> lock(Identity database, boolean locked) {
        return ask(hash(database), replyTo -> new Command.LockDatabase(database, locked, replyTo));
    }

    CompletionStage<Boolean> isLocked(Identity database) {
        return this.<Directory.Lock>ask(hash(database), replyTo -> new Command.FindLock(database, replyTo))
                .thenApply(Directory.Lock::locked);
    }

    CompletionStage<Directory.Done> register(Identity database, Identity owner, String name) {
        return ask(hash(database), replyTo -> new Command.RegisterDatabase(database, owner, name, replyTo));
    }

    CompletionStage<Directory.Done> unregister(Identity database) {
        return ask(hash(database), replyTo -> new Command.UnregisterDatabase(database, replyTo));
    }

    CompletionStage<List<String>> names(Identity database) {
        return this.<Directory.Names>ask(hash(database), replyTo -> new Command.ListNames(database, replyTo))
                .thenApply(Directory.Names::names);
    }

    /** Asks every partition, as an owner's databases lie in those of their own identities. */
    CompletionStage<List<Identity>> ownedBy(Identity owner) {
        List<CompletableFuture<Directory.Owned>> answers = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> this.<Directory.Owned>ask(
                                partition, replyTo -> new Command.ListOwned(owner, replyTo))
                        .toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(_ -> {
                    List<Identity> databases = new ArrayList<>();
                    answers.forEach(answer -> databases.addAll(answer.join().databases()));
                    databases.sort(null);
                    return databases;
                });
    }

    CompletionStage<Directory.Done> wake(Identity database, long atMicros) {
        return ask(
                hash(database),
                replyTo -> new Command.SetWake(
                        database, atMicros, TimeUnit.MILLISECONDS.toMicros(clock.millis()), replyTo));
    }

    /** The databases of one partition that are to be in memory by now. */
    CompletionStage<List<Identity>> due(int partition) {
        return this.<Directory.Owned>ask(
                        partition,
                        replyTo -> new Command.ListDue(TimeUnit.MILLISECONDS.toMicros(clock.millis()), replyTo))
                .thenApply(Directory.Owned::databases);
    }

    private static Duration atLeastMoment(Duration left) {
        return left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
    }

    private static int hash(Identity identity) {
        return Long.hashCode(identity.word0());
    }

    private <A> CompletionStage<A> ask(int hash, Function<ActorRef<A>, Command> command) {
        Optional<String> refused = refusal.get();
        return refused.isPresent()
                ? CompletableFuture.failedStage(new HostingRefusedException(refused.get()))
                : ask(partition(Math.floorMod(hash, PARTITIONS)), command, System.nanoTime() + timeout.toNanos());
    }

    /** @param number from 0 to {@link #PARTITIONS} - 1 */
    EntityRef<Command> partition(int number) {
        return sharding.entityRefFor(TYPE, Integer.toString(number));
    }

    /**
     * Again while there is time: a partition that moves may lose a question, and none does harm when it is asked twice. A
     * failure that comes at once is none of that: the node ends.
     */
    private <A> CompletionStage<A> ask(
            EntityRef<Command> partition, Function<ActorRef<A>, Command> command, long deadlineNanos) {
        long askedNanos = System.nanoTime();
        Duration left = Duration.ofNanos(deadlineNanos - askedNanos);
        boolean isLast = left.compareTo(ATTEMPT.multipliedBy(2)) < 0;
        CompletionStage<A> answer = partition.ask(command::apply, isLast ? atLeastMoment(left) : ATTEMPT);
        return isLast
                ? answer
                : answer.exceptionallyCompose(failure -> System.nanoTime() - askedNanos < ATTEMPT.toNanos() / 2
                        ? CompletableFuture.failedStage(failure)
                        : ask(partition, command, deadlineNanos));
    }
}
