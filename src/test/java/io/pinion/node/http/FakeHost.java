package io.pinion.node.http;

import io.pinion.actors.cluster.DatabaseState;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.RetiredCalls;
import io.pinion.actors.durability.JournalMeter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;

/** A host whose databases say what the test wants; an identity without a script is no database. */
final class FakeHost implements PinionHost {
    private static final EntityTypeKey<Database.Command> KEY = EntityTypeKey.create(Database.Command.class, "database");

    private final ActorTestKit testKit;
    private final Map<String, Identity> names = new ConcurrentHashMap<>();
    private final Map<Identity, Consumer<Database.Command>> scripts = new ConcurrentHashMap<>();
    private final Map<Identity, List<Identity>> owned = new ConcurrentHashMap<>();
    private volatile CompletionStage<PublishResult> nextPublish = new CompletableFuture<>();
    private volatile CompletionStage<Database.DeleteOutcome> nextDelete = new CompletableFuture<>();
    private volatile Optional<Throwable> resolveFailure = Optional.empty();
    private volatile Optional<Publish> published = Optional.empty();
    private volatile Optional<Delete> deleted = Optional.empty();

    /** What a publish was asked for with. */
    record Publish(Target target, Bytes program, Identity publisher, boolean clear, Database.Policy policy) {}

    /** What a delete was asked for with. */
    record Delete(Identity database, Identity caller) {}

    FakeHost(ActorTestKit testKit) {
        this.testKit = testKit;
    }

    void reset() {
        names.clear();
        scripts.clear();
        owned.clear();
        published = Optional.empty();
        deleted = Optional.empty();
        resolveFailure = Optional.empty();
    }

    /** A database under a name, and what it does with each command. */
    Identity has(String name, Consumer<Database.Command> script) {
        Identity identity = Identity.derive("localhost", "database " + name);
        names.put(name, identity);
        scripts.put(identity, script);
        return identity;
    }

    void owns(Identity owner, Identity... databases) {
        owned.put(owner, List.of(databases));
    }

    void answersPublish(Identity database, Database.PublishOutcome outcome) {
        nextPublish = CompletableFuture.completedFuture(new PublishResult(database, outcome));
    }

    void answersDelete(Database.DeleteOutcome outcome) {
        nextDelete = CompletableFuture.completedFuture(outcome);
    }

    void breaksResolving(Throwable failure) {
        resolveFailure = Optional.of(failure);
    }

    Optional<Publish> published() {
        return published;
    }

    Optional<Delete> deleted() {
        return deleted;
    }

    @Override
    public EntityRef<Database.Command> database(Identity identity) {
        Consumer<Database.Command> script = scripts.getOrDefault(identity, FakeHost::noDatabase);
        Behavior<Database.Command> database = Behaviors.setup(context -> Behaviors.receiveMessage(command -> {
            if (command instanceof Database.Command.Locate locate) {
                locate.replyTo().tell(new Database.Located(context.getSelf()));
            } else {
                script.accept(command);
            }
            return Behaviors.same();
        }));
        return TestEntityRef.of(KEY, identity.toHex(), testKit.spawn(database));
    }

    @Override
    public boolean areHostsSeveral() {
        return false;
    }

    @Override
    public <O extends Database.Message> CompletionStage<O> ask(
            Identity database, Function<ActorRef<O>, Database.Command> command, Duration timeout) {
        return database(database).ask(command::apply, timeout);
    }

    private static void noDatabase(Database.Command command) {
        Database.NoSuchModule none = new Database.NoSuchModule();
        switch (command) {
            case Database.Command.CallReducer call -> call.replyTo().tell(none);
            case Database.Command.CallProcedure call -> call.replyTo().tell(none);
            case Database.Command.HandleHttp request -> request.replyTo().tell(none);
            case Database.Command.Query query -> query.replyTo().tell(none);
            case Database.Command.Describe describe -> describe.replyTo().tell(none);
            case Database.Command.PlanPublish plan -> plan.replyTo().tell(none);
            case Database.Command.ReadLog read -> read.replyTo().tell(none);
            case Database.Command.FollowLog follow -> follow.replyTo().tell(none);
            default -> throw new AssertionError("not expected: " + command);
        }
    }

    @Override
    public NodeCounts countsHere() {
        return new NodeCounts(new RetiredCalls(), new JournalMeter().counts());
    }

    @Override
    public CompletionStage<Optional<Identity>> resolve(String name) {
        return resolveFailure
                .map(CompletableFuture::<Optional<Identity>>failedFuture)
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.ofNullable(names.get(name))));
    }

    @Override
    public CompletionStage<List<String>> names(Identity database) {
        return CompletableFuture.completedFuture(names.entrySet().stream()
                .filter(entry -> entry.getValue().equals(database))
                .map(Map.Entry::getKey)
                .sorted()
                .toList());
    }

    @Override
    public CompletionStage<NamingOutcome> addName(Identity database, Identity caller, String name) {
        throw new AssertionError("not expected: " + name);
    }

    @Override
    public CompletionStage<NamingOutcome> rename(Identity database, Identity caller, List<String> to) {
        throw new AssertionError("not expected: " + to);
    }

    @Override
    public CompletionStage<NamingOutcome> lock(Identity database, Identity caller, boolean locked) {
        throw new AssertionError("not expected: " + locked);
    }

    @Override
    public CompletionStage<List<Identity>> ownedBy(Identity owner) {
        return CompletableFuture.completedFuture(owned.getOrDefault(owner, List.of()));
    }

    @Override
    public CompletionStage<PublishResult> publish(
            Target target, Bytes program, Identity publisher, boolean clear, Database.Policy policy) {
        published = Optional.of(new Publish(target, program, publisher, clear, policy));
        return nextPublish;
    }

    @Override
    public CompletionStage<RestoreResult> restore(Target target, Restoration restoration) {
        throw new AssertionError("not expected: " + restoration);
    }

    @Override
    public List<DatabaseState> databasesHere() {
        return List.of();
    }

    @Override
    public CompletionStage<Map<Integer, Address>> locations() {
        return CompletableFuture.completedFuture(Map.of());
    }

    @Override
    public CompletionStage<RelocateOutcome> relocate(int bucket, Address node) {
        throw new AssertionError("not expected: " + bucket + " to " + node);
    }

    @Override
    public void placeBy(ToDoubleFunction<Address> loads) {
        throw new AssertionError("not expected");
    }

    @Override
    public CompletionStage<List<DatabaseState.Snapshot>> snapshots(Identity database) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<Database.DeleteOutcome> delete(Identity database, Identity caller) {
        deleted = Optional.of(new Delete(database, caller));
        return nextDelete;
    }
}
