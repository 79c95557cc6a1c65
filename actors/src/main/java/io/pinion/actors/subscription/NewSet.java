package io.pinion.actors.subscription;

import io.pinion.store.query.SubscriptionPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set that a connection asks for, checked and planned: its rows can be read, and it can be registered, in either order.
 * Used by the database's thread, but for what it reads.
 */
public final class NewSet {
    final Subscriber subscriber;
    final int setId;
    final SetKind kind;
    final List<String> queries;
    final List<SubscriptionPlan> wanted;
    private final RowsReading reading;
    private final int losses;
    Subscriber.@Nullable Registered registered;

    NewSet(
            Subscriber subscriber,
            int setId,
            SetKind kind,
            List<String> queries,
            List<SubscriptionPlan> wanted,
            RowsReading reading) {
        this.subscriber = subscriber;
        this.setId = setId;
        this.kind = kind;
        this.queries = queries;
        this.wanted = wanted;
        this.reading = reading;
        this.losses = subscriber.losses();
    }

    /** Whether the connection has lost it, together with all others. */
    public boolean isLost() {
        return subscriber.losses() != losses;
    }

    /** Its rows; where queries count together, those that the connection does not have yet. */
    public RowsReading reading() {
        return reading;
    }
}
