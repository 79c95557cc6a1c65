package io.pinion.actors.cluster;

import io.pinion.actors.database.Database.Command.SetWeight;
import java.io.NotSerializableException;
import java.util.Arrays;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** What a node of a newer version may send: some weights stand for messages that this version does not have. */
public final class NewerSerializer extends SerializerWithStringManifest {
    static final String SETTINGS = "pekko.actor.serializers.pinion = \"io.pinion.actors.cluster.NewerSerializer\"\n";

    /** Has a manifest that this version does not know. */
    static final SetWeight OF_NEW_TYPE = new SetWeight(9_001);

    /** Is written in a version of the whole format that this one does not know. */
    static final SetWeight IN_NEW_FORMAT = new SetWeight(9_002);

    /** Has fields at its end that this version does not know. */
    static final SetWeight WITH_NEW_FIELDS = new SetWeight(9_003);

    private final PinionSerializer own;

    /** Called by Pekko. */
    public NewerSerializer(ExtendedActorSystem system) {
        own = new PinionSerializer(system);
    }

    @Override
    public int identifier() {
        return own.identifier();
    }

    @Override
    public String manifest(Object message) {
        return message.equals(OF_NEW_TYPE) ? "ZZ" : own.manifest(message);
    }

    @Override
    public byte[] toBinary(Object message) {
        byte[] bytes = own.toBinary(message);
        if (message.equals(IN_NEW_FORMAT)) {
            bytes[0] = PinionSerializer.WIRE_VERSION + 1;
        }
        return message.equals(WITH_NEW_FIELDS) ? Arrays.copyOf(bytes, bytes.length + 20) : bytes;
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        return own.fromBinary(bytes, manifest);
    }
}
