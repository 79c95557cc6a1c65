package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.DatabaseState;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.database.CallCounts;
import io.pinion.actors.database.Orders;
import io.pinion.actors.database.RestoreProgress;
import io.pinion.actors.pool.PoolLoad;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The JSON of how a database is. What does not apply is left out. */
final class DatabaseJson {
    private DatabaseJson() {}

    /**
     * @param binding where it runs, if it runs
     * @param busy the part of its core that it has taken lately
     */
    static ObjectNode of(String node, DatabaseState state, @Nullable BindingLoad binding, OptionalDouble busy) {
        ObjectNode json = of(state).put("node", node).put("bucket", PinionHost.bucket(state.database()));
        if (binding != null) {
            json.put("core", binding.core()).put("weight", binding.weight());
            busy.ifPresent(fraction -> json.put("busy", rounded(fraction)));
            json.put("busy_seconds", seconds(binding.busyNanos()))
                    .put("turns", binding.turns())
                    .put("hand_offs", binding.handOffs());
        }
        return json;
    }

    private static ObjectNode of(DatabaseState state) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("database_identity", state.database().toHex())
                .put("state", state.phase().name().toLowerCase(Locale.ROOT))
                .put("stops", state.stops())
                .put("waiting", state.waiting());
        state.offsetDurable().ifPresent(offset -> json.put("offset_durable", offset));
        state.recovery().ifPresent(recovery -> write(json.putObject("recovery"), recovery));
        state.restore().ifPresent(restore -> write(json.putObject("restore"), restore));
        state.damage()
                .ifPresent(damage -> json.putObject("damage")
                        .put("offset", damage.offset())
                        .put("sequence_nr", damage.sequenceNr())
                        .put("cause", damage.cause()));
        state.stuck()
                .ifPresent(stuck -> json.putObject("stuck")
                        .put("function", stuck.function())
                        .put(
                                "since",
                                TransferRoutes.instant(stuck.sinceMicros()).toString()));
        write(json.putObject("instances"), state.pool());
        write(json.putObject("reducers"), state.reducers());
        write(json.putObject("procedures"), state.procedures());
        write(json, state.orders());
        ObjectNode limits = json.putObject("limits_seconds");
        state.limits().forEach((key, limit) -> limits.put(key, seconds(limit)));
        return json;
    }

    private static void write(ObjectNode json, PoolLoad pool) {
        json.put("lent", pool.lent())
                .put("spare", pool.spare())
                .put("being_made", pool.beingMade())
                .put("borrowers_waiting", pool.waiting())
                .put("created", pool.created())
                .put("discarded", pool.discarded())
                .put("failed", pool.failed());
    }

    private static void write(ObjectNode json, CallCounts calls) {
        for (CallCounts.Ending ending : CallCounts.Ending.values()) {
            json.put(ending.name().toLowerCase(Locale.ROOT), calls.ended(ending));
        }
        json.put("seconds", seconds(calls.nanos()));
    }

    /** What an operator has ordered. */
    static void write(ObjectNode json, Orders orders) {
        orders.pause()
                .ifPresent(pause -> json.putObject("paused")
                        .put("reason", pause.reason())
                        .put(
                                "since",
                                TransferRoutes.instant(pause.sinceMicros()).toString()));
        ArrayNode ordered = json.putArray("limits_ordered");
        orders.limits().keySet().stream().sorted().forEach(ordered::add);
    }

    private static void write(ObjectNode json, RestoreProgress restore) {
        json.put("step", restore.step().name().toLowerCase(Locale.ROOT))
                .put("bytes_read", restore.bytesRead())
                .put("rows_read", restore.rowsRead())
                .put("bytes_written", restore.bytesWritten())
                .put("elapsed_seconds", seconds(restore.elapsed()));
    }

    private static void write(ObjectNode json, DatabaseState.Recovery recovery) {
        json.put("bytes", recovery.bytes())
                .put("bytes_per_second", Math.round(recovery.bytesPerSecond()))
                .put("events", recovery.events())
                .put("events_left", recovery.eventsLeft())
                .put("entries", recovery.entries())
                .put("rows", recovery.rows())
                .put("sequence_nr", recovery.sequenceNr())
                .put("sequence_nr_last", recovery.sequenceNrLast())
                .put("elapsed_seconds", seconds(recovery.elapsed()));
        recovery.remaining().ifPresent(remaining -> json.put("remaining_seconds", seconds(remaining)));
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    static double seconds(long nanos) {
        return Math.round(nanos / 1e6) / 1000.0;
    }

    static double rounded(double fraction) {
        return Math.round(fraction * 10_000) / 10_000.0;
    }

    static ObjectNode of(DatabaseState.Snapshot snapshot) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("offset", snapshot.offset())
                .put("time", TransferRoutes.instant(snapshot.timeMicros()).toString())
                .put("rows", snapshot.rows());
    }
}
