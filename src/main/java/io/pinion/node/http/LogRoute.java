package io.pinion.node.http;

import io.pinion.actors.database.Database;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.List;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** The module log: its newest lines, and with {@code follow} every new one for as long as the client listens. */
final class LogRoute {
    private static final ContentType NDJSON = ContentTypes.create(MediaTypes.customWithFixedCharset(
            "application", "x-ndjson", HttpCharsets.UTF_8, java.util.Map.of(), false));

    private final Databases databases;
    private final LogFollowers followers;

    LogRoute(Databases databases, LogFollowers followers) {
        this.databases = databases;
        this.followers = followers;
    }

    List<Route> routes() {
        return List.of(Route.get("/v1/database/{db}/logs", Access.ANONYMOUS, this::logs));
    }

    private HttpResponse logs(Exchange exchange) {
        int lineCountMax = exchange.query()
                .u32("num_lines")
                .map(count -> (int) Math.min(count, Integer.MAX_VALUE))
                .orElse(-1);
        boolean follow = exchange.query().flag("follow", false);
        Identity database = databases.resolve(exchange);
        Identity caller = exchange.credentials().identity();
        return follow ? follow(database, caller, lineCountMax) : read(database, caller, lineCountMax);
    }

    private HttpResponse read(Identity database, Identity caller, int lineCountMax) {
        Database.LogOutcome outcome = databases.<Database.LogOutcome>ask(
                database,
                replyTo -> new Database.Command.ReadLog(caller, lineCountMax, replyTo),
                databases.settings().queryTimeout());
        return answer(Source.from(lines(outcome, database, caller)).map(LogRoute::line));
    }

    private HttpResponse follow(Identity database, Identity caller, int lineCountMax) {
        LogFollowers.Following following = followers.follow(replyTo -> databases
                .host()
                .database(database)
                .tell(new Database.Command.FollowLog(caller, lineCountMax, replyTo)));
        Database.LogOutcome first = following.first(databases.settings().queryTimeout());
        List<String> newest = lines(first, database, caller);
        return answer(Source.from(newest).concat(following.later()).map(LogRoute::line));
    }

    private static List<String> lines(Database.LogOutcome outcome, Identity database, Identity caller) {
        return switch (outcome) {
            case Database.LogLines(List<String> lines) -> lines;
            case Database.NotOwner _ -> throw Databases.denied(caller, database, "view module logs");
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static ByteString line(String json) {
        return ByteString.fromString(json + "\n");
    }

    private static HttpResponse answer(Source<ByteString, ?> lines) {
        return HttpResponse.create()
                .withEntity(HttpEntities.createChunked(NDJSON, lines))
                .addHeader(RawHeader.create("cache-control", "no-cache"));
    }
}
