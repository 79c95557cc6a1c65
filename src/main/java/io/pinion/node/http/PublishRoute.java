package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.node.auth.Credentials;
import io.pinion.node.http.Route.Access;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs on their way into databases. The kind of a program is told from its content; {@code host_type} is a hint. What
 * an update may do to clients is said by {@code policy} and, where it may break them, the {@code token} of its plan.
 */
final class PublishRoute {
    private static final Logger LOG = LoggerFactory.getLogger(PublishRoute.class);
    private static final Pattern U256 = Pattern.compile("0x([0-9a-fA-F]{1,64})|([0-9]{1,78})");
    private static final int HASH_BYTES = 32;
    private static final String STORED_PROGRAM = "SELECT program_bytes FROM st_module";
    private static final Pattern DURATION =
            Pattern.compile("([0-9]+\\s*(ns|us|ms|s|sec|secs|m|min|mins|h|hr|hours?)\\s*)+");

    private final Databases databases;

    private final Creators creators;

    PublishRoute(Databases databases, Creators creators) {
        this.databases = databases;
        this.creators = creators;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/v1/database", Access.PUBLISHER, this::publishFresh),
                Route.put("/v1/database/{db}", Access.PUBLISHER, this::publishTo),
                Route.post("/v1/database/{db}/pre_publish", Access.ANONYMOUS, this::plan),
                Route.put("/v1/database/{db}/reset", Access.ANONYMOUS, this::reset));
    }

    private HttpResponse publishFresh(Exchange exchange) {
        if (exchange.query().flag("clear", false)) {
            throw HttpRefusal.of(400, "clear needs the name or identity of a database");
        }
        return publish(exchange, new PinionHost.Target.Fresh(), null, false);
    }

    private HttpResponse publishTo(Exchange exchange) {
        boolean clear = exchange.query().flag("clear", false);
        return switch (Databases.address(exchange)) {
            case Databases.Address.Name(String name) ->
                publish(exchange, new PinionHost.Target.Named(name), name, clear);
            case Databases.Address.Id(Identity identity) ->
                publish(exchange, new PinionHost.Target.Identified(identity), null, clear);
        };
    }

    private HttpResponse publish(Exchange exchange, PinionHost.Target target, @Nullable String domain, boolean clear) {
        checkQuery(exchange.query());
        Database.Policy policy = policy(exchange.query());
        Bytes program = exchange.body(databases.settings().programBytesMax());
        logWrongHint(exchange.query(), program);
        requireCreator(exchange.credentials(), target);
        Identity publisher = exchange.credentials().identity();
        PinionHost.PublishResult result = Databases.await(databases
                .host()
                .publish(target, program, publisher, clear, policy)
                .toCompletableFuture()
                .orTimeout(databases.settings().publishTimeout().toMillis(), TimeUnit.MILLISECONDS));
        return answer(result, publisher, domain, clear);
    }

    /** Only of whoever makes a database; whether there is one is looked up only if not everybody may. */
    private void requireCreator(Credentials publisher, PinionHost.Target target) {
        if (creators.isEverybody()) {
            return;
        }
        Optional<Identity> database = switch (target) {
            case PinionHost.Target.Fresh() -> Optional.empty();
            case PinionHost.Target.Named(String name) -> databases.find(name);
            case PinionHost.Target.Identified(Identity identity) -> Optional.of(identity);
        };
        if (database.isEmpty() || !databases.exists(database.get())) {
            creators.require(publisher);
        }
    }

    /** Starts a database over: with the program in the body, else with the one it has. */
    private HttpResponse reset(Exchange exchange) {
        exchange.query().word("host_type", List.of("Wasm", "Js"));
        exchange.query().u8("num_replicas");
        Identity database = databases.resolve(exchange);
        Identity caller = exchange.credentials().identity();
        Bytes body = exchange.body(databases.settings().bodyBytesMax());
        if (!databases.describe(database).owner().equals(caller)) {
            throw Databases.denied(caller, database, "reset database");
        }
        Bytes program = body.length() == 0 ? storedProgram(exchange, database) : body;
        @Nullable String domain = Databases.nameInPath(exchange);
        PinionHost.PublishResult result = Databases.await(databases
                .host()
                .publish(
                        new PinionHost.Target.Identified(database),
                        program,
                        caller,
                        true,
                        Database.Policy.Compatible.INSTANCE)
                .toCompletableFuture()
                .orTimeout(databases.settings().publishTimeout().toMillis(), TimeUnit.MILLISECONDS));
        return answer(result, caller, domain, true);
    }

    private Bytes storedProgram(Exchange exchange, Identity database) {
        Duration timeout = databases.settings().queryTimeout();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Database.Caller caller = CallRoute.caller(exchange);
        Database.QueryOutcome outcome = databases.<Database.QueryOutcome>ask(
                database,
                replyTo -> new Database.Command.Query(STORED_PROGRAM, caller, true, deadlineNanos, replyTo),
                timeout);
        return switch (outcome) {
            case Database.Rows rows -> {
                BsatnReader in = new BsatnReader(rows.rows());
                if (in.readInt() != 1) {
                    throw new IllegalStateException("the database " + database + " has not one program");
                }
                yield in.readByteArray();
            }
            case Database.BadQuery(String message) -> throw HttpRefusal.of(400, message);
            case Database.Changed changed -> throw new IllegalStateException("a query has changed rows: " + changed);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private void checkQuery(QueryString query) {
        query.word("host_type", List.of("Wasm", "Js"));
        query.u8("num_replicas");
        query.text("update_confirmation_timeout")
                .filter(text -> !DURATION.matcher(text).matches())
                .ifPresent(text -> {
                    throw QueryString.malformed("update_confirmation_timeout: `" + text + "` is no duration");
                });
        query.text("parent").ifPresent(this::requireDatabase);
        query.text("organization").or(() -> query.text("org")).ifPresent(this::requireDatabase);
    }

    private static Database.Policy policy(QueryString query) {
        boolean breaksClients = query.word("policy", List.of("Compatible", "BreakClients"))
                .orElse("")
                .equals("BreakClients");
        if (!breaksClients) {
            return Database.Policy.Compatible.INSTANCE;
        }
        return query.text("token")
                .flatMap(PublishRoute::hash)
                .map(Database.Policy.BreakClients::new)
                .orElseThrow(() -> HttpRefusal.of(400, "policy=BreakClients: no migration token was provided"));
    }

    /** A hash travels as the number whose little-endian bytes it is. */
    private static Optional<Bytes> hash(String text) {
        Matcher matcher = U256.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        BigInteger number =
                matcher.group(1) == null ? new BigInteger(matcher.group(2)) : new BigInteger(matcher.group(1), 16);
        return Optional.of(new BsatnWriter().writeBigInteger(number, HASH_BYTES).toBytes());
    }

    private HttpResponse plan(Exchange exchange) {
        exchange.query().word("host_type", List.of("Wasm", "Js"));
        MigrationStyle style = exchange.query()
                        .word("style", List.of("AnsiColor", "NoColor"))
                        .orElse("AnsiColor")
                        .equals("NoColor")
                ? MigrationStyle.PLAIN
                : MigrationStyle.ANSI;
        Identity database = databases.resolve(exchange);
        Bytes program = exchange.body(databases.settings().programBytesMax());
        Identity caller = exchange.credentials().identity();
        Database.PlanOutcome outcome = databases.<Database.PlanOutcome>ask(
                database,
                replyTo -> new Database.Command.PlanPublish(program, caller, style, replyTo),
                databases.settings().publishTimeout());
        return switch (outcome) {
            case Database.Planned planned -> Answers.json(planned(planned));
            case Database.UpdateRefused(List<String> reasons) -> Answers.json(notPlanned(reasons));
            case Database.InvalidProgram(String message) -> Answers.text(500, message);
            case Database.NotOwner _ -> throw Databases.denied(caller, database, "update database");
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static ObjectNode planned(Database.Planned planned) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("AutoMigrate")
                .put("migrate_plan", planned.plan())
                .put("break_clients", planned.breaksClients())
                .put("token", Hashes.toJsonText(planned.token()))
                .put("major_version_upgrade", false);
        return body;
    }

    private static ObjectNode notPlanned(List<String> reasons) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("ManualMigrate")
                .put("reason", String.join("\n", reasons))
                .put("major_version_upgrade", false);
        return body;
    }

    private void requireDatabase(String nameOrIdentity) {
        if (Databases.address(nameOrIdentity) instanceof Databases.Address.Name(String name)
                && databases.find(name).isEmpty()) {
            throw Databases.unknown(name);
        }
    }

    private static void logWrongHint(QueryString query, Bytes program) {
        boolean isWasm = program.length() >= 4
                && program.at(0) == 0
                && program.at(1) == 'a'
                && program.at(2) == 's'
                && program.at(3) == 'm';
        query.text("host_type")
                .filter(hint -> hint.equals("Wasm") != isWasm)
                .ifPresent(hint -> LOG.info(
                        "a program published with host_type={} is taken for what it is: {}",
                        hint,
                        isWasm ? "WebAssembly" : "JavaScript"));
    }

    private static HttpResponse answer(
            PinionHost.PublishResult result, Identity publisher, @Nullable String domain, boolean clear) {
        Identity database = result.database();
        return switch (result.outcome()) {
            case Database.Published published -> Answers.json(success(published, database, domain));
            case Database.InvalidProgram(String message) -> Answers.text(500, message);
            case Database.UpdateRefused(List<String> reasons) ->
                Answers.text(400, "Database update rejected: " + String.join("; ", reasons));
            case Database.NotOwner _ ->
                throw Databases.denied(publisher, database, clear ? "reset database" : "update database");
            case Database.Locked _ -> Answers.locked(domain == null ? database.toHex() : domain);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static ObjectNode success(Database.Published published, Identity database, @Nullable String domain) {
        ObjectNode success = JsonNodeFactory.instance.objectNode();
        success.put("domain", domain);
        success.put("database_identity", database.toHex());
        success.put("op", published.created() ? "created" : "updated");
        if (!published.warnings().isEmpty()) {
            var warnings = success.putArray("warnings");
            published.warnings().forEach(warnings::add);
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("Success", success);
        return body;
    }
}
