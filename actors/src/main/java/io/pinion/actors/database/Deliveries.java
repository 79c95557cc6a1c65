package io.pinion.actors.database;

import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.durability.Pending;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What confirmed connections hear when the journal is durable up to an offset. */
final class Deliveries extends Pending {
    private final List<Told> told;

    record Told(ActorRef<? super Delivery> client, Delivery delivery) {
        void tell() {
            client.tell(delivery);
        }
    }

    /** @param payloadBytes about what the deliveries hold in memory */
    Deliveries(long offset, List<Told> told, int payloadBytes) {
        super(offset, null, payloadBytes);
        this.told = List.copyOf(told);
    }

    @Override
    protected void release() {
        told.forEach(Told::tell);
    }

    /** What may not be durable is not shown; that the connection has ended is, and that its database moves. */
    @Override
    protected void lose() {
        for (Told each : told) {
            if (each.delivery() instanceof Client.Ended) {
                each.tell();
            } else if (each.delivery() instanceof Client.Moving) {
                each.client().tell(Client.Moving.UNSETTLED);
            }
        }
    }
}
