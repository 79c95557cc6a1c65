package io.pinion.actors.database;

import io.pinion.actors.durability.CorruptEventException;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The bytes of {@link Orders} in the journal. Numbers are little endian.
 *
 * <pre>
 *   u8 version
 *   u8 1 if paused, then: string reason, i64 since, microseconds of the Unix epoch
 *   u32 limits, each: string key, i64 nanoseconds
 *   u32 weight, 0 for none
 * </pre>
 */
final class OrdersCodec {
    private static final int VERSION = 1;

    private OrdersCodec() {}

    static byte[] write(Orders orders) {
        BsatnWriter out = new BsatnWriter(64);
        out.writeByte(VERSION).writeBool(orders.pause().isPresent());
        orders.pause().ifPresent(pause -> out.writeString(pause.reason()).writeLong(pause.sinceMicros()));
        out.writeInt(orders.limits().size());
        orders.limits().forEach((key, limit) -> out.writeString(key).writeLong(limit.toNanos()));
        out.writeInt(orders.weight().orElse(0));
        return out.toBytes().toArray();
    }

    /** @throws CorruptEventException if the bytes are no orders, or of a newer version */
    static Orders read(byte[] event) {
        try {
            BsatnReader in = new BsatnReader(event);
            int version = in.readU8();
            if (version != VERSION) {
                throw new CorruptEventException("the orders for a database have format version " + version);
            }
            Optional<Orders.Pause> pause =
                    in.readBool() ? Optional.of(new Orders.Pause(in.readString(), in.readLong())) : Optional.empty();
            Map<String, Duration> limits = new HashMap<>();
            for (long left = in.readCount(); left > 0; left--) {
                limits.put(in.readString(), Duration.ofNanos(in.readLong()));
            }
            int weight = in.readInt();
            return new Orders(pause, limits, weight == 0 ? OptionalInt.empty() : OptionalInt.of(weight));
        } catch (BsatnException e) {
            throw new CorruptEventException("the orders for a database break off: " + e.getMessage(), e);
        }
    }
}
