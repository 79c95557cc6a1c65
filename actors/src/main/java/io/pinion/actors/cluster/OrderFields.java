package io.pinion.actors.cluster;

import io.pinion.actors.database.Orders;
import io.pinion.actors.database.Orders.Change;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Orders for databases on their way between nodes. */
final class OrderFields {
    private static final int PAUSED = 0;
    private static final int RESUMED = 1;
    private static final int LIMITED = 2;
    private static final int WEIGHTED = 3;
    private static final int CHANGE_COUNT = 4;

    private OrderFields() {}

    static void writeChange(Change change, BsatnWriter out) {
        switch (change) {
            case Change.Paused(String reason) -> out.writeByte(PAUSED).writeString(reason);
            case Change.Resumed _ -> out.writeByte(RESUMED);
            case Change.Limited(Map<String, Duration> limits) -> writeLimits(limits, out.writeByte(LIMITED));
            case Change.Weighted(int weight) -> out.writeByte(WEIGHTED).writeInt(weight);
        }
    }

    static Change readChange(BsatnReader in) {
        return switch (in.readTag(CHANGE_COUNT, "orders")) {
            case PAUSED -> new Change.Paused(in.readString());
            case RESUMED -> new Change.Resumed();
            case LIMITED -> new Change.Limited(readLimits(in));
            default -> new Change.Weighted(in.readInt());
        };
    }

    static void write(Orders orders, BsatnWriter out) {
        out.writeBool(orders.pause().isPresent());
        orders.pause().ifPresent(pause -> out.writeString(pause.reason()).writeLong(pause.sinceMicros()));
        writeLimits(orders.limits(), out);
        out.writeInt(orders.weight().orElse(0));
    }

    static Orders read(BsatnReader in) {
        Optional<Orders.Pause> pause =
                in.readBool() ? Optional.of(new Orders.Pause(in.readString(), in.readLong())) : Optional.empty();
        Map<String, Duration> limits = readLimits(in);
        int weight = in.readInt();
        return new Orders(pause, limits, weight == 0 ? OptionalInt.empty() : OptionalInt.of(weight));
    }

    private static void writeLimits(Map<String, Duration> limits, BsatnWriter out) {
        out.writeInt(limits.size());
        limits.forEach((key, limit) -> out.writeString(key).writeLong(limit.toNanos()));
    }

    private static Map<String, Duration> readLimits(BsatnReader in) {
        Map<String, Duration> limits = new HashMap<>();
        for (long left = in.readCount(); left > 0; left--) {
            limits.put(in.readString(), Duration.ofNanos(in.readLong()));
        }
        return limits;
    }
}
