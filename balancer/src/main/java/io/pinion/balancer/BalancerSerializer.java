package io.pinion.balancer;

import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.NotSerializableException;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Pekko's door to {@link BalancerCodec}. Threadsafe. */
public final class BalancerSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 0x50494F;

    private final BalancerCodec codec;

    /** Called by Pekko. */
    public BalancerSerializer(ExtendedActorSystem system) {
        codec = new BalancerCodec(ActorRefResolver.get(Adapter.toTyped(system)));
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        return codec.manifest(message(message));
    }

    @Override
    public byte[] toBinary(Object message) {
        BsatnWriter out = new BsatnWriter(256);
        codec.write(message(message), out);
        return out.toBytes().toArray();
    }

    private static BalancerProtocol.Message message(Object message) {
        if (message instanceof BalancerProtocol.Message known) {
            return known;
        }
        throw new IllegalArgumentException(
                "no binary form for " + message.getClass().getName());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        return codec.read(manifest, new BsatnReader(bytes));
    }
}
