package io.pinion.node.management;

import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.NotSerializableException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * The bytes of {@link NodeMessage}s. Numbers are little endian, strings are UTF-8 behind their 32-bit length.
 *
 * <pre>
 *   u8 version
 *   A  ask    string what, u32 parameters, each: string key, string value; string reference to whoever asks
 *   R  reply  u32 status, string body
 * </pre>
 */
public final class ManagementSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 0x50494D;
    private static final int WIRE_VERSION = 1;
    private static final String ASK = "A";
    private static final String REPLY = "R";

    private final ActorRefResolver references;

    /** Called by Pekko. */
    public ManagementSerializer(ExtendedActorSystem system) {
        references = ActorRefResolver.get(Adapter.toTyped(system));
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        return switch (message(message)) {
            case NodeMessage.Ask _ -> ASK;
            case NodeMessage.Reply _ -> REPLY;
        };
    }

    @Override
    public byte[] toBinary(Object message) {
        BsatnWriter out = new BsatnWriter(256).writeByte(WIRE_VERSION);
        switch (message(message)) {
            case NodeMessage.Ask ask -> {
                out.writeString(ask.what()).writeInt(ask.parameters().size());
                ask.parameters().forEach((key, value) -> out.writeString(key).writeString(value));
                out.writeString(references.toSerializationFormat(ask.replyTo()));
            }
            case NodeMessage.Reply reply -> out.writeInt(reply.status()).writeString(reply.body());
        }
        return out.toBytes().unsafeArray();
    }

    private static NodeMessage message(Object message) {
        if (message instanceof NodeMessage known) {
            return known;
        }
        throw new IllegalArgumentException(
                "no binary form for " + message.getClass().getName());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        BsatnReader in = new BsatnReader(bytes);
        int version = bytes.length == 0 ? 0 : in.readU8();
        if (version < 1 || version > WIRE_VERSION) {
            throw new NotSerializableException("a message " + manifest + " comes in version " + version
                    + " of the management's wire format, of which this node knows versions 1 to " + WIRE_VERSION
                    + ": its sender runs a newer Pinion, or is none");
        }
        return switch (manifest) {
            case ASK ->
                new NodeMessage.Ask(in.readString(), parameters(in), references.resolveActorRef(in.readString()));
            case REPLY -> new NodeMessage.Reply(in.readInt(), in.readString());
            default -> throw new NotSerializableException("no message of the management has the manifest " + manifest);
        };
    }

    private static Map<String, String> parameters(BsatnReader in) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (long left = in.readCount(); left > 0; left--) {
            parameters.put(in.readString(), in.readString());
        }
        return parameters;
    }
}
