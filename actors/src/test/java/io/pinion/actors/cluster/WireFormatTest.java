package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.testing.WireVectors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.StreamRefResolver;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What nodes of other versions write is read, and what this one writes they read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireFormatTest {
    private static final String PEER = "pekko://pinion@127.0.0.1:7621/user/peer#42";
    private static final String STREAM = "pekko://pinion@127.0.0.1:7621/user/stream#43";

    /** A call that has a year left. */
    private static final String DEADLINE_VECTOR =
            "01010000007201020000005b5d0000000000000000000000000000000000000000000000000000000000000000000000"
                    + "00000000000000000000000000000000000000000000000000000000000000000001010000a32dd3097000000000002a"
                    + "00000070656b6b6f3a2f2f70696e696f6e403132372e302e302e313a373632312f757365722f70656572233432";

    /** What a commit did to the rows of a subscription. */
    private static final String ROWS_VECTOR =
            "011100000000000000110000000000000000000000000000000000000000000000000000000000000000000000000000"
                    + "000000000000000000000000000000000003000000616464210000000001000000070000000100000000100000050000"
                    + "006e6f7465730f000000020100000000040000007465787404010300000005000000040000000a000000010000006100"
                    + "000000060000006c6f6e67657200000000";

    private final ActorTestKit kit =
            ActorTestKit.create(ConfigFactory.parseString("""
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
                    """).withFallback(ConfigFactory.load()));
    private final PinionSerializer serializer =
            new PinionSerializer((ExtendedActorSystem) Adapter.toClassic(kit.system()));
    private final ActorRef<Object> peer = ActorRefResolver.get(kit.system()).resolveActorRef(PEER);

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void theFormatIsTheOneThatWasRecorded() throws Exception {
        SourceRef<ByteString> stream = StreamRefResolver.get(kit.system()).resolveSourceRef(STREAM);

        WireVectors.read(Path.of("src/test/resources/wire-1.txt"))
                .check(
                        new WireVectors.Format(serializer::manifest, serializer::toBinary, serializer::fromBinary),
                        PinionSerializerTest.messages(peer, stream).toList());
    }

    @Test
    void aDeadlineIsReadAsItWasRecorded() throws Exception {
        Bytes recorded = Bytes.ofHex(DEADLINE_VECTOR);

        Command.CallReducer call =
                assertInstanceOf(Command.CallReducer.class, serializer.fromBinary(recorded.toArray(), "CR"));

        long leftNanos = call.deadlineNanos() - System.nanoTime();
        assertTrue(
                leftNanos > Duration.ofDays(364).toNanos()
                        && leftNanos <= Duration.ofDays(365).toNanos(),
                () -> leftNanos + " ns are left");
        assertEquals("r", call.reducer());
        assertEquals(peer, call.replyTo());
    }

    @Test
    void rowsAreReadAndWrittenAsTheyWereRecorded() throws Exception {
        RowList inserts = new RowList();
        for (String text : List.of("a", "", "longer")) {
            BsatnWriter row = new BsatnWriter().writeString(text);
            inserts.row(row.buffer(), 0, row.length());
        }
        Product rowType = new Product(List.of(new Element("text", AlgebraicType.Primitive.STRING)));
        Client.Cause cause = new Client.Cause(17, Identity.ZERO, ConnectionId.NONE, "add", 33, null);
        Client.Updated updated = new Client.Updated(
                17,
                cause,
                List.of(new SetChanges(
                        7, List.of(new ChangedRows(4096, "notes", rowType, true, inserts, new RowList())))));

        assertEquals(ROWS_VECTOR, Bytes.wrap(serializer.toBinary(updated)).toHex());
        Client.Updated found = assertInstanceOf(
                Client.Updated.class,
                serializer.fromBinary(Bytes.ofHex(ROWS_VECTOR).toArray(), serializer.manifest(updated)));

        ChangedRows rows = found.sets().getFirst().rows().getFirst();
        assertEquals(rowType, rows.rowType());
        assertEquals(3, rows.inserts().count());
        assertEquals(inserts.get(2), rows.inserts().get(2));
        assertEquals(0, rows.deletes().count());
    }

    @Test
    void theNumbersThatNodesTellEachOtherAreThoseOfTheFormat() {
        assertEquals(
                PinionSerializer.WIRE_VERSION, kit.system().settings().config().getInt("pinion.wire-format.writes"));
        assertEquals(
                PinionSerializer.WIRE_VERSION, kit.system().settings().config().getInt("pinion.wire-format.reads"));
    }
}
