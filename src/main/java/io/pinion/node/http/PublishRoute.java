package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.node.http.Route.Access;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import java.math.BigInteger;
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
    private static final Pattern DURATION =
            Pattern.compile("([0-9]+\\s*(ns|us|ms|s|sec|secs|m|min|mins|h|hr|hours?)\\s*)+");

    private final Databases databases;

    PublishRoute(Databases databases) {
        this.databases = databases;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/v1/database", Access.PUBLISHER, this::publishFresh),
                Route.put("/v1/database/{db}", Access.PUBLISHER, this::publishTo),
                Route.post("/v1/database/{db}/pre_publish", Access.ANONYMOUS, this::plan));
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
        Identity publisher = exchange.credentials().identity();
        PinionHost.PublishResult result = Databases.await(databases
                .host()
                .publish(target, program, publisher, clear, policy)
                .toCompletableFuture()
                .orTimeout(databases.settings().publishTimeout().toMillis(), TimeUnit.MILLISECONDS));
        return answer(result, publisher, domain);
    }

    private void checkQuery(QueryString query) {
        query.word("host_type", List.of("Wasm", "Js"));
        query.u8("num_replicas");
        query.text("update_confirmation_timeout")
                .filter(text -> !DURATION.matcher(text).matches())
                .ifPresent(text -> {
                    throw QueryString.malformed("update_confirmation_timeout: `" + text + "` is no duration");
                });
        query.text("parent").ifPresent(parent -> requireDatabase(parent));
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

    private static HttpResponse answer(PinionHost.PublishResult result, Identity publisher, @Nullable String domain) {
        Identity database = result.database();
        return switch (result.outcome()) {
            case Database.Published published -> Answers.json(success(published, database, domain));
            case Database.InvalidProgram(String message) -> Answers.text(500, message);
            case Database.UpdateRefused(List<String> reasons) ->
                Answers.text(400, "Database update rejected: " + String.join("; ", reasons));
            case Database.NotOwner _ -> throw Databases.denied(publisher, database, "update database");
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
