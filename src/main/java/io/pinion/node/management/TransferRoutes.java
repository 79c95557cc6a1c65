package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Requester;
import io.pinion.actors.database.Database.RestorePoint;
import io.pinion.actors.database.Database.TextFormat;
import io.pinion.actors.database.Database.Wanted;
import io.pinion.node.http.Answers;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.node.http.QueryString;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of databases that leave a node and come to it: backups, exports, restores, as streams in both directions. A stream
 * that breaks off ends without its last chunk, so nobody takes it for a whole one.
 */
final class TransferRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(TransferRoutes.class);
    private static final ContentType ZIP = ContentTypes.create(MediaTypes.APPLICATION_ZIP);
    private static final ContentType JSON_LINES = text("application", "x-ndjson");
    private static final ContentType CSV = text("text", "csv");

    private final Databases databases;
    private final Operators operators;
    private final String version;
    private final Materializer materializer;

    /** @param version of this node, for manifests */
    TransferRoutes(Databases databases, Operators operators, String version, Materializer materializer) {
        this.databases = databases;
        this.operators = operators;
        this.version = version;
        this.materializer = materializer;
    }

    private static ContentType text(String main, String sub) {
        return ContentTypes.create(MediaTypes.customWithFixedCharset(main, sub, HttpCharsets.UTF_8, Map.of(), false));
    }

    List<Route> routes() {
        return List.of(
                Route.get("/pinion/databases/{db}/backup", Access.REQUIRED, this::backup)
                        .audited(),
                Route.get("/pinion/databases/{db}/export/{table}", Access.ANONYMOUS, this::export),
                Route.post("/pinion/restore", Access.REQUIRED, this::restore).audited());
    }

    private HttpResponse backup(Exchange exchange) {
        boolean withLog = exchange.query().flag("log", false);
        Identity database = databases.resolve(exchange);
        SourceRef<ByteString> bytes = download(exchange, database, backup(database, withLog), "back up database");
        LOG.info("{} takes a backup of database {}", exchange.credentials().identity(), database);
        return stream(ZIP, bytes);
    }

    private Wanted.Backup backup(Identity database, boolean withLog) {
        return new Wanted.Backup(withLog, Databases.await(databases.host().names(database)), version);
    }

    private HttpResponse export(Exchange exchange) {
        TextFormat format = exchange.query()
                .word("format", List.of("jsonl", "csv"))
                .filter("csv"::equals)
                .map(_ -> TextFormat.CSV)
                .orElse(TextFormat.JSON_LINES);
        Identity database = databases.resolve(exchange);
        Wanted.Table table = new Wanted.Table(exchange.pathParameter("table"), format);
        return stream(format == TextFormat.CSV ? CSV : JSON_LINES, download(exchange, database, table, "export table"));
    }

    private SourceRef<ByteString> download(Exchange exchange, Identity database, Wanted wanted, String action) {
        Requester requester = operators.requester(exchange);
        Database.DownloadOutcome outcome = databases.<Database.DownloadOutcome>ask(
                database,
                replyTo -> new Database.Command.Download(wanted, requester, replyTo),
                databases.settings().queryTimeout());
        return switch (outcome) {
            case Database.Downloading(SourceRef<ByteString> bytes) -> bytes;
            case Database.NotDownloaded(String reason) -> throw HttpRefusal.of(404, reason);
            case Database.NotOwner _ -> throw Operators.denied(requester.identity(), database, action);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static HttpResponse stream(ContentType type, SourceRef<ByteString> bytes) {
        return HttpResponse.create().withEntity(HttpEntities.createChunked(type, bytes.getSource()));
    }

    private HttpResponse restore(Exchange exchange) {
        try (Upload upload = Upload.of(exchange.request(), materializer)) {
            return restore(exchange, upload);
        }
    }

    private HttpResponse restore(Exchange exchange, Upload upload) {
        QueryString query = exchange.query();
        Requester requester = operators.requester(exchange);
        Target target = target(query);
        RestorePoint point = point(query);
        boolean replace = query.flag("replace", false);
        Optional<Identity> owner = query.text("owner").map(text -> identity("owner", text));
        Optional<Identity> origin = query.text("from").map(this::find);
        SourceRef<ByteString> archive = origin.isPresent()
                ? download(exchange, origin.get(), backup(origin.get(), true), "back up database")
                : upload.bytes();
        return restored(target, new PinionHost.Restoration(archive, point, replace, owner, requester));
    }

    private HttpResponse restored(Target target, PinionHost.Restoration restoration) {
        PinionHost.RestoreResult result = Databases.await(databases.host().restore(target, restoration));
        Identity database = result.database();
        Identity caller = restoration.requester().identity();
        return switch (result.outcome()) {
            case Database.Restored restored -> {
                LOG.info("{} has restored database {}", caller, database);
                yield Answers.json(json(database, restored));
            }
            case Database.NotRestored(String reason) -> Answers.text(400, reason);
            case Database.AlreadyExists _ ->
                Answers.text(409, "there is a database " + database + " already, and it was not to be replaced");
            case Database.NotOwner _ -> throw Operators.denied(caller, database, "restore database");
            case Database.Locked _ -> Answers.locked(database.toHex());
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static ObjectNode json(Identity database, Database.Restored restored) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("database_identity", database.toHex())
                .put("offset", restored.offset())
                .put("offset_of_backup", restored.offsetOfBackup())
                .put("time", instant(restored.timeMicros()).toString())
                .put("rows", restored.rows());
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static Target target(QueryString query) {
        return query.text("database")
                .<Target>map(text -> switch (Databases.address(text)) {
                    case Databases.Address.Name(String name) -> new Target.Named(name);
                    case Databases.Address.Id(Identity identity) -> new Target.Identified(identity);
                })
                .orElseGet(Target.Fresh::new);
    }

    private static RestorePoint point(QueryString query) {
        Optional<String> offset = query.text("at_offset");
        Optional<String> time = query.text("at_time");
        if (offset.isPresent() && time.isPresent()) {
            throw QueryString.malformed("at_offset and at_time: only one of them may be there");
        }
        if (offset.isPresent()) {
            return new RestorePoint.AtOffset(query.count("at_offset").orElseThrow());
        }
        return time.<RestorePoint>map(text -> new RestorePoint.AtTime(micros(text)))
                .orElse(RestorePoint.Latest.INSTANCE);
    }

    private static long micros(String text) {
        try {
            return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text));
        } catch (DateTimeException | ArithmeticException e) {
            throw QueryString.malformed("at_time: `" + text + "` is no time such as 2026-11-28T14:00:00.123Z");
        }
    }

    private static Identity identity(String key, String text) {
        if (!Identity.isIdentity(text)) {
            throw QueryString.malformed(key + ": `" + text + "` is no identity");
        }
        return Identity.parse(text);
    }

    private Identity find(String text) {
        return switch (Databases.address(text)) {
            case Databases.Address.Id(Identity identity) -> identity;
            case Databases.Address.Name(String name) -> databases.find(name).orElseThrow(() -> Databases.unknown(name));
        };
    }
}
