package io.pinion.actors.cluster;

import io.pinion.actors.cluster.Directory.Command;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.List;

/**
 * The binary form of the directory's messages and events, as in {@link DatabaseCodec}. Events live in the journal for
 * years: a manifest keeps its shape for ever.
 */
final class DirectoryCodec {
    private final WireFields fields;

    DirectoryCodec(WireFields fields) {
        this.fields = fields;
    }

    String manifest(Directory.Message message) {
        return switch (message) {
            case Command.FindName _ -> "DCF";
            case Command.ReserveName _ -> "DCR";
            case Command.ConfirmName _ -> "DCC";
            case Command.ReleaseName _ -> "DCX";
            case Command.RegisterDatabase _ -> "DCD";
            case Command.UnregisterDatabase _ -> "DCU";
            case Command.UnbindName _ -> "DCB";
            case Command.SetNames _ -> "DCS";
            case Command.LockDatabase _ -> "DCL";
            case Command.FindLock _ -> "DCK";
            case Command.ListNames _ -> "DCN";
            case Command.ListOwned _ -> "DCO";
            case Directory.NameFree _ -> "DAF";
            case Directory.NameReserved _ -> "DAR";
            case Directory.NameBound _ -> "DAB";
            case Directory.Done _ -> "DAD";
            case Directory.Lock _ -> "DAL";
            case Directory.Names _ -> "DAN";
            case Directory.Owned _ -> "DAO";
            case Directory.NameWasReserved _ -> "DER";
            case Directory.NameWasConfirmed _ -> "DEC";
            case Directory.NameWasReleased _ -> "DEX";
            case Directory.DatabaseWasRegistered _ -> "DED";
            case Directory.DatabaseWasUnregistered _ -> "DEU";
            case Directory.DatabaseWasRenamed _ -> "DEN";
            case Directory.DatabaseWasLocked _ -> "DEL";
            case Directory.WakeWasSet _ -> "DEW";
            case Directory.PartitionWas _ -> "DEP";
            case Command.SetWake _ -> "DCW";
            case Command.ListDue _ -> "DCT";
        };
    }

    void write(Directory.Message message, BsatnWriter out) {
        switch (message) {
            case Command command -> writeCommand(command, out);
            case Directory.Event event -> writeEvent(event, out);
            case Directory.NameAnswer answer -> writeNameAnswer(answer, out);
            case Directory.Done _ -> {}
            case Directory.Lock(boolean locked) -> out.writeBool(locked);
            case Directory.Names(List<String> names) -> {
                WireFields.writeStrings(names, out);
            }
            case Directory.Owned(List<Identity> databases) -> {
                out.writeInt(databases.size());
                databases.forEach(out::writeIdentity);
            }
        }
    }

    private void writeCommand(Command command, BsatnWriter out) {
        switch (command) {
            case Command.FindName(String name, var replyTo) -> {
                out.writeString(name);
                fields.writeReference(replyTo, out);
            }
            case Command.ReserveName(String name, Identity database, Identity owner, long nowMillis, var replyTo) -> {
                out.writeString(name)
                        .writeIdentity(database)
                        .writeIdentity(owner)
                        .writeLong(nowMillis);
                fields.writeReference(replyTo, out);
            }
            case Command.ConfirmName(String name, Identity database, var replyTo) -> {
                out.writeString(name).writeIdentity(database);
                fields.writeReference(replyTo, out);
            }
            case Command.ReleaseName(String name, Identity database, var replyTo) -> {
                out.writeString(name).writeIdentity(database);
                fields.writeReference(replyTo, out);
            }
            case Command.RegisterDatabase(Identity database, Identity owner, String name, var replyTo) -> {
                out.writeIdentity(database).writeIdentity(owner).writeString(name);
                fields.writeReference(replyTo, out);
            }
            case Command.UnregisterDatabase(Identity database, var replyTo) -> {
                out.writeIdentity(database);
                fields.writeReference(replyTo, out);
            }
            case Command.UnbindName(String name, Identity database, var replyTo) -> {
                out.writeString(name).writeIdentity(database);
                fields.writeReference(replyTo, out);
            }
            case Command.SetNames(Identity database, List<String> names, var replyTo) -> {
                out.writeIdentity(database);
                WireFields.writeStrings(names, out);
                fields.writeReference(replyTo, out);
            }
            case Command.LockDatabase(Identity database, boolean locked, var replyTo) -> {
                out.writeIdentity(database).writeBool(locked);
                fields.writeReference(replyTo, out);
            }
            case Command.FindLock(Identity database, var replyTo) -> {
                out.writeIdentity(database);
                fields.writeReference(replyTo, out);
            }
            case Command.SetWake(Identity database, long atMicros, long nowMicros, var replyTo) -> {
                out.writeIdentity(database).writeLong(atMicros).writeLong(nowMicros);
                fields.writeReference(replyTo, out);
            }
            case Command.ListDue(long nowMicros, var replyTo) -> {
                out.writeLong(nowMicros);
                fields.writeReference(replyTo, out);
            }
            case Command.ListNames(Identity database, var replyTo) -> {
                out.writeIdentity(database);
                fields.writeReference(replyTo, out);
            }
            case Command.ListOwned(Identity owner, var replyTo) -> {
                out.writeIdentity(owner);
                fields.writeReference(replyTo, out);
            }
        }
    }

    private static void writeEvent(Directory.Event event, BsatnWriter out) {
        switch (event) {
            case Directory.NameWasReserved(String name, Identity database, Identity owner, long atMillis) ->
                out.writeString(name)
                        .writeIdentity(database)
                        .writeIdentity(owner)
                        .writeLong(atMillis);
            case Directory.NameWasConfirmed(String name) -> out.writeString(name);
            case Directory.NameWasReleased(String name) -> out.writeString(name);
            case Directory.DatabaseWasRegistered(Identity database, Identity owner, String name) ->
                out.writeIdentity(database).writeIdentity(owner).writeString(name);
            case Directory.DatabaseWasUnregistered(Identity database) -> out.writeIdentity(database);
            case Directory.DatabaseWasRenamed(Identity database, List<String> names) -> {
                out.writeIdentity(database);
                WireFields.writeStrings(names, out);
            }
            case Directory.DatabaseWasLocked(Identity database, boolean locked) ->
                out.writeIdentity(database).writeBool(locked);
            case Directory.WakeWasSet(Identity database, long atMicros) ->
                out.writeIdentity(database).writeLong(atMicros);
            case Directory.PartitionWas whole -> writeWhole(whole, out);
        }
    }

    private static void writeWhole(Directory.PartitionWas whole, BsatnWriter out) {
        out.writeInt(whole.names().size());
        whole.names()
                .forEach(known -> out.writeString(known.name())
                        .writeIdentity(known.database())
                        .writeIdentity(known.owner())
                        .writeLong(known.reservedAtMillis())
                        .writeBool(known.confirmed()));
        out.writeInt(whole.databases().size());
        whole.databases().forEach(known -> {
            out.writeIdentity(known.database())
                    .writeIdentity(known.owner())
                    .writeBool(known.exists())
                    .writeBool(known.locked());
            WireFields.writeStrings(known.names(), out);
        });
        out.writeInt(whole.wakes().size());
        whole.wakes().forEach(wake -> writeEvent(wake, out));
    }

    private static Directory.PartitionWas readWhole(BsatnReader in) {
        List<Directory.KnownName> names = WireFields.readAll(
                in,
                () -> new Directory.KnownName(
                        in.readString(), in.readIdentity(), in.readIdentity(), in.readLong(), in.readBool()));
        List<Directory.KnownDatabase> databases = WireFields.readAll(
                in,
                () -> new Directory.KnownDatabase(
                        in.readIdentity(),
                        in.readIdentity(),
                        in.readBool(),
                        in.readBool(),
                        WireFields.readStrings(in)));
        return new Directory.PartitionWas(
                names,
                databases,
                WireFields.readAll(in, () -> new Directory.WakeWasSet(in.readIdentity(), in.readLong())));
    }

    private static void writeNameAnswer(Directory.NameAnswer answer, BsatnWriter out) {
        switch (answer) {
            case Directory.NameFree _ -> {}
            case Directory.NameReserved(Identity database, Identity owner, long sinceMillis) ->
                out.writeIdentity(database).writeIdentity(owner).writeLong(sinceMillis);
            case Directory.NameBound(Identity database, Identity owner) ->
                out.writeIdentity(database).writeIdentity(owner);
        }
    }

    /** @throws IllegalArgumentException if the manifest is unknown */
    Directory.Message read(String manifest, BsatnReader in) {
        return switch (manifest) {
            case "DCF" -> new Command.FindName(in.readString(), fields.readReference(in));
            case "DCR" ->
                new Command.ReserveName(
                        in.readString(), in.readIdentity(), in.readIdentity(), in.readLong(), fields.readReference(in));
            case "DCC" -> new Command.ConfirmName(in.readString(), in.readIdentity(), fields.readReference(in));
            case "DCX" -> new Command.ReleaseName(in.readString(), in.readIdentity(), fields.readReference(in));
            case "DCD" ->
                new Command.RegisterDatabase(
                        in.readIdentity(), in.readIdentity(), in.readString(), fields.readReference(in));
            case "DCU" -> new Command.UnregisterDatabase(in.readIdentity(), fields.readReference(in));
            case "DCB" -> new Command.UnbindName(in.readString(), in.readIdentity(), fields.readReference(in));
            case "DCS" -> new Command.SetNames(in.readIdentity(), WireFields.readStrings(in), fields.readReference(in));
            case "DCL" -> new Command.LockDatabase(in.readIdentity(), in.readBool(), fields.readReference(in));
            case "DCK" -> new Command.FindLock(in.readIdentity(), fields.readReference(in));
            case "DCN" -> new Command.ListNames(in.readIdentity(), fields.readReference(in));
            case "DCO" -> new Command.ListOwned(in.readIdentity(), fields.readReference(in));
            case "DCW" ->
                new Command.SetWake(in.readIdentity(), in.readLong(), in.readLong(), fields.readReference(in));
            case "DCT" -> new Command.ListDue(in.readLong(), fields.readReference(in));
            case "DEW" -> new Directory.WakeWasSet(in.readIdentity(), in.readLong());
            case "DEP" -> readWhole(in);
            case "DAF" -> new Directory.NameFree();
            case "DAR" -> new Directory.NameReserved(in.readIdentity(), in.readIdentity(), in.readLong());
            case "DAB" -> new Directory.NameBound(in.readIdentity(), in.readIdentity());
            case "DAD" -> new Directory.Done();
            case "DAL" -> new Directory.Lock(in.readBool());
            case "DAN" -> new Directory.Names(WireFields.readStrings(in));
            case "DAO" -> new Directory.Owned(WireFields.readIdentities(in));
            case "DER" ->
                new Directory.NameWasReserved(in.readString(), in.readIdentity(), in.readIdentity(), in.readLong());
            case "DEC" -> new Directory.NameWasConfirmed(in.readString());
            case "DEX" -> new Directory.NameWasReleased(in.readString());
            case "DED" -> new Directory.DatabaseWasRegistered(in.readIdentity(), in.readIdentity(), in.readString());
            case "DEU" -> new Directory.DatabaseWasUnregistered(in.readIdentity());
            case "DEN" -> new Directory.DatabaseWasRenamed(in.readIdentity(), WireFields.readStrings(in));
            case "DEL" -> new Directory.DatabaseWasLocked(in.readIdentity(), in.readBool());
            default -> throw new IllegalArgumentException("no directory message has the manifest " + manifest);
        };
    }
}
