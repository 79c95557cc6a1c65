package io.pinion.actors.cluster;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Policy;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.RestorePoint;
import io.pinion.actors.database.Database.Wanted;
import io.pinion.modules.HostType;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.util.ByteString;

/**
 * The binary form of what a database is told and answers: fields in declaration order, little endian, strings and bytes
 * behind a 32-bit length. Deadlines travel as the nanoseconds that remain. The manifest names the type; it is never reused
 * for another shape.
 */
final class DatabaseCodec {
    private final WireFields fields;
    private final ClientCodec clients;

    DatabaseCodec(WireFields fields) {
        this.fields = fields;
        this.clients = new ClientCodec(fields);
    }

    /** A short name of the message's type. */
    String manifest(Database.Message message) {
        return switch (message) {
            case Command.CallReducer _ -> "CR";
            case Command.CallProcedure _ -> "CP";
            case Command.HandleHttp _ -> "CH";
            case Command.ForClient(Client.Request request) -> ClientCodec.manifest(request);
            case Client.Delivery delivery -> ClientCodec.manifest(delivery);
            case Database.CommittedForClient _ -> "KC";
            case Command.Query _ -> "CQ";
            case Command.Describe _ -> "CD";
            case Command.Publish _ -> "CU";
            case Command.PlanPublish _ -> "CM";
            case Command.ReadLog _ -> "CL";
            case Command.FollowLog _ -> "CF";
            case Command.Delete _ -> "CX";
            case Command.TruncateLog _ -> "CT";
            case Command.Download _ -> "BA";
            case Command.Restore _ -> "BB";
            case Command.TakeSnapshot _ -> "BT";
            case Command.Order _ -> "OC";
            case Database.Ordered _ -> "OD";
            case Database.NotOrdered _ -> "ON";
            case Command.Locate _ -> "CO";
            case Command.Rebind _ -> "CB";
            case Command.SetWeight _ -> "CW";
            case Command.Stop _ -> "CS";
            case Database.Committed _ -> "AC";
            case Database.Rejected _ -> "AR";
            case Database.Returned _ -> "AV";
            case Database.ResultNotKept _ -> "AH";
            case Database.Answered _ -> "AA";
            case Database.NoSuchProcedure _ -> "AZ";
            case Database.NoSuchRoute _ -> "AW";
            case Database.Failed _ -> "AF";
            case Database.Stopped _ -> "AS";
            case Database.NoSuchReducer _ -> "AN";
            case Database.NotCallable _ -> "AK";
            case Database.BadArguments _ -> "AB";
            case Database.Rows _ -> "AQ";
            case Database.Changed _ -> "AY";
            case Database.BadQuery _ -> "AE";
            case Database.Description _ -> "AD";
            case Database.Published _ -> "AP";
            case Database.InvalidProgram _ -> "AI";
            case Database.UpdateRefused _ -> "AU";
            case Database.Planned _ -> "AM";
            case Database.NotOwner _ -> "AO";
            case Database.Locked _ -> "AJ";
            case Database.LogLines _ -> "AL";
            case Database.Deleted _ -> "AX";
            case Database.LogTruncated _ -> "AT";
            case Database.NotTruncated _ -> "AG";
            case Database.Downloading _ -> "BD";
            case Database.NotDownloaded _ -> "BN";
            case Database.Restored _ -> "BR";
            case Database.NotRestored _ -> "BX";
            case Database.AlreadyExists _ -> "BE";
            case Database.SnapshotTaken _ -> "BS";
            case Database.NoSnapshot _ -> "BO";
            case Database.Located _ -> "BL";
            case Database.NoSuchModule _ -> "RN";
            case Database.Overloaded _ -> "RO";
            case Database.NotAdmitted _ -> "RA";
            case Database.DeadlineExceeded _ -> "RD";
            case Database.OutcomeUnknown _ -> "RU";
            case Database.Moved _ -> "RM";
            case Database.Unavailable _ -> "RV";
            default -> throw noBinaryForm(message);
        };
    }

    private static IllegalArgumentException noBinaryForm(Database.Message message) {
        return new IllegalArgumentException(
                "no binary form for " + message.getClass().getName());
    }

    void write(Database.Message message, BsatnWriter out) {
        switch (message) {
            case Command.ForClient(Client.Request request) -> clients.write(request, out);
            case Client.Delivery delivery -> clients.write(delivery, out);
            case Database.CommittedForClient outcome -> ClientCodec.write(outcome, out);
            case Command command -> writeCommand(command, out);
            case Database.Refusal refusal -> writeRefusal(refusal, out);
            default -> writeAnswer(message, out);
        }
    }

    private void writeCommand(Command command, BsatnWriter out) {
        switch (command) {
            case Command.CallReducer call -> writeCall(call, out);
            case Command.CallProcedure call -> writeCall(call, out);
            case Command.HandleHttp(String path, HttpRequest request, long deadlineNanos, var replyTo) -> {
                out.writeString(path);
                HttpFields.write(request, out);
                writeDeadline(deadlineNanos, out);
                fields.writeReference(replyTo, out);
            }
            case Command.Query(String sql, Caller caller, boolean confirmed, long deadlineNanos, var replyTo) -> {
                out.writeString(sql);
                writeCaller(caller, out);
                out.writeBool(confirmed);
                writeDeadline(deadlineNanos, out);
                fields.writeReference(replyTo, out);
            }
            case Command.ForClient _ -> throw new IllegalArgumentException("written elsewhere: " + command);
            case Command.Describe(var replyTo) -> fields.writeReference(replyTo, out);
            case Command.Publish(Bytes program, Identity publisher, boolean clear, Policy policy, var replyTo) -> {
                out.writeByteArray(program).writeIdentity(publisher).writeBool(clear);
                writePolicy(policy, out);
                fields.writeReference(replyTo, out);
            }
            case Command.PlanPublish(Bytes program, Identity caller, MigrationStyle style, var replyTo) -> {
                out.writeByteArray(program).writeIdentity(caller).writeString(style.name());
                fields.writeReference(replyTo, out);
            }
            case Command.ReadLog(Identity caller, int lineCountMax, var replyTo) -> {
                out.writeIdentity(caller).writeInt(lineCountMax);
                fields.writeReference(replyTo, out);
            }
            case Command.FollowLog(Identity caller, int lineCountMax, var replyTo) -> {
                out.writeIdentity(caller).writeInt(lineCountMax);
                fields.writeReference(replyTo, out);
            }
            case Command.Delete(Identity caller, var replyTo) -> {
                out.writeIdentity(caller);
                fields.writeReference(replyTo, out);
            }
            case Command.TruncateLog(long offset, var replyTo) -> {
                out.writeLong(offset);
                fields.writeReference(replyTo, out);
            }
            case Command.Download(var wanted, var requester, var replyTo) -> {
                writeWanted(wanted, out);
                writeRequester(requester, out);
                fields.writeReference(replyTo, out);
            }
            case Command.Restore restore -> writeRestore(restore, out);
            case Command.TakeSnapshot(var replyTo) -> fields.writeReference(replyTo, out);
            case Command.Order(var change, var replyTo) -> {
                OrderFields.writeChange(change, out);
                fields.writeReference(replyTo, out);
            }
            case Command.Locate(var replyTo) -> fields.writeReference(replyTo, out);
            case Command.Rebind(int core) -> out.writeInt(core);
            case Command.SetWeight(int weight) -> out.writeInt(weight);
            case Command.Stop _ -> {}
        }
    }

    private static void writeWanted(Wanted wanted, BsatnWriter out) {
        switch (wanted) {
            case Wanted.Backup(boolean withLog, List<String> names, String pinionVersion) -> {
                out.writeByte(0).writeBool(withLog);
                WireFields.writeStrings(names, out);
                out.writeString(pinionVersion);
            }
            case Wanted.Table(String table, Database.TextFormat format) ->
                out.writeByte(1).writeString(table).writeString(format.name());
        }
    }

    private static Wanted readWanted(BsatnReader in) {
        return in.readTag(2, "wanted") == 0
                ? new Wanted.Backup(in.readBool(), WireFields.readStrings(in), in.readString())
                : new Wanted.Table(in.readString(), Database.TextFormat.valueOf(in.readString()));
    }

    private static void writeRequester(Database.Requester requester, BsatnWriter out) {
        out.writeIdentity(requester.identity()).writeBool(requester.isOperator());
    }

    private static Database.Requester readRequester(BsatnReader in) {
        return new Database.Requester(in.readIdentity(), in.readBool());
    }

    private void writeRestore(Command.Restore restore, BsatnWriter out) {
        fields.writeStream(restore.archive(), out);
        switch (restore.point()) {
            case RestorePoint.Latest _ -> out.writeByte(0);
            case RestorePoint.AtOffset(long offset) -> out.writeByte(1).writeLong(offset);
            case RestorePoint.AtTime(long micros) -> out.writeByte(2).writeLong(micros);
        }
        out.writeBool(restore.replace()).writeIdentity(restore.owner());
        writeRequester(restore.requester(), out);
        fields.writeReference(restore.replyTo(), out);
    }

    private Command readRestore(BsatnReader in) {
        SourceRef<ByteString> archive = fields.readStream(in);
        RestorePoint point = switch (in.readTag(3, "restore points")) {
            case 0 -> RestorePoint.Latest.INSTANCE;
            case 1 -> new RestorePoint.AtOffset(in.readLong());
            default -> new RestorePoint.AtTime(in.readLong());
        };
        return new Command.Restore(
                archive, point, in.readBool(), in.readIdentity(), readRequester(in), fields.readReference(in));
    }

    private static void writePolicy(Policy policy, BsatnWriter out) {
        switch (policy) {
            case Policy.Compatible _ -> out.writeByte(0);
            case Policy.BreakClients(Bytes token) -> out.writeByte(1).writeByteArray(token);
        }
    }

    private static Policy readPolicy(BsatnReader in) {
        return in.readTag(2, "policies") == 0
                ? Policy.Compatible.INSTANCE
                : new Policy.BreakClients(in.readByteArray());
    }

    private void writeCall(Command.CallReducer call, BsatnWriter out) {
        out.writeString(call.reducer());
        writeArguments(call.arguments(), out);
        writeCaller(call.caller(), out);
        out.writeLong(call.requestId().high()).writeLong(call.requestId().low());
        out.writeBool(call.confirmed());
        writeDeadline(call.deadlineNanos(), out);
        out.writeInt(call.clientNumber());
        fields.writeReference(call.replyTo(), out);
    }

    private void writeCall(Command.CallProcedure call, BsatnWriter out) {
        out.writeString(call.procedure());
        writeArguments(call.arguments(), out);
        writeCaller(call.caller(), out);
        out.writeLong(call.requestId().high()).writeLong(call.requestId().low());
        out.writeBool(call.confirmed());
        writeDeadline(call.deadlineNanos(), out);
        fields.writeReference(call.replyTo(), out);
    }

    private static void writeArguments(Arguments arguments, BsatnWriter out) {
        switch (arguments) {
            case Arguments.Bsatn(Bytes bytes) -> out.writeByte(0).writeByteArray(bytes);
            case Arguments.Json(String text) -> out.writeByte(1).writeString(text);
        }
    }

    private static Arguments readArguments(BsatnReader in) {
        return in.readTag(2, "arguments") == 0
                ? new Arguments.Bsatn(in.readByteArray())
                : new Arguments.Json(in.readString());
    }

    private void writeAnswer(Database.Message answer, BsatnWriter out) {
        switch (answer) {
            case Database.Committed(long offset, long nanos) ->
                out.writeLong(offset).writeLong(nanos);
            case Database.Rejected(String message, long offset, long nanos) ->
                out.writeString(message).writeLong(offset).writeLong(nanos);
            case Database.Returned(Bytes returnType, Bytes value, long offset, long startMicros, long nanos) ->
                out.writeByteArray(returnType)
                        .writeByteArray(value)
                        .writeLong(offset)
                        .writeLong(startMicros)
                        .writeLong(nanos);
            case Database.ResultNotKept(long offset, long startMicros) ->
                out.writeLong(offset).writeLong(startMicros);
            case Database.Answered(HttpResponse response) -> HttpFields.write(response, out);
            case Database.NoSuchProcedure(String procedure, String message) ->
                out.writeString(procedure).writeString(message);
            case Database.NoSuchRoute _ -> {}
            case Database.Failed(String reason, long offset, long nanos) ->
                out.writeString(reason).writeLong(offset).writeLong(nanos);
            case Database.Stopped(Database.Limit limit, long offset, long nanos) ->
                out.writeString(limit.name()).writeLong(offset).writeLong(nanos);
            case Database.NoSuchReducer(String reducer, String message) ->
                out.writeString(reducer).writeString(message);
            case Database.NotCallable(String message) -> out.writeString(message);
            case Database.BadArguments(String message) -> out.writeString(message);
            case Database.Rows(Bytes rowType, Bytes rows, long offset, long nanos) ->
                out.writeByteArray(rowType)
                        .writeByteArray(rows)
                        .writeLong(offset)
                        .writeLong(nanos);
            case Database.Changed(long inserted, long deleted, long updated, long offset, long nanos) ->
                out.writeLong(inserted)
                        .writeLong(deleted)
                        .writeLong(updated)
                        .writeLong(offset)
                        .writeLong(nanos);
            case Database.BadQuery(String message) -> out.writeString(message);
            case Database.Description(Identity owner, HostType hostType, Bytes hash, Bytes definition) ->
                out.writeIdentity(owner)
                        .writeString(hostType.name())
                        .writeByteArray(hash)
                        .writeByteArray(definition);
            case Database.Published(boolean created, List<String> warnings, long offset) -> {
                out.writeBool(created);
                WireFields.writeStrings(warnings, out);
                out.writeLong(offset);
            }
            case Database.InvalidProgram(String message) -> out.writeString(message);
            case Database.UpdateRefused(List<String> reasons) -> WireFields.writeStrings(reasons, out);
            case Database.Planned(String plan, boolean breaksClients, Bytes token) ->
                out.writeString(plan).writeBool(breaksClients).writeByteArray(token);
            case Database.NotOwner(Identity owner) -> out.writeIdentity(owner);
            case Database.Locked() -> {}
            case Database.LogLines(List<String> lines) -> WireFields.writeStrings(lines, out);
            case Database.Deleted _ -> {}
            case Database.LogTruncated(long offset, long eventsCut) ->
                out.writeLong(offset).writeLong(eventsCut);
            case Database.NotTruncated(String reason) -> out.writeString(reason);
            case Database.Downloading(SourceRef<ByteString> bytes) -> fields.writeStream(bytes, out);
            case Database.NotDownloaded(String reason) -> out.writeString(reason);
            case Database.Restored(long offset, long offsetOfBackup, long timeMicros, long rows) ->
                out.writeLong(offset)
                        .writeLong(offsetOfBackup)
                        .writeLong(timeMicros)
                        .writeLong(rows);
            case Database.NotRestored(String reason) -> out.writeString(reason);
            case Database.AlreadyExists _ -> {}
            case Database.Located(var actor) -> fields.writeReference(actor, out);
            case Database.SnapshotTaken(long offset, long rows) ->
                out.writeLong(offset).writeLong(rows);
            case Database.NoSnapshot(String reason) -> out.writeString(reason);
            case Database.Ordered(var orders) -> OrderFields.write(orders, out);
            case Database.NotOrdered(String reason) -> out.writeString(reason);
            default -> throw noBinaryForm(answer);
        }
    }

    private static void writeRefusal(Database.Refusal refusal, BsatnWriter out) {
        switch (refusal) {
            case Database.Overloaded(Duration retryAfter) -> out.writeLong(retryAfter.toNanos());
            case Database.Unavailable(String reason) -> out.writeString(reason);
            case Database.NotAdmitted(String reason) -> out.writeString(reason);
            case Database.NoSuchModule _, Database.DeadlineExceeded _, Database.OutcomeUnknown _, Database.Moved _ -> {}
        }
    }

    /** @throws IllegalArgumentException if the manifest is unknown */
    Database.Message read(String manifest, BsatnReader in) {
        return switch (manifest) {
            case "CR" -> readCall(in);
            case "CP" ->
                new Command.CallProcedure(
                        in.readString(),
                        readArguments(in),
                        readCaller(in),
                        new RequestId(in.readLong(), in.readLong()),
                        in.readBool(),
                        readDeadline(in),
                        fields.readReference(in));
            case "CH" ->
                new Command.HandleHttp(
                        in.readString(), HttpFields.readRequest(in), readDeadline(in), fields.readReference(in));
            case "CQ" ->
                new Command.Query(
                        in.readString(), readCaller(in), in.readBool(), readDeadline(in), fields.readReference(in));
            case "CD" -> new Command.Describe(fields.readReference(in));
            case "CU" ->
                new Command.Publish(
                        in.readByteArray(), in.readIdentity(), in.readBool(), readPolicy(in), fields.readReference(in));
            case "CM" ->
                new Command.PlanPublish(
                        in.readByteArray(),
                        in.readIdentity(),
                        MigrationStyle.valueOf(in.readString()),
                        fields.readReference(in));
            case "CL" -> new Command.ReadLog(in.readIdentity(), in.readInt(), fields.readReference(in));
            case "CF" -> new Command.FollowLog(in.readIdentity(), in.readInt(), fields.readReference(in));
            case "CX" -> new Command.Delete(in.readIdentity(), fields.readReference(in));
            case "CT" -> new Command.TruncateLog(in.readLong(), fields.readReference(in));
            case "BA" -> new Command.Download(readWanted(in), readRequester(in), fields.readReference(in));
            case "BB" -> readRestore(in);
            case "BT" -> new Command.TakeSnapshot(fields.readReference(in));
            case "OC" -> new Command.Order(OrderFields.readChange(in), fields.readReference(in));
            case "OD" -> new Database.Ordered(OrderFields.read(in));
            case "ON" -> new Database.NotOrdered(in.readString());
            case "CO" -> new Command.Locate(fields.readReference(in));
            case "CB" -> new Command.Rebind(in.readInt());
            case "CW" -> new Command.SetWeight(in.readInt());
            case "CS" -> Command.Stop.INSTANCE;
            case "AC" -> new Database.Committed(in.readLong(), in.readLong());
            case "AR" -> new Database.Rejected(in.readString(), in.readLong(), in.readLong());
            case "AV" ->
                new Database.Returned(
                        in.readByteArray(), in.readByteArray(), in.readLong(), in.readLong(), in.readLong());
            case "AH" -> new Database.ResultNotKept(in.readLong(), in.readLong());
            case "AA" -> new Database.Answered(HttpFields.readResponse(in));
            case "AZ" -> new Database.NoSuchProcedure(in.readString(), in.readString());
            case "AW" -> new Database.NoSuchRoute();
            case "AF" -> new Database.Failed(in.readString(), in.readLong(), in.readLong());
            case "AS" -> new Database.Stopped(Database.Limit.valueOf(in.readString()), in.readLong(), in.readLong());
            case "AN" -> new Database.NoSuchReducer(in.readString(), in.readString());
            case "AK" -> new Database.NotCallable(in.readString());
            case "AB" -> new Database.BadArguments(in.readString());
            case "AQ" -> new Database.Rows(in.readByteArray(), in.readByteArray(), in.readLong(), in.readLong());
            case "AY" ->
                new Database.Changed(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
            case "AE" -> new Database.BadQuery(in.readString());
            case "AD" ->
                new Database.Description(
                        in.readIdentity(), HostType.valueOf(in.readString()), in.readByteArray(), in.readByteArray());
            case "AP" -> new Database.Published(in.readBool(), WireFields.readStrings(in), in.readLong());
            case "AI" -> new Database.InvalidProgram(in.readString());
            case "AU" -> new Database.UpdateRefused(WireFields.readStrings(in));
            case "AM" -> new Database.Planned(in.readString(), in.readBool(), in.readByteArray());
            case "AO" -> new Database.NotOwner(in.readIdentity());
            case "AJ" -> new Database.Locked();
            case "AL" -> new Database.LogLines(WireFields.readStrings(in));
            case "AX" -> new Database.Deleted();
            case "AT" -> new Database.LogTruncated(in.readLong(), in.readLong());
            case "AG" -> new Database.NotTruncated(in.readString());
            case "BD" -> new Database.Downloading(fields.readStream(in));
            case "BN" -> new Database.NotDownloaded(in.readString());
            case "BR" -> new Database.Restored(in.readLong(), in.readLong(), in.readLong(), in.readLong());
            case "BX" -> new Database.NotRestored(in.readString());
            case "BE" -> new Database.AlreadyExists();
            case "BL" -> new Database.Located(fields.readReference(in));
            case "BS" -> new Database.SnapshotTaken(in.readLong(), in.readLong());
            case "BO" -> new Database.NoSnapshot(in.readString());
            case "RN" -> new Database.NoSuchModule();
            case "RO" -> new Database.Overloaded(Duration.ofNanos(in.readLong()));
            case "RA" -> new Database.NotAdmitted(in.readString());
            case "RD" -> new Database.DeadlineExceeded();
            case "RU" -> new Database.OutcomeUnknown();
            case "RM" -> new Database.Moved();
            case "RV" -> new Database.Unavailable(in.readString());
            default -> {
                Database.Message message = clients.read(manifest, in);
                if (message == null) {
                    throw new IllegalArgumentException("no database message has the manifest " + manifest);
                }
                yield message;
            }
        };
    }

    private Command readCall(BsatnReader in) {
        String reducer = in.readString();
        Arguments arguments = readArguments(in);
        Caller caller = readCaller(in);
        RequestId requestId = new RequestId(in.readLong(), in.readLong());
        boolean confirmed = in.readBool();
        long deadlineNanos = readDeadline(in);
        return new Command.CallReducer(
                reducer,
                arguments,
                caller,
                requestId,
                confirmed,
                deadlineNanos,
                in.readInt(),
                fields.readReference(in));
    }

    private static void writeDeadline(long deadlineNanos, BsatnWriter out) {
        boolean limited = deadlineNanos != Database.NO_DEADLINE;
        out.writeBool(limited);
        if (limited) {
            out.writeLong(deadlineNanos - System.nanoTime());
        }
    }

    private static long readDeadline(BsatnReader in) {
        return in.readBool() ? System.nanoTime() + in.readLong() : Database.NO_DEADLINE;
    }

    static void writeCaller(Caller caller, BsatnWriter out) {
        out.writeIdentity(caller.identity())
                .writeConnectionId(caller.connectionId())
                .writeString(caller.claims());
    }

    static Caller readCaller(BsatnReader in) {
        return new Caller(in.readIdentity(), in.readConnectionId(), in.readString());
    }
}
