package io.pinion.balancer;

import io.pinion.balancer.BalancerProtocol.Changed;
import io.pinion.balancer.BalancerProtocol.Command;
import io.pinion.balancer.BalancerProtocol.Decisions;
import io.pinion.balancer.BalancerProtocol.Message;
import io.pinion.balancer.BalancerProtocol.NodeStatus;
import io.pinion.balancer.BalancerProtocol.NotDone;
import io.pinion.balancer.BalancerProtocol.Ordered;
import io.pinion.balancer.BalancerProtocol.Planned;
import io.pinion.balancer.BalancerProtocol.Status;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;

/**
 * The binary form of the balancer's messages and events: the fields in the order of their records, as BSATN; addresses and
 * actors as text; enums by name. Events live in the journal for years: a manifest keeps its shape for ever. The shapes of
 * plans and reports are those of {@link PlanCodec}.
 */
final class BalancerCodec {
    private final ActorRefResolver references;

    BalancerCodec(ActorRefResolver references) {
        this.references = references;
    }

    String manifest(Message message) {
        return switch (message) {
            case Command command -> manifest(command);
            case Changed _ -> "AC";
            case NotDone _ -> "AN";
            case Ordered _ -> "AO";
            case Planned _ -> "AP";
            case Decisions _ -> "AD";
            case Status _ -> "AS";
            case BalancerNotice.Report _ -> "NR";
            case BalancerNotice.RebindMissed _ -> "NM";
            case NodeAgent.Command.Bind _ -> "GB";
            case NodeAgent.Command.MeasureAnew _ -> "GM";
            case NodeAgent.Command.PlaceBy _ -> "GP";
            case WishKeeper.Opened _ -> "EO";
            case WishKeeper.Wished(Wish wish) -> "EW" + kind(wish);
            default ->
                throw new IllegalArgumentException(
                        "no binary form for " + message.getClass().getName());
        };
    }

    private static String manifest(Command command) {
        return switch (command) {
            case Command.Change(Wish wish, var _) -> "CC" + kind(wish);
            case Command.RebindNow _ -> "CB";
            case Command.RelocateNow _ -> "CR";
            case Command.PlanNow _ -> "CP";
            case Command.GetStatus _ -> "CS";
            case Command.GetDecisions _ -> "CD";
        };
    }

    private static String kind(Wish wish) {
        return switch (wish) {
            case Wish.PinDatabase _ -> "d";
            case Wish.UnpinDatabase _ -> "e";
            case Wish.PinShard _ -> "s";
            case Wish.UnpinShard _ -> "t";
            case Wish.Drain _ -> "n";
            case Wish.Undrain _ -> "m";
            case Wish.Switch _ -> "o";
        };
    }

    void write(Message message, BsatnWriter out) {
        switch (message) {
            case Command command -> writeCommand(command, out);
            case Changed() -> {}
            case NotDone(String why) -> out.writeString(why);
            case Ordered(Action action) -> PlanCodec.write(action, out);
            case Planned(Plan plan) -> PlanCodec.write(plan, out);
            case Decisions(List<Decision> decisions) ->
                PlanCodec.writeAll(decisions, out, (decision, to) -> {
                    to.writeLong(decision.atMillis());
                    PlanCodec.write(decision.decided(), to);
                });
            case Status status -> writeStatus(status, out);
            case BalancerNotice.Report report -> writeReport(report, out);
            case BalancerNotice.RebindMissed(Identity database) -> out.writeIdentity(database);
            case NodeAgent.Command.Bind(Identity database, int core) ->
                out.writeIdentity(database).writeInt(core);
            case NodeAgent.Command.MeasureAnew() -> {}
            case NodeAgent.Command.PlaceBy(Map<Address, Double> loads) ->
                PlanCodec.writeAll(List.copyOf(loads.entrySet()), out, (entry, to) -> {
                    PlanCodec.write(entry.getKey(), to);
                    to.writeDouble(entry.getValue());
                });
            case WishKeeper.Opened(Address node) -> PlanCodec.write(node, out);
            case WishKeeper.Wished(Wish wish) -> writeWish(wish, out);
            default ->
                throw new IllegalArgumentException(
                        "no binary form for " + message.getClass().getName());
        }
    }

    private void writeCommand(Command command, BsatnWriter out) {
        switch (command) {
            case Command.Change(Wish wish, var replyTo) -> {
                writeWish(wish, out);
                writeReference(replyTo, out);
            }
            case Command.RebindNow(Identity database, int core, var replyTo) -> {
                out.writeIdentity(database).writeInt(core);
                writeReference(replyTo, out);
            }
            case Command.RelocateNow(int shard, Address to, var replyTo) -> {
                out.writeInt(shard);
                PlanCodec.write(to, out);
                writeReference(replyTo, out);
            }
            case Command.PlanNow(var replyTo) -> writeReference(replyTo, out);
            case Command.GetStatus(var replyTo) -> writeReference(replyTo, out);
            case Command.GetDecisions(int max, var replyTo) -> {
                out.writeInt(max);
                writeReference(replyTo, out);
            }
        }
    }

    private static void writeWish(Wish wish, BsatnWriter out) {
        switch (wish) {
            case Wish.PinDatabase(Identity database, int core) ->
                out.writeIdentity(database).writeInt(core);
            case Wish.UnpinDatabase(Identity database) -> out.writeIdentity(database);
            case Wish.PinShard(int shard, Address node) -> PlanCodec.write(node, out.writeInt(shard));
            case Wish.UnpinShard(int shard) -> out.writeInt(shard);
            case Wish.Drain(Address node) -> PlanCodec.write(node, out);
            case Wish.Undrain(Address node) -> PlanCodec.write(node, out);
            case Wish.Switch(boolean isOn) -> out.writeBool(isOn);
        }
    }

    private void writeReport(BalancerNotice.Report report, BsatnWriter out) {
        PlanCodec.write(report.node(), out);
        writeReference(report.agent(), out);
        out.writeBool(report.isSettled()).writeLong(report.probeNanos()).writeInt(report.databaseCount());
        PlanCodec.writeAll(report.cores(), out, PlanCodec::write);
        PlanCodec.writeAll(report.databases(), out, PlanCodec::write);
        PlanCodec.writeAll(report.shards(), out, PlanCodec::write);
    }

    private static void writeStatus(Status status, BsatnWriter out) {
        PlanCodec.write(status.node(), out);
        out.writeBool(status.isOn());
        PlanCodec.write(status.pins(), out);
        PlanCodec.writeAll(List.copyOf(status.drained()), out, PlanCodec::write);
        PlanCodec.writeAll(status.nodes(), out, (node, to) -> {
            PlanCodec.write(node.address(), to);
            to.writeString(node.state().name()).writeDouble(node.speed());
            PlanCodec.writeAll(node.cores(), to, PlanCodec::write);
            to.writeInt(node.shards()).writeInt(node.databases());
        });
        out.writeLong(status.plannedAtMillis()).writeLong(status.planMicros());
    }

    private void writeReference(ActorRef<?> reference, BsatnWriter out) {
        out.writeString(references.toSerializationFormat(reference));
    }

    private <T> ActorRef<T> readReference(BsatnReader in) {
        return references.resolveActorRef(in.readString());
    }

    /** @throws IllegalArgumentException if the manifest is unknown */
    Message read(String manifest, BsatnReader in) {
        return switch (manifest) {
            case "CB" -> new Command.RebindNow(in.readIdentity(), in.readInt(), readReference(in));
            case "CR" -> new Command.RelocateNow(in.readInt(), PlanCodec.readAddress(in), readReference(in));
            case "CP" -> new Command.PlanNow(readReference(in));
            case "CS" -> new Command.GetStatus(readReference(in));
            case "CD" -> new Command.GetDecisions(in.readInt(), readReference(in));
            case "AC" -> new Changed();
            case "AN" -> new NotDone(in.readString());
            case "AO" -> new Ordered(PlanCodec.readAction(in));
            case "AP" -> new Planned(PlanCodec.readPlan(in));
            case "AD" ->
                new Decisions(
                        PlanCodec.readAll(in, from -> new Decision(from.readLong(), PlanCodec.readDecided(from))));
            case "AS" -> readStatus(in);
            case "NR" -> readReport(in);
            case "NM" -> new BalancerNotice.RebindMissed(in.readIdentity());
            case "GB" -> new NodeAgent.Command.Bind(in.readIdentity(), in.readInt());
            case "GM" -> new NodeAgent.Command.MeasureAnew();
            case "GP" -> readPlaceBy(in);
            case "EO" -> new WishKeeper.Opened(PlanCodec.readAddress(in));
            default -> readWithWish(manifest, in);
        };
    }

    private Message readWithWish(String manifest, BsatnReader in) {
        if (manifest.startsWith("EW")) {
            return new WishKeeper.Wished(readWish(manifest, in));
        }
        if (manifest.startsWith("CC")) {
            return new Command.Change(readWish(manifest, in), readReference(in));
        }
        throw unknown(manifest);
    }

    private static Wish readWish(String manifest, BsatnReader in) {
        return switch (manifest.substring(2)) {
            case "d" -> new Wish.PinDatabase(in.readIdentity(), in.readInt());
            case "e" -> new Wish.UnpinDatabase(in.readIdentity());
            case "s" -> new Wish.PinShard(in.readInt(), PlanCodec.readAddress(in));
            case "t" -> new Wish.UnpinShard(in.readInt());
            case "n" -> new Wish.Drain(PlanCodec.readAddress(in));
            case "m" -> new Wish.Undrain(PlanCodec.readAddress(in));
            case "o" -> new Wish.Switch(in.readBool());
            default -> throw unknown(manifest);
        };
    }

    private static IllegalArgumentException unknown(String manifest) {
        return new IllegalArgumentException("no message of the balancer has the manifest " + manifest);
    }

    private static NodeAgent.Command.PlaceBy readPlaceBy(BsatnReader in) {
        Map<Address, Double> loads = new HashMap<>();
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            loads.put(PlanCodec.readAddress(in), in.readDouble());
        }
        return new NodeAgent.Command.PlaceBy(loads);
    }

    private BalancerNotice.Report readReport(BsatnReader in) {
        return new BalancerNotice.Report(
                PlanCodec.readAddress(in),
                readReference(in),
                in.readBool(),
                in.readLong(),
                in.readInt(),
                PlanCodec.readAll(in, PlanCodec::readCore),
                PlanCodec.readAll(in, PlanCodec::readDatabase),
                PlanCodec.readAll(in, PlanCodec::readShard));
    }

    private static Status readStatus(BsatnReader in) {
        return new Status(
                PlanCodec.readAddress(in),
                in.readBool(),
                PlanCodec.readPins(in),
                Set.copyOf(PlanCodec.readAll(in, PlanCodec::readAddress)),
                PlanCodec.readAll(
                        in,
                        from -> new NodeStatus(
                                PlanCodec.readAddress(from),
                                NodeState.valueOf(from.readString()),
                                from.readDouble(),
                                PlanCodec.readAll(from, PlanCodec::readCore),
                                from.readInt(),
                                from.readInt())),
                in.readLong(),
                in.readLong());
    }
}
