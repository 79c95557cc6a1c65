package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.DatabaseState;
import java.time.Duration;
import java.util.Locale;

/** The JSON of how a database is. What does not apply is left out. */
final class StateJson {
    private StateJson() {}

    static ObjectNode of(DatabaseState state) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("database_identity", state.database().toHex())
                .put("state", state.phase().name().toLowerCase(Locale.ROOT))
                .put("stops", state.stops());
        state.offsetDurable().ifPresent(offset -> json.put("offset_durable", offset));
        state.recovery().ifPresent(recovery -> write(json.putObject("recovery"), recovery));
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
        state.restore()
                .ifPresent(restore -> json.putObject("restore")
                        .put("step", restore.step().name().toLowerCase(Locale.ROOT))
                        .put("bytes_read", restore.bytesRead())
                        .put("rows_read", restore.rowsRead())
                        .put("bytes_written", restore.bytesWritten())
                        .put("elapsed_seconds", seconds(restore.elapsed())));
        return json;
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

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    static ObjectNode of(DatabaseState.Snapshot snapshot) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("offset", snapshot.offset())
                .put("time", TransferRoutes.instant(snapshot.timeMicros()).toString())
                .put("rows", snapshot.rows());
    }
}
