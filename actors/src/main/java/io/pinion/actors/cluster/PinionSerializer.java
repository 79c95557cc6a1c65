package io.pinion.actors.cluster;

import io.pinion.actors.database.Database;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.NotSerializableException;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.apache.pekko.stream.StreamRefResolver;

/**
 * Pekko's door to {@link DatabaseCodec} and {@link DirectoryCodec}. Every message begins with a byte that says the version of
 * the format; a node reads what is as old as itself or older, so the nodes of a cluster are updated one after the other.
 * Threadsafe.
 */
public final class PinionSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 0x50494E;
    private static final String DIRECTORY_PREFIX = "D";
    static final int WIRE_VERSION = 1;

    private final DatabaseCodec databases;
    private final DirectoryCodec directory;

    /** Called by Pekko. */
    public PinionSerializer(ExtendedActorSystem system) {
        WireFields fields =
                new WireFields(ActorRefResolver.get(Adapter.toTyped(system)), StreamRefResolver.get(system));
        databases = new DatabaseCodec(fields);
        directory = new DirectoryCodec(fields);
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        return switch (message) {
            case Database.Message database -> databases.manifest(database);
            case Directory.Message entry -> directory.manifest(entry);
            default ->
                throw new IllegalArgumentException(
                        "no binary form for " + message.getClass().getName());
        };
    }

    @Override
    public byte[] toBinary(Object message) {
        BsatnWriter out = new BsatnWriter(256).writeByte(WIRE_VERSION);
        switch (message) {
            case Database.Message database -> databases.write(database, out);
            case Directory.Message entry -> directory.write(entry, out);
            default ->
                throw new IllegalArgumentException(
                        "no binary form for " + message.getClass().getName());
        }
        return out.toBytes().unsafeArray();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        BsatnReader in = new BsatnReader(bytes);
        int version = bytes.length == 0 ? 0 : in.readU8();
        if (version < 1 || version > WIRE_VERSION) {
            throw new NotSerializableException("a message " + manifest + " comes in version " + version
                    + " of Pinion's wire format, of which this node knows versions 1 to " + WIRE_VERSION
                    + ": its sender runs a newer Pinion, or is none");
        }
        return manifest.startsWith(DIRECTORY_PREFIX) ? directory.read(manifest, in) : databases.read(manifest, in);
    }
}
