package io.pinion.node.http;

import io.pinion.actors.cluster.DatabaseName;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * The databases as routes see them: found by name or identity, asked with a deadline. Blocks, so for virtual threads
 * only. Threadsafe.
 */
public final class Databases {
    private final PinionHost host;
    private final HttpSettings settings;

    public Databases(PinionHost host, HttpSettings settings) {
        this.host = host;
        this.settings = settings;
    }

    public PinionHost host() {
        return host;
    }

    public HttpSettings settings() {
        return settings;
    }

    /** What the path parameter {@code db} says: a name that may be used, or an identity. */
    public sealed interface Address {
        record Name(String name) implements Address {}

        record Id(Identity identity) implements Address {}
    }

    public static Address address(Exchange exchange) {
        return address(exchange.pathParameter("db"));
    }

    /** Refuses with 400 what is neither. */
    public static Address address(String text) {
        if (Identity.isIdentity(text)) {
            return new Address.Id(Identity.parse(text));
        }
        Optional<String> problem = DatabaseName.problem(text);
        if (problem.isEmpty()) {
            return new Address.Name(text);
        }
        throw HttpRefusal.of(400, "Invalid URL: the database name `" + text + "` is not valid: " + problem.get());
    }

    /** The identity of the database in the path. The body is read before an unknown name is answered with 404. */
    public Identity resolve(Exchange exchange) {
        return switch (address(exchange)) {
            case Address.Id(Identity identity) -> identity;
            case Address.Name(String name) ->
                find(name).orElseThrow(() -> {
                    exchange.body(settings.bodyBytesMax());
                    return unknown(name);
                });
        };
    }

    public Optional<Identity> find(String name) {
        return await(host.resolve(name));
    }

    public static HttpRefusal unknown(String name) {
        return HttpRefusal.of(404, "`" + name + "` not found");
    }

    /** What the database in the path is; 404 if there is none. */
    public Database.Description describe(Identity database) {
        Database.DescribeOutcome outcome =
                this.<Database.DescribeOutcome>ask(database, Database.Command.Describe::new, settings.queryTimeout());
        return switch (outcome) {
            case Database.Description description -> description;
            case Database.Refusal refusal -> throw refused(refusal, database);
        };
    }

    boolean exists(Identity database) {
        return !(this.<Database.DescribeOutcome>ask(database, Database.Command.Describe::new, settings.queryTimeout())
                instanceof Database.NoSuchModule);
    }

    /** The name in the path; null if there is an identity. */
    static @Nullable String nameInPath(Exchange exchange) {
        return address(exchange) instanceof Address.Name(String name) ? name : null;
    }

    /** An identity without a database is said so with its name. */
    public static HttpRefusal refused(Database.Refusal refusal, Identity database) {
        return refusal instanceof Database.NoSuchModule
                ? HttpRefusal.of(404, "there is no database " + database)
                : new HttpRefusal(Answers.refusal(refusal));
    }

    /** Asks, and again while the database moves between nodes. Fails with a timeout as join does. */
    public <O extends Database.Message> O ask(
            Identity database, Function<ActorRef<O>, Database.Command> command, Duration timeout) {
        return await(host.ask(database, command, timeout));
    }

    public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    /** The caller may not do that to this database. */
    public static HttpRefusal denied(Identity caller, Identity database, String action) {
        return HttpRefusal.of(
                403,
                caller + " is not authorized to perform action " + action + " on database " + database
                        + ": only its owner is");
    }
}
