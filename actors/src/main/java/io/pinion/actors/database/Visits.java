package io.pinion.actors.database;

import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.modules.Instance;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * Requests whose callers come by a connection that lasts no longer: see {@link Caller#isVisitor}.
 *
 * <p>Come → refused: the module does not accept the connection. Come → being carried out: it does; the answer goes through a
 * child that stands for the connection. Being carried out → gone: the child has answered and stops, as any open connection
 * ends. Driven by the database's actor.
 */
final class Visits {
    private final Cell cell;
    private final DatabaseLogic logic;

    Visits(Cell cell, DatabaseLogic logic) {
        this.cell = cell;
        this.logic = logic;
    }

    /** Whether a call of that reducer is more than a call: its module hears of the connection too. */
    boolean isAnnounced(Command.CallReducer call) {
        return call.caller().isVisitor()
                && logic.hearsOfConnections()
                && logic.program().reducer(call.reducer()) != null
                && !isRepeated(call.caller(), call.requestId());
    }

    boolean isAnnounced(Command.Query query) {
        return query.caller().isVisitor() && logic.hearsOfConnections();
    }

    /** Whether a procedure is called that needs the connection for as long as it runs. */
    boolean isVisit(Command.CallProcedure call) {
        return call.caller().isVisitor()
                && logic.program().procedure(call.procedure()) != null
                && !isRepeated(call.caller(), call.requestId());
    }

    /** Nothing runs for it, so there is no need for a connection. */
    private boolean isRepeated(Caller caller, Database.RequestId id) {
        return logic.repeated().isRepeated(caller.identity(), id);
    }

    /** @return what is to be carried out; null if it was refused */
    Command.@Nullable CallReducer begin(Command.CallReducer call, Instance instance) {
        Database.Refusal refusal = connect(call.caller(), instance);
        if (refusal != null) {
            call.replyTo().tell(refusal);
            return null;
        }
        return new Command.CallReducer(
                call.reducer(),
                call.arguments(),
                call.caller().arrived(),
                call.requestId(),
                call.confirmed(),
                call.deadlineNanos(),
                this.<Database.CallOutcome>connection(call.caller(), call.replyTo()));
    }

    /** @return what is to be carried out; null if it was refused */
    Command.@Nullable Query begin(Command.Query query, Instance instance) {
        Database.Refusal refusal = connect(query.caller(), instance);
        if (refusal != null) {
            query.replyTo().tell(refusal);
            return null;
        }
        return new Command.Query(
                query.sql(),
                query.caller().arrived(),
                query.confirmed(),
                query.deadlineNanos(),
                this.<Database.QueryOutcome>connection(query.caller(), query.replyTo()));
    }

    /**
     * Begins what takes an instance only if the module hears of connections.
     *
     * @return what is to be carried out; null if it was refused
     */
    Command.@Nullable CallProcedure begin(Command.CallProcedure call, @Nullable Instance instance) {
        Database.Refusal refusal = logic.hearsOfConnections() ? connect(call.caller(), instance) : null;
        if (refusal != null) {
            call.replyTo().tell(refusal);
            return null;
        }
        cell.claims().put(call.caller().connectionId(), call.caller().claims());
        return new Command.CallProcedure(
                call.procedure(),
                call.arguments(),
                call.caller().arrived(),
                call.requestId(),
                call.confirmed(),
                call.deadlineNanos(),
                this.<Database.ProcedureOutcome>connection(call.caller(), call.replyTo()));
    }

    private Database.@Nullable Refusal connect(Caller visitor, @Nullable Instance instance) {
        Database.Refusal refusal = logic.admit(Database.NO_DEADLINE);
        if (refusal != null) {
            return refusal;
        }
        cell.claims().put(visitor.connectionId(), visitor.claims());
        String reason = logic.connect(visitor.arrived(), visitor.claims(), instance);
        if (reason == null) {
            return null;
        }
        cell.claims().remove(visitor.connectionId());
        return new Database.NotAdmitted(reason);
    }

    private <T> ActorRef<T> connection(Caller visitor, ActorRef<? super T> replyTo) {
        ActorRef<T> connection = cell.context()
                .spawnAnonymous(
                        Behaviors.receiveMessage(answer -> {
                            replyTo.tell(answer);
                            return Behaviors.stopped();
                        }),
                        DispatcherSelector.defaultDispatcher());
        cell.context().watchWith(connection, new Note.ClientGone(visitor.arrived(), connection));
        return connection;
    }
}
