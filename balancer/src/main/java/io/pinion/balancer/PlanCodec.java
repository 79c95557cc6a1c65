package io.pinion.balancer;

import io.pinion.balancer.Action.Rebind;
import io.pinion.balancer.Action.Relocate;
import io.pinion.balancer.Refusal.Subject;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;

/** The binary form of plans and of what they are made from, as in {@link BalancerCodec}; a byte says which kind follows. */
final class PlanCodec {
    private static final int REBIND = 0;
    private static final int RELOCATE = 1;
    private static final int REFUSAL = 2;

    private static final int CLUSTER = 0;
    private static final int NODE = 1;
    private static final int CORE = 2;
    private static final int SHARD = 3;
    private static final int DATABASE = 4;

    private PlanCodec() {}

    static <T> void writeAll(List<T> items, BsatnWriter out, BiConsumer<T, BsatnWriter> writer) {
        out.writeInt(items.size());
        items.forEach(item -> writer.accept(item, out));
    }

    static <T> List<T> readAll(BsatnReader in, Function<BsatnReader, T> reader) {
        long count = in.readCount();
        List<T> items = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            items.add(reader.apply(in));
        }
        return items;
    }

    static void write(Address address, BsatnWriter out) {
        out.writeString(address.toString());
    }

    static Address readAddress(BsatnReader in) {
        return AddressFromURIString.parse(in.readString());
    }

    static void write(CoreUse core, BsatnWriter out) {
        out.writeDouble(core.busy()).writeLong(core.queueDelayNanos());
    }

    static CoreUse readCore(BsatnReader in) {
        return new CoreUse(in.readDouble(), in.readLong());
    }

    static void write(DatabaseUse use, BsatnWriter out) {
        out.writeIdentity(use.database())
                .writeInt(use.shard())
                .writeInt(use.core())
                .writeLong(use.busyNanos())
                .writeLong(use.turns())
                .writeInt(use.queue())
                .writeInt(use.weight())
                .writeInt(use.instances())
                .writeLong(use.bytes());
    }

    static DatabaseUse readDatabase(BsatnReader in) {
        return new DatabaseUse(
                in.readIdentity(),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readLong());
    }

    static void write(ShardUse use, BsatnWriter out) {
        out.writeInt(use.shard()).writeLong(use.busyNanos()).writeInt(use.databases());
    }

    static ShardUse readShard(BsatnReader in) {
        return new ShardUse(in.readInt(), in.readLong(), in.readInt());
    }

    static void write(Pins pins, BsatnWriter out) {
        writeAll(
                List.copyOf(pins.databases().entrySet()),
                out,
                (pin, to) -> to.writeIdentity(pin.getKey()).writeInt(pin.getValue()));
        writeAll(
                List.copyOf(pins.shards().entrySet()),
                out,
                (pin, to) ->
                        to.writeInt(pin.getKey()).writeString(pin.getValue().toString()));
    }

    static Pins readPins(BsatnReader in) {
        Map<Identity, Integer> databases = new HashMap<>();
        long databaseCount = in.readCount();
        for (long i = 0; i < databaseCount; i++) {
            databases.put(in.readIdentity(), in.readInt());
        }
        Map<Integer, Address> shards = new HashMap<>();
        long shardCount = in.readCount();
        for (long i = 0; i < shardCount; i++) {
            shards.put(in.readInt(), readAddress(in));
        }
        return new Pins(databases, shards);
    }

    static void write(Plan plan, BsatnWriter out) {
        writeAll(plan.actions(), out, PlanCodec::write);
        writeAll(plan.refusals(), out, PlanCodec::write);
    }

    static Plan readPlan(BsatnReader in) {
        List<Action> actions = readAll(in, PlanCodec::readAction);
        return new Plan(actions, readAll(in, from -> (Refusal) readDecided(from)));
    }

    static void write(Decided decided, BsatnWriter out) {
        switch (decided) {
            case Rebind(Identity database, Address node, int from, int core, Action.Reason reason) ->
                out.writeByte(REBIND)
                        .writeIdentity(database)
                        .writeString(node.toString())
                        .writeInt(from)
                        .writeInt(core)
                        .writeString(reason.name());
            case Relocate(int shard, Address from, Address to, Action.Reason reason) ->
                out.writeByte(RELOCATE)
                        .writeInt(shard)
                        .writeString(from.toString())
                        .writeString(to.toString())
                        .writeString(reason.name());
            case Refusal(Subject subject, Refusal.Reason reason) -> {
                out.writeByte(REFUSAL);
                write(subject, out);
                out.writeString(reason.name());
            }
        }
    }

    static Action readAction(BsatnReader in) {
        return (Action) readDecided(in);
    }

    static Decided readDecided(BsatnReader in) {
        int kind = in.readU8();
        return switch (kind) {
            case REBIND ->
                new Rebind(
                        in.readIdentity(),
                        readAddress(in),
                        in.readInt(),
                        in.readInt(),
                        Action.Reason.valueOf(in.readString()));
            case RELOCATE ->
                new Relocate(in.readInt(), readAddress(in), readAddress(in), Action.Reason.valueOf(in.readString()));
            case REFUSAL -> new Refusal(readSubject(in), Refusal.Reason.valueOf(in.readString()));
            default -> throw new IllegalArgumentException("no decision is of kind " + kind);
        };
    }

    private static void write(Subject subject, BsatnWriter out) {
        switch (subject) {
            case Subject.OfCluster() -> out.writeByte(CLUSTER);
            case Subject.OfNode(Address node) -> out.writeByte(NODE).writeString(node.toString());
            case Subject.OfCore(Address node, int core) ->
                out.writeByte(CORE).writeString(node.toString()).writeInt(core);
            case Subject.OfShard(int shard) -> out.writeByte(SHARD).writeInt(shard);
            case Subject.OfDatabase(Identity database) ->
                out.writeByte(DATABASE).writeIdentity(database);
        }
    }

    private static Subject readSubject(BsatnReader in) {
        int kind = in.readU8();
        return switch (kind) {
            case CLUSTER -> new Subject.OfCluster();
            case NODE -> new Subject.OfNode(readAddress(in));
            case CORE -> new Subject.OfCore(readAddress(in), in.readInt());
            case SHARD -> new Subject.OfShard(in.readInt());
            case DATABASE -> new Subject.OfDatabase(in.readIdentity());
            default -> throw new IllegalArgumentException("no subject is of kind " + kind);
        };
    }
}
