package io.pinion.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseActor;
import io.pinion.actors.database.DatabaseLoad;
import io.pinion.actors.database.DatabaseServices;
import io.pinion.actors.database.DatabaseStatus;
import io.pinion.actors.durability.JournalRule;
import io.pinion.modules.HostType;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * Pinion in an actor system: {@code Pinion.get(system)} hosts databases on this node and reaches those of all others. The
 * system has to be a member of a cluster, one node being enough.
 */
public final class Pinion implements Extension, PinionHost {
    /** The entity type of databases; the entity id is the identity in hex. */
    public static final EntityTypeKey<Command> DATABASE = EntityTypeKey.create(Command.class, "pinion-database");

    /** Fresh identities are derived from an invented subject of this issuer. */
    private static final String ISSUER = "localhost";

    /** Of the whole upload; one that stalls is given up much earlier. */
    private static final Duration RESTORE_TIMEOUT = Duration.ofHours(24);

    private static final Duration MOVE_PAUSE = Duration.ofMillis(50);
    private static final Executor AFTER_MOVE_PAUSE =
            CompletableFuture.delayedExecutor(MOVE_PAUSE.toMillis(), TimeUnit.MILLISECONDS);

    private static final double UNKNOWN_LOAD = -1;

    private static final Id ID = new Id();

    private final ClusterSharding sharding;
    private final Cluster cluster;
    private final String role;
    private final BucketRecords records;
    private final Hosts hosts;
    private final HostCall.Surroundings calls;
    private volatile ToDoubleFunction<Address> loads = _ -> UNKNOWN_LOAD;
    private final DirectoryClient directory;
    private final Naming naming;
    private final NameCache names;
    private final DatabaseServices services;
    private final Duration askTimeout;
    private final Duration publishTimeout;
    private final Duration recoveryPatience;
    private @Nullable FirstLook firstLook;

    private Pinion(ActorSystem<?> system) {
        JournalRule.require(system.settings().config());
        Config config = system.settings().config().getConfig("pinion");
        askTimeout = config.getDuration("host.ask-timeout");
        publishTimeout = config.getDuration("host.publish-timeout");
        Duration reservationTimeout = config.getDuration("directory.reservation-timeout");
        if (reservationTimeout.compareTo(publishTimeout) <= 0) {
            throw new ConfigException.BadValue(
                    "pinion.directory.reservation-timeout", "must be longer than pinion.host.publish-timeout");
        }
        names = new NameCache(config.getDuration("directory.cache"), System::nanoTime);
        sharding = ClusterSharding.get(system);
        cluster = Cluster.get(system);
        role = ShardingDefaults.role(system);
        records = new ReplicatedBucketRecords(system);
        Cores.get(system);
        services = DatabaseServices.start(system);
        system.getWhenTerminated().thenRun(services::close);
        hosts = new Hosts(system, role, services.settings().durability().isJournalShared());
        calls = new HostCall.Surroundings(
                system,
                new LiveDatabases(system, this::database),
                hosts::areSeveral,
                config.getDuration("host.repeat-after"));
        sharding.init(Entity.of(
                        DATABASE,
                        context ->
                                hosts.host(() -> DatabaseActor.create(Identity.parse(context.getEntityId()), services)))
                .withStopMessage(Command.Stop.INSTANCE)
                .withEntityProps(DatabaseActor.props())
                .withSettings(ShardingDefaults.settings(system))
                .withAllocationStrategy(
                        new BucketPlacement(records, cluster.selfMember().address(), node -> loads.applyAsDouble(node)))
                .withMessageExtractor(BUCKETS));
        directory = DirectoryClient.start(
                system,
                new DirectoryPartition.Settings(
                        services.settings().durability().journalPluginId(), reservationTimeout, wholeAfter(config)),
                askTimeout,
                Clock.systemUTC(),
                hosts::refusal);
        naming = new Naming(directory, this, this::describe);
        services.wakeBy(directory::wake);
        recoveryPatience = config.getDuration("host.recovery-patience");
        Waker.start(system, config.getDuration("sharding.wake-interval"), directory, hosts, this::database);
    }

    private static int wholeAfter(Config config) {
        int changes = config.getInt("directory.whole-after");
        if (changes < 1) {
            throw new ConfigException.BadValue("pinion.directory.whole-after", "must be 1 at least");
        }
        return changes;
    }

    public static Pinion get(ActorSystem<?> system) {
        return system.registerExtension(ID);
    }

    @Override
    public EntityRef<Command> database(Identity identity) {
        return sharding.entityRefFor(DATABASE, identity.toHex());
    }

    @Override
    public boolean areHostsSeveral() {
        return hosts.areSeveral();
    }

    @Override
    public CompletionStage<Optional<Identity>> resolve(String name) {
        Optional<String> refused = hosts.refusal();
        if (refused.isPresent()) {
            return CompletableFuture.failedStage(new HostingRefusedException(refused.get()));
        }
        Optional<Identity> known = names.find(name);
        return known.isPresent() ? CompletableFuture.completedStage(known) : askDirectory(name);
    }

    private CompletionStage<Optional<Identity>> askDirectory(String name) {
        return directory.findName(name).thenCompose(answer -> switch (answer) {
            case Directory.NameFree _ -> CompletableFuture.completedStage(Optional.<Identity>empty());
            case Directory.NameBound(Identity database, Identity _) -> {
                names.put(name, database);
                yield CompletableFuture.completedStage(Optional.of(database));
            }
            case Directory.NameReserved(Identity database, Identity _, long _) -> settle(name, database);
        });
    }

    /** Whether a reservation has become a database; if so, does what its publisher's node did not live to do. */
    private CompletionStage<Optional<Identity>> settle(String name, Identity database) {
        return describe(database)
                .thenCompose(
                        outcome -> outcome instanceof Database.Description(Identity owner, HostType _, Bytes _, Bytes _)
                                ? bind(name, database, owner).thenApply(_ -> Optional.of(database))
                                : CompletableFuture.completedStage(Optional.empty()));
    }

    @Override
    public CompletionStage<List<String>> names(Identity database) {
        return directory.names(database);
    }

    @Override
    public CompletionStage<NamingOutcome> addName(Identity database, Identity caller, String name) {
        requireValid(name);
        return naming.add(database, caller, name);
    }

    @Override
    public CompletionStage<NamingOutcome> rename(Identity database, Identity caller, List<String> newNames) {
        newNames.forEach(Pinion::requireValid);
        return naming.replace(database, caller, List.copyOf(new LinkedHashSet<>(newNames)))
                .whenComplete((_, _) -> names.clear());
    }

    private static void requireValid(String name) {
        DatabaseName.problem(name).ifPresent(problem -> {
            throw new IllegalArgumentException("the database name " + name + " is not valid: " + problem);
        });
    }

    @Override
    public CompletionStage<NamingOutcome> lock(Identity database, Identity caller, boolean locked) {
        return naming.lock(database, caller, locked);
    }

    @Override
    public CompletionStage<List<Identity>> ownedBy(Identity owner) {
        return directory.ownedBy(owner);
    }

    @Override
    public CompletionStage<PublishResult> publish(
            Target target, Bytes program, Identity publisher, boolean clear, Database.Policy policy) {
        return switch (target) {
            case Target.Fresh() -> publishUnnamed(freshIdentity(), program, publisher, clear, policy);
            case Target.Identified(Identity identity) -> publishUnnamed(identity, program, publisher, clear, policy);
            case Target.Named(String name) -> publishNamed(name, program, publisher, clear, policy);
        };
    }

    private CompletionStage<PublishResult> publishUnnamed(
            Identity database, Bytes program, Identity publisher, boolean clear, Database.Policy policy) {
        return (clear
                        ? naming.unlessLocked(
                                database,
                                publisher::equals,
                                locked -> locked,
                                () -> askPublish(database, program, publisher, true, policy))
                        : askPublish(database, program, publisher, false, policy))
                .thenCompose(outcome -> outcome instanceof Database.Published
                        ? directory.register(database, publisher, "").thenApply(_ -> outcome)
                        : CompletableFuture.completedStage(outcome))
                .thenApply(outcome -> new PublishResult(database, outcome));
    }

    private CompletionStage<PublishResult> publishNamed(
            String name, Bytes program, Identity publisher, boolean clear, Database.Policy policy) {
        requireValid(name);
        return resolve(name)
                .thenCompose(_ -> directory.reserveName(name, freshIdentity(), publisher))
                .thenCompose(answer -> switch (answer) {
                    case Directory.NameBound(Identity database, Identity owner) ->
                        owner.equals(publisher)
                                ? publishUnnamed(database, program, publisher, clear, policy)
                                : refused(database, new Database.NotOwner(owner));
                    case Directory.NameReserved(Identity database, Identity owner, long _) ->
                        owner.equals(publisher)
                                ? publishReserved(name, database, program, publisher)
                                : refused(database, new Database.NotOwner(owner));
                    case Directory.NameFree _ ->
                        throw new IllegalStateException("the directory reserved " + name + " and calls it free");
                });
    }

    private CompletionStage<PublishResult> publishReserved(
            String name, Identity database, Bytes program, Identity publisher) {
        return askPublish(database, program, publisher, false, Database.Policy.Compatible.INSTANCE)
                .thenCompose(outcome -> switch (outcome) {
                    case Database.Published _ ->
                        bind(name, database, publisher).thenApply(answer -> named(name, database, outcome, answer));
                    // Whether there is a database now is not known: the reservation stays and is settled later.
                    case Database.OutcomeUnknown _ -> CompletableFuture.completedStage(outcome);
                    default -> directory.releaseName(name, database).thenApply(_ -> outcome);
                })
                .thenApply(outcome -> new PublishResult(database, outcome));
    }

    private static CompletionStage<PublishResult> refused(Identity database, Database.PublishOutcome outcome) {
        return CompletableFuture.completedStage(new PublishResult(database, outcome));
    }

    /** Reserving first does nothing unless a publish beside this one has failed and released the name. */
    private CompletionStage<Directory.NameAnswer> bind(String name, Identity database, Identity owner) {
        return directory
                .register(database, owner, name)
                .thenCompose(_ -> directory.reserveName(name, database, owner))
                .thenCompose(_ -> directory.confirmName(name, database));
    }

    private static Database.PublishOutcome named(
            String name, Identity database, Database.PublishOutcome outcome, Directory.NameAnswer answer) {
        if (answer instanceof Directory.NameBound(Identity bound, Identity _) && bound.equals(database)) {
            return outcome;
        }
        return new Database.Unavailable("the database " + database
                + " was published, but another publisher took the name " + name + " meanwhile");
    }

    @Override
    public CompletionStage<Database.DeleteOutcome> delete(Identity database, Identity caller) {
        CompletionStage<Database.DeleteOutcome> answer = naming.unlessLocked(
                database,
                caller::equals,
                locked -> locked,
                () -> ask(database, replyTo -> new Command.Delete(caller, replyTo), askTimeout));
        return answer.thenCompose(outcome -> outcome instanceof Database.Deleted
                ? directory.unregister(database).thenApply(_ -> outcome)
                : CompletableFuture.completedStage(outcome));
    }

    @Override
    public CompletionStage<RestoreResult> restore(Target target, Restoration restoration) {
        Database.Requester requester = restoration.requester();
        Identity owner = restoration.owner().orElse(requester.identity());
        if (!requester.mayActFor(owner)) {
            String reason = "only an operator of the node may restore a database for another owner";
            return notRestored(Identity.ZERO, new Database.NotRestored(reason));
        }
        return switch (target) {
            case Target.Fresh() -> restoreUnnamed(freshIdentity(), restoration, owner);
            case Target.Identified(Identity identity) -> restoreUnnamed(identity, restoration, owner);
            case Target.Named(String name) -> restoreNamed(name, restoration, owner);
        };
    }

    private CompletionStage<RestoreResult> restoreUnnamed(Identity database, Restoration restoration, Identity owner) {
        CompletionStage<Database.RestoreOutcome> restored = restoration.replace()
                ? naming.unlessLocked(
                        database,
                        restoration.requester()::mayActFor,
                        locked -> locked,
                        () -> askRestore(database, restoration, owner))
                : askRestore(database, restoration, owner);
        return restored.thenCompose(outcome -> outcome instanceof Database.Restored
                        ? directory.register(database, owner, "").thenCompose(_ -> whenServing(database, outcome))
                        : CompletableFuture.completedStage(outcome))
                .thenApply(outcome -> new RestoreResult(database, outcome));
    }

    private CompletionStage<RestoreResult> restoreNamed(String name, Restoration restoration, Identity owner) {
        requireValid(name);
        return resolve(name)
                .thenCompose(_ -> directory.reserveName(name, freshIdentity(), owner))
                .thenCompose(answer -> switch (answer) {
                    case Directory.NameBound(Identity database, Identity bound) ->
                        restoreBound(name, database, bound, restoration);
                    case Directory.NameReserved(Identity database, Identity reserver, long _) ->
                        reserver.equals(owner)
                                ? restoreReserved(name, database, restoration, owner)
                                : notRestored(database, new Database.NotOwner(reserver));
                    case Directory.NameFree _ ->
                        throw new IllegalStateException("the directory reserved " + name + " and calls it free");
                });
    }

    /** A name stays with its owner and its identity, whether there is a database now or not. */
    private CompletionStage<RestoreResult> restoreBound(
            String name, Identity database, Identity bound, Restoration restoration) {
        if (!restoration.requester().mayActFor(bound)) {
            return notRestored(database, new Database.NotOwner(bound));
        }
        if (!restoration.owner().orElse(bound).equals(bound)) {
            String reason = "the name " + name + " belongs to " + bound + ": take another one for another owner";
            return notRestored(database, new Database.NotRestored(reason));
        }
        return restoreUnnamed(database, restoration, bound);
    }

    private CompletionStage<RestoreResult> restoreReserved(
            String name, Identity database, Restoration restoration, Identity owner) {
        return askRestore(database, restoration, owner)
                .thenCompose(outcome -> switch (outcome) {
                    case Database.Restored _ ->
                        bind(name, database, owner)
                                .thenCompose(answer -> isBoundTo(answer, database)
                                        ? whenServing(database, outcome)
                                        : giveBack(name, database, owner));
                    // Whether there is a database now is not known: the reservation stays and is settled later.
                    case Database.OutcomeUnknown _ -> CompletableFuture.completedStage(outcome);
                    default -> directory.releaseName(name, database).thenApply(_ -> outcome);
                })
                .thenApply(outcome -> new RestoreResult(database, outcome));
    }

    private static boolean isBoundTo(Directory.NameAnswer answer, Identity database) {
        return answer instanceof Directory.NameBound(Identity bound, Identity _) && bound.equals(database);
    }

    private CompletionStage<Database.RestoreOutcome> giveBack(String name, Identity database, Identity owner) {
        return delete(database, owner)
                .thenApply(_ -> new Database.NotRestored("another publisher took the name " + name + " meanwhile"));
    }

    private static CompletionStage<RestoreResult> notRestored(Identity database, Database.RestoreOutcome outcome) {
        return CompletableFuture.completedStage(new RestoreResult(database, outcome));
    }

    private CompletionStage<Database.RestoreOutcome> askRestore(
            Identity database, Restoration restoration, Identity owner) {
        return ask(
                database,
                replyTo -> new Command.Restore(
                        restoration.archive(),
                        restoration.point(),
                        restoration.replace(),
                        owner,
                        restoration.requester(),
                        replyTo),
                RESTORE_TIMEOUT);
    }

    /** The outcome, when the database has recovered with it. */
    private CompletionStage<Database.RestoreOutcome> whenServing(Identity database, Database.RestoreOutcome outcome) {
        return whenServing(database, outcome, System.nanoTime() + publishTimeout.toNanos());
    }

    private CompletionStage<Database.RestoreOutcome> whenServing(
            Identity database, Database.RestoreOutcome outcome, long deadlineNanos) {
        return describe(database).thenCompose(answer -> {
            if (answer instanceof Database.Description) {
                return CompletableFuture.completedStage(outcome);
            }
            if (System.nanoTime() - deadlineNanos >= 0) {
                return CompletableFuture.completedStage(
                        new Database.Unavailable("it is restored, but does not serve yet: " + answer));
            }
            return CompletableFuture.runAsync(() -> {}, AFTER_MOVE_PAUSE)
                    .thenCompose(_ -> whenServing(database, outcome, deadlineNanos));
        });
    }

    @Override
    public List<DatabaseState> databasesHere() {
        return services.databases().stream().map(DatabaseState::of).toList();
    }

    /** Of those databases that are on this node now and asked for, in no order. */
    public List<DatabaseLoad> loadsHere(Predicate<Identity> which) {
        return services.loads(which);
    }

    @Override
    public NodeCounts countsHere() {
        return new NodeCounts(services.retired(), services.journalMeter().counts());
    }

    @Override
    public CompletionStage<Map<Integer, Address>> locations() {
        return records.all()
                .thenApply(all -> all.entrySet().stream()
                        .collect(Collectors.toUnmodifiableMap(
                                entry -> Integer.valueOf(entry.getKey()), Map.Entry::getValue)));
    }

    @Override
    public CompletionStage<RelocateOutcome> relocate(int bucket, Address node) {
        if (bucket < 0 || bucket >= BUCKET_COUNT) {
            throw new IllegalArgumentException(
                    "buckets are numbered from 0 to " + (BUCKET_COUNT - 1) + ", not " + bucket);
        }
        if (!isHost(node)) {
            return CompletableFuture.completedStage(
                    new NotRelocated("no member of the cluster that hosts databases is up at " + node));
        }
        return records.wish(Integer.toString(bucket), node).thenApply(_ -> new Relocating(bucket, node));
    }

    private boolean isHost(Address node) {
        for (Member member : cluster.state().getMembers()) {
            if (member.address().equals(node)) {
                return member.status().equals(MemberStatus.up()) && (role.isEmpty() || member.hasRole(role));
            }
        }
        return false;
    }

    @Override
    public void placeBy(ToDoubleFunction<Address> newLoads) {
        loads = newLoads;
    }

    @Override
    public CompletionStage<List<DatabaseState.Snapshot>> snapshots(Identity database) {
        return services.snapshots(database)
                .thenApply(kept -> kept.stream().map(DatabaseState.Snapshot::of).toList());
    }

    /**
     * What this node, which has started, has to recover before it can be said to serve: databases that have something due,
     * and those that somebody has asked for already. It is looked for when this is asked first, and once.
     *
     * @return why the node is not ready; empty when all of them answer, if only that they cannot be recovered, or after
     *     {@code pinion.host.recovery-patience}
     */
    public synchronized Optional<String> recoveryUnderWay() {
        FirstLook look = firstLook;
        if (look == null) {
            look = FirstLook.begin(directory, hosts, this::database, this::recoveringHere, recoveryPatience);
            firstLook = look;
        }
        return look.waitsFor();
    }

    private List<Identity> recoveringHere() {
        return services.databases().stream()
                .filter(status -> status.recovery().isPresent())
                .map(DatabaseStatus::database)
                .toList();
    }

    DirectoryClient directory() {
        return directory;
    }

    private CompletionStage<Database.PublishOutcome> askPublish(
            Identity database, Bytes program, Identity publisher, boolean clear, Database.Policy policy) {
        return ask(
                database, replyTo -> new Command.Publish(program, publisher, clear, policy, replyTo), publishTimeout);
    }

    private CompletionStage<Database.DescribeOutcome> describe(Identity database) {
        return ask(database, Command.Describe::new, askTimeout);
    }

    @Override
    public <O extends Database.Message> CompletionStage<O> ask(
            Identity database, Function<ActorRef<O>, Command> command, Duration timeout) {
        return HostCall.ask(calls, database, command, timeout);
    }

    private static Identity freshIdentity() {
        return Identity.fresh(ISSUER).identity();
    }

    private static final class Id extends ExtensionId<Pinion> {
        @Override
        public Pinion createExtension(ActorSystem<?> system) {
            return new Pinion(system);
        }
    }
}
