package io.pinion.actors.cluster;

import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.StreamRefResolver;
import org.apache.pekko.util.ByteString;

/** The fields that the binary forms of several messages share. */
final class WireFields {
    private final ActorRefResolver references;
    private final StreamRefResolver streams;

    WireFields(ActorRefResolver references, StreamRefResolver streams) {
        this.references = references;
        this.streams = streams;
    }

    void writeStream(SourceRef<ByteString> stream, BsatnWriter out) {
        out.writeString(streams.toSerializationFormat(stream));
    }

    SourceRef<ByteString> readStream(BsatnReader in) {
        return streams.resolveSourceRef(in.readString());
    }

    void writeReference(ActorRef<?> reference, BsatnWriter out) {
        out.writeString(references.toSerializationFormat(reference));
    }

    <T> ActorRef<T> readReference(BsatnReader in) {
        return references.resolveActorRef(in.readString());
    }

    static void writeStrings(List<String> strings, BsatnWriter out) {
        out.writeInt(strings.size());
        strings.forEach(out::writeString);
    }

    static List<String> readStrings(BsatnReader in) {
        return readAll(in, in::readString);
    }

    static List<Identity> readIdentities(BsatnReader in) {
        return readAll(in, in::readIdentity);
    }

    /** As many as the count in front of them says. */
    static <T> List<T> readAll(BsatnReader in, Supplier<T> reader) {
        long count = in.readCount();
        List<T> all = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            all.add(reader.get());
        }
        return all;
    }
}
