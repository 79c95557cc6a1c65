package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.japi.function.Function;

/** A published database and the one who calls it, its owner. Threadsafe. */
final class BenchDatabase {
    static final Identity OWNER = new Identity(1, 0, 0, 0);
    static final Caller CALLER = new Caller(OWNER, ConnectionId.NONE);
    private static final Arguments NO_ARGUMENTS = new Arguments.Bsatn(Bytes.EMPTY);

    /** One of the ways to reach a database. */
    abstract static class Recipient {
        abstract <A> CompletionStage<A> ask(Function<ActorRef<A>, Command> command);

        /** Straight to its actor. */
        static Recipient of(ActorRef<Command> actor, ActorSystem<?> system, Duration timeout) {
            return new Recipient() {
                @Override
                <A> CompletionStage<A> ask(Function<ActorRef<A>, Command> command) {
                    return AskPattern.ask(actor, command, timeout, system.scheduler());
                }
            };
        }

        /** By way of sharding. */
        static Recipient of(EntityRef<Command> entity, Duration timeout) {
            return new Recipient() {
                @Override
                <A> CompletionStage<A> ask(Function<ActorRef<A>, Command> command) {
                    return entity.ask(command, timeout);
                }
            };
        }
    }

    private final Recipient recipient;

    private BenchDatabase(Recipient recipient) {
        this.recipient = recipient;
    }

    /** One that is published already. */
    static BenchDatabase of(Recipient recipient) {
        return new BenchDatabase(recipient);
    }

    static BenchDatabase publish(Recipient recipient, Bytes program) {
        Database.PublishOutcome outcome =
                BenchSystem.await(recipient.ask(replyTo -> new Command.Publish(program, OWNER, false, replyTo)));
        expect(Database.Published.class, outcome);
        return new BenchDatabase(recipient);
    }

    /** Calls a reducer without parameters and does not wait; the answer is a confirmed one. */
    CompletionStage<CallOutcome> call(String reducer) {
        return call(reducer, NO_ARGUMENTS);
    }

    CompletionStage<CallOutcome> call(String reducer, Arguments arguments) {
        return recipient.ask(replyTo -> new Command.CallReducer(
                reducer, arguments, CALLER, RequestId.NONE, true, Database.NO_DEADLINE, replyTo));
    }

    /** @throws IllegalStateException if anything else comes of the call */
    Database.Committed committed(String reducer, Arguments arguments) {
        return expect(Database.Committed.class, BenchSystem.await(call(reducer, arguments)));
    }

    Database.Rows rows(String sql) {
        Database.QueryOutcome outcome = BenchSystem.await(
                recipient.ask(replyTo -> new Command.Query(sql, CALLER, true, Database.NO_DEADLINE, replyTo)));
        return expect(Database.Rows.class, outcome);
    }

    private static <T> T expect(Class<T> type, Object answer) {
        if (!type.isInstance(answer)) {
            throw new IllegalStateException("expected " + type.getSimpleName() + ", got " + answer);
        }
        return type.cast(answer);
    }
}
