package io.pinion.node;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.testing.LedgerClient.Transfer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * By ask, as a service in the node's JVM calls.
 *
 * @param patience of each call
 */
record AskDoor(PinionHost host, Identity database, Duration patience) implements LedgerDoor {
    private static final Caller CALLER = new Caller(LedgerCalls.OWNER, ConnectionId.NONE);

    @Override
    public Told write(long register, long value) {
        return call("write", "[" + register + "," + value + "]");
    }

    @Override
    public Told swap(long register, long expected, long value) {
        return call("swap", "[" + register + "," + expected + "," + value + "]");
    }

    @Override
    public Told transfer(Transfer transfer) {
        return call(
                "transfer",
                "[" + transfer.id() + "," + transfer.source() + "," + transfer.target() + "," + transfer.amount()
                        + "]");
    }

    private Told call(String reducer, String arguments) {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        Optional<CallOutcome> outcome = await(host.ask(
                database,
                replyTo -> new Command.CallReducer(
                        reducer, new Arguments.Json(arguments), CALLER, RequestId.NONE, true, deadlineNanos, replyTo),
                patience));
        return outcome.map(AskDoor::told).orElseGet(Unheard::new);
    }

    private static Told told(CallOutcome outcome) {
        return switch (outcome) {
            case Database.Committed(long offset, long _) -> new Done(OptionalLong.of(offset));
            case Database.Rejected(String message, long _, long _) -> new Refused(message);
            case Database.OutcomeUnknown _ -> new Unheard();
            case Database.Unavailable _, Database.Overloaded _, Database.DeadlineExceeded _, Database.Moved _ ->
                new NotBegun(outcome.toString());
            default -> new Wrong(outcome.toString());
        };
    }

    @Override
    public Optional<Seen> rows(String sql, int columns) {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        Optional<QueryOutcome> outcome = await(
                host.ask(database, replyTo -> new Command.Query(sql, CALLER, true, deadlineNanos, replyTo), patience));
        return outcome.flatMap(answer -> answer instanceof Database.Rows rows
                ? Optional.of(new Seen(decode(rows, columns), OptionalLong.of(rows.offset())))
                : Optional.empty());
    }

    private static List<List<Long>> decode(Database.Rows rows, int columns) {
        BsatnReader reader = new BsatnReader(rows.rows());
        List<List<Long>> decoded = new ArrayList<>();
        for (long left = reader.readCount(); left > 0; left--) {
            List<Long> row = new ArrayList<>(columns);
            for (int column = 0; column < columns; column++) {
                row.add(reader.readLong());
            }
            decoded.add(row);
        }
        return decoded;
    }

    /** Empty if it took too long, or the node has ended meanwhile. */
    private <T> Optional<T> await(CompletionStage<T> stage) {
        CompletableFuture<T> answer = stage.toCompletableFuture();
        try {
            return Optional.of(answer.orTimeout(patience.toMillis() + 2000, TimeUnit.MILLISECONDS)
                    .join());
        } catch (CompletionException _) {
            return Optional.empty();
        }
    }
}
