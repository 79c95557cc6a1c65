package io.pinion.actors.database;

import io.pinion.actors.core.CoreBoundDispatcher;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes orders for one database. An order is written to the journal, then it holds, then it is answered; one at a time. The
 * actor's thread alone.
 */
final class OrderDesk {
    private static final Database.NotOrdered ANOTHER =
            new Database.NotOrdered("another order for this database is being written; try again");

    private final Cell cell;
    private Orders orders = Orders.NONE;
    private Command.@Nullable Order underWay;

    OrderDesk(Cell cell) {
        this.cell = cell;
    }

    /** What the journal says. */
    void recovered(Orders found) {
        orders = found;
        carryOut();
    }

    void take(Command.Order order) {
        if (underWay != null) {
            order.replyTo().tell(ANOTHER);
            return;
        }
        String problem = Orders.problem(order.change()).orElse("");
        if (!problem.isEmpty()) {
            order.replyTo().tell(new Database.NotOrdered(problem));
            return;
        }
        underWay = order;
        Orders next = orders.with(order.change(), cell.services().clock().epochMicros());
        cell.context()
                .pipeToSelf(
                        cell.services().writeOrders(cell.database(), next),
                        (_, failure) -> new Note.OrderEnded(next, failure));
    }

    void onEnded(Note.OrderEnded ended) {
        Command.Order order = underWay;
        underWay = null;
        if (order == null) {
            return;
        }
        Throwable failure = ended.failure();
        if (failure != null) {
            order.replyTo().tell(new Database.NotOrdered("the journal failed: " + failure.getMessage()));
            return;
        }
        orders = ended.orders();
        carryOut();
        cell.context().getLog().info("orders for database {}: {}", cell.database(), orders);
        order.replyTo().tell(new Database.Ordered(orders));
    }

    private void carryOut() {
        cell.vitals().orders(orders);
        cell.vitals().limits(cell.settings().callLimits().with(orders.limits()));
        orders.weight()
                .ifPresent(weight -> CoreBoundDispatcher.of(cell.context()).weight(weight));
        cell.admission().pause(orders.pause().map(OrderDesk::unavailable).orElse(null));
    }

    private static Database.Unavailable unavailable(Orders.Pause pause) {
        Instant since =
                Instant.EPOCH.plus(pause.sinceMicros(), ChronoUnit.MICROS).truncatedTo(ChronoUnit.SECONDS);
        return new Database.Unavailable("paused by an operator since " + since + ": " + pause.reason());
    }

    /** The database ends, and another that begins under its identity has no orders. */
    void end() {
        if (!orders.isNone()) {
            recovered(Orders.NONE);
            var _ = cell.services().writeOrders(cell.database(), Orders.NONE).whenComplete((_, failure) -> {
                if (failure != null) {
                    cell.services().warnOfOrders(cell.database(), failure);
                }
            });
        }
    }

    /** The actor stops: whether what is under way will hold is not known. */
    void stopped() {
        Command.Order order = underWay;
        underWay = null;
        if (order != null) {
            order.replyTo().tell(Outcomes.UNKNOWN);
        }
    }
}
