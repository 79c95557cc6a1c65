package io.pinion.node.http;

import io.pinion.actors.database.Database;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** SQL: one statement, one result. */
final class SqlRoute {
    private final Databases databases;

    SqlRoute(Databases databases) {
        this.databases = databases;
    }

    List<Route> routes() {
        return List.of(Route.post("/v1/database/{db}/sql", Access.ANONYMOUS, this::sql));
    }

    private HttpResponse sql(Exchange exchange) {
        boolean confirmed = exchange.query().flag("confirmed", true);
        Identity database = databases.resolve(exchange);
        String statement = exchange.textBody(databases.settings().bodyBytesMax());
        Database.Caller caller = CallRoute.caller(exchange);
        Duration timeout = databases.settings().queryTimeout();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Database.QueryOutcome outcome = databases.<Database.QueryOutcome>ask(
                database,
                replyTo -> new Database.Command.Query(statement, caller, confirmed, deadlineNanos, replyTo),
                timeout);
        return switch (outcome) {
            case Database.Rows rows -> Answers.withDuration(answer(rows, timeout), rows.executionNanos());
            case Database.Changed changed ->
                Answers.withDuration(Answers.json(SqlJson.of(changed)), changed.executionNanos());
            case Database.BadQuery(String message) -> Answers.text(400, message);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static HttpResponse answer(Database.Rows rows, Duration timeout) {
        return rows.rows().length() < SqlStream.ROW_BYTES_MIN
                ? Answers.json(SqlJson.of(rows))
                : SqlStream.answer(rows, timeout);
    }
}
