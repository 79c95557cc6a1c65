package io.pinion.node.management;

import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.ClosedShape;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.UniformFanOutShape;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Broadcast;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.GraphDSL;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.RunnableGraph;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamRefs;
import org.apache.pekko.util.ByteString;

/**
 * The body of a request on its way to a database. Whoever does not want it, or no more of it, is not in the way: the rest is
 * read and dropped, so that the client comes to its end and gets the answer instead of a reset connection.
 */
final class Upload implements AutoCloseable {
    private final UniqueKillSwitch reading;
    private final SourceRef<ByteString> bytes;

    private Upload(UniqueKillSwitch reading, SourceRef<ByteString> bytes) {
        this.reading = reading;
        this.bytes = bytes;
    }

    static Upload of(HttpRequest request, Materializer materializer) {
        Source<ByteString, Object> body = request.entity().withoutSizeLimit().getDataBytes();
        Sink<ByteString, Pair<UniqueKillSwitch, SourceRef<ByteString>>> wanted = Flow.of(ByteString.class)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(StreamRefs.sourceRef(), Keep.both());
        Pair<UniqueKillSwitch, SourceRef<ByteString>> running = RunnableGraph.fromGraph(GraphDSL.create(
                        wanted, (builder, reader) -> {
                            UniformFanOutShape<ByteString, ByteString> both =
                                    builder.add(Broadcast.<ByteString>create(2, false));
                            builder.from(builder.add(body)).viaFanOut(both).to(reader);
                            builder.from(both).to(builder.add(Sink.ignore()));
                            return ClosedShape.getInstance();
                        }))
                .run(materializer);
        return new Upload(running.first(), running.second());
    }

    /** To be read once. */
    SourceRef<ByteString> bytes() {
        return bytes;
    }

    /** Nobody reads it any more. */
    @Override
    public void close() {
        reading.shutdown();
    }
}
