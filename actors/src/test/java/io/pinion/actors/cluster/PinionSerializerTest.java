package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Orders;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.HeldSet;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.modules.HostType;
import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.NotSerializableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamRefs;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PinionSerializerTest {
    private static final Identity ALICE = new Identity(1, 2, 3, 4);
    private static final Identity BOB = new Identity(-1, 5, 6, 7);
    private static final Database.Requester REQUESTER = new Database.Requester(ALICE, true);
    private static final Caller CALLER = new Caller(ALICE, new ConnectionId(8, 9));

    private final ActorTestKit kit = ActorTestKit.create();
    private final TestProbe<Object> probe = kit.createTestProbe();
    private final Serialization serialization = SerializationExtension.get(Adapter.toClassic(kit.system()));

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    private static final Client.Cause CAUSE = new Client.Cause(
            17,
            BOB,
            CALLER.connectionId(),
            "add",
            33,
            new Client.Details(4, Bytes.ofHex("0102"), Bytes.ofHex("02"), 5));

    Stream<Object> messages() {
        return messages(probe.getRef(), Source.<ByteString>maybe().runWith(StreamRefs.sourceRef(), kit.system()));
    }

    /** One message at least of each type, always the same. What is new goes to the end of those of its type. */
    static Stream<Object> messages(ActorRef<Object> reply, SourceRef<ByteString> stream) {
        return Stream.of(
                new Command.CallReducer(
                        "transfer",
                        new Arguments.Bsatn(Bytes.ofHex("010203")),
                        CALLER,
                        RequestId.parse("0198c5f2-7a10-7c3e-8b2a-9d5e6f708192"),
                        true,
                        Database.NO_DEADLINE,
                        reply.unsafeUpcast()),
                new Command.CallReducer(
                        "übertragen",
                        new Arguments.Json("[1,\"ä\"]"),
                        CALLER,
                        RequestId.NONE,
                        false,
                        Database.NO_DEADLINE,
                        reply.unsafeUpcast()),
                new Command.ForClient(new Client.Open(CALLER, "{}", true, false, reply.unsafeUpcast())),
                new Command.ForClient(
                        new Client.Subscribe(CALLER, 1, 2, SetKind.MULTI, List.of("a", "b"), reply.unsafeUpcast())),
                new Command.ForClient(new Client.Unsubscribe(CALLER, -1, 2, SetKind.SET, true, reply.unsafeUpcast())),
                new Command.ForClient(new Client.Ask(CALLER, 3, Bytes.ofHex("01"), "q", reply.unsafeUpcast())),
                new Command.ForClient(new Client.Resume(
                        CALLER,
                        "{}",
                        true,
                        false,
                        new Client.Position(3, 17),
                        List.of(
                                new HeldSet(7, SetKind.SET, List.of("a", "b")),
                                new HeldSet(0, SetKind.LEGACY, List.of())),
                        reply.unsafeUpcast())),
                new Client.Opened(true, 3, 17),
                new Client.Resumed(false, 3, 17),
                new Client.Reached(17),
                new Client.Missed(
                        RequestId.parse("0198c5f2-7a10-7c3e-8b2a-9d5e6f708194"),
                        new Client.Updated(17, CAUSE, List.of())),
                new Client.Moving(17),
                new Client.Refused("not you"),
                new Client.Applied(1, 2, SetKind.SINGLE, List.of(), 17, 3),
                new Client.Dropped(1, 2, SetKind.SET, null, 3),
                new Client.Dropped(1, 2, SetKind.SET, List.of(), 3),
                new Client.NotSubscribed(null, 2, "no"),
                new Client.NotSubscribed(1, null, "no"),
                new Client.Result(1, Bytes.EMPTY, "bad", List.of(), 3),
                new Client.Result(1, Bytes.EMPTY, null, List.of(), 3),
                new Client.Updated(17, CAUSE, List.of()),
                new Client.Awaited(77, 5),
                new Client.Late(77, new Client.NotSubscribed(3, 4, "too large")),
                new Client.Ended("deleted"),
                new Database.CommittedForClient(new Database.Committed(4, 5), CAUSE, List.of()),
                new Command.Query("SELECT * FROM accounts", CALLER, true, Database.NO_DEADLINE, reply.unsafeUpcast()),
                new Command.Describe(reply.unsafeUpcast()),
                new Command.Publish(Bytes.ofUtf8("program"), BOB, true, reply.unsafeUpcast()),
                new Command.Publish(
                        Bytes.ofUtf8("program"),
                        BOB,
                        false,
                        new Database.Policy.BreakClients(Bytes.ofHex("0badcafe")),
                        reply.unsafeUpcast()),
                new Command.PlanPublish(Bytes.ofUtf8("program"), BOB, MigrationStyle.ANSI, reply.unsafeUpcast()),
                new Command.ReadLog(ALICE, -1, reply.unsafeUpcast()),
                new Command.FollowLog(ALICE, 10, reply.unsafeUpcast()),
                new Command.Delete(ALICE, reply.unsafeUpcast()),
                new Command.TruncateLog(17, reply.unsafeUpcast()),
                new Command.Download(
                        new Database.Wanted.Backup(true, List.of("a", "b"), "1.2.3"), REQUESTER, reply.unsafeUpcast()),
                new Command.Download(
                        new Database.Wanted.Table("accounts", Database.TextFormat.CSV),
                        REQUESTER,
                        reply.unsafeUpcast()),
                new Command.Restore(
                        stream, Database.RestorePoint.Latest.INSTANCE, true, BOB, REQUESTER, reply.unsafeUpcast()),
                new Command.Restore(
                        stream, new Database.RestorePoint.AtOffset(7), false, BOB, REQUESTER, reply.unsafeUpcast()),
                new Command.Restore(
                        stream, new Database.RestorePoint.AtTime(8), false, BOB, REQUESTER, reply.unsafeUpcast()),
                new Command.TakeSnapshot(reply.unsafeUpcast()),
                new Command.Locate(reply.unsafeUpcast()),
                new Database.Located(reply.unsafeUpcast()),
                new Database.Downloading(stream),
                new Database.NotDownloaded("there is no table x"),
                new Database.Restored(1, 2, 3, 4),
                new Database.NotRestored("the part 000001.rows is damaged"),
                new Database.AlreadyExists(),
                new Database.SnapshotTaken(5, 6),
                new Database.NoSnapshot("a restore is under way"),
                new Command.Rebind(3),
                new Command.Order(new Orders.Change.Paused("repair"), reply.unsafeUpcast()),
                new Command.Order(new Orders.Change.Resumed(), reply.unsafeUpcast()),
                new Command.Order(
                        new Orders.Change.Limited(Map.of("reducer-time", Duration.ofSeconds(3))), reply.unsafeUpcast()),
                new Command.Order(new Orders.Change.Weighted(300), reply.unsafeUpcast()),
                new Database.Ordered(Orders.NONE),
                new Database.Ordered(new Orders(
                        Optional.of(new Orders.Pause("repair", 17)),
                        Map.of("view-time", Duration.ofMillis(1)),
                        OptionalInt.of(5))),
                new Database.NotOrdered("no"),
                new Command.SetWeight(250),
                Command.Stop.INSTANCE,
                new Database.Committed(42, 1000),
                new Database.Rejected("insufficient funds", 42, 1000),
                new Database.Failed("unreachable", 42, 1000),
                new Database.ResultNotKept(42, 1_700_000_000_000_000L),
                new Database.Stopped(Database.Limit.TIME_LIMIT, 42, 1000),
                new Database.NoSuchReducer("tranfer", "no such reducer"),
                new Database.NotCallable("init"),
                new Database.BadArguments("argument 1"),
                new Database.Rows(Bytes.ofHex("0200"), Bytes.ofHex("00000000"), 42, 1000),
                new Database.Changed(1, 2, 3, 42, 1000),
                new Database.BadQuery("at 3"),
                new Database.Description(ALICE, HostType.WASM, Bytes.ofHex("aabb"), Bytes.ofHex("02")),
                new Database.Published(true, List.of("a warning"), 1),
                new Command.CallProcedure(
                        "fetch",
                        new Arguments.Json("[1]"),
                        new Caller(ALICE, ConnectionId.NONE, "{\"sub\":\"ann\"}"),
                        RequestId.parse("0198c5f2-7a10-7c3e-8b2a-9d5e6f708193"),
                        true,
                        Database.NO_DEADLINE,
                        reply.unsafeUpcast()),
                new Command.HandleHttp(
                        "/a",
                        new HttpRequest(
                                "GET",
                                "http://localhost/a?b",
                                HttpVersion.HTTP_1_1,
                                List.of(new HttpHeader("accept", Bytes.ofUtf8("*"))),
                                Duration.ofSeconds(3),
                                Bytes.ofHex("00ff")),
                        Database.NO_DEADLINE,
                        reply.unsafeUpcast()),
                new Database.Returned(Bytes.ofHex("05"), Bytes.ofHex("06"), 7, 8, 9),
                new Database.Answered(new HttpResponse(
                        HttpVersion.HTTP_1_0,
                        65_535,
                        List.of(new HttpHeader("a", Bytes.EMPTY), new HttpHeader("a", Bytes.ofHex("80"))),
                        Bytes.ofUtf8("body"))),
                new Database.NoSuchProcedure("fetch", "there is none"),
                new Database.NoSuchRoute(),
                new Database.InvalidProgram("rubbish"),
                new Database.UpdateRefused(List.of("one", "two")),
                new Database.Planned("a plan", true, Bytes.ofHex("0badcafe")),
                new Database.NotOwner(BOB),
                new Database.LogLines(List.of("{}", "{\"a\":1}")),
                new Database.Deleted(),
                new Database.LogTruncated(17, 3),
                new Database.NotTruncated("the log is not damaged"),
                new Database.NoSuchModule(),
                new Database.Overloaded(Duration.ofMillis(250)),
                new Database.DeadlineExceeded(),
                new Database.OutcomeUnknown(),
                new Database.Moved(),
                new Database.Unavailable("recovering"),
                new Database.NotAdmitted("members only"),
                new Directory.Command.FindName("bank", reply.unsafeUpcast()),
                new Directory.Command.ReserveName("bank", ALICE, BOB, 77, reply.unsafeUpcast()),
                new Directory.Command.ConfirmName("bank", ALICE, reply.unsafeUpcast()),
                new Directory.Command.ReleaseName("bank", ALICE, reply.unsafeUpcast()),
                new Directory.Command.RegisterDatabase(ALICE, BOB, "", reply.unsafeUpcast()),
                new Directory.Command.UnregisterDatabase(ALICE, reply.unsafeUpcast()),
                new Directory.Command.UnbindName("bank", ALICE, reply.unsafeUpcast()),
                new Directory.Command.SetNames(ALICE, List.of("bank", "shop"), reply.unsafeUpcast()),
                new Directory.Command.LockDatabase(ALICE, true, reply.unsafeUpcast()),
                new Directory.Command.FindLock(ALICE, reply.unsafeUpcast()),
                new Directory.Lock(true),
                new Directory.DatabaseWasRenamed(ALICE, List.of("bank", "shop")),
                new Directory.DatabaseWasLocked(ALICE, true),
                new Database.Locked(),
                new Directory.Command.ListNames(ALICE, reply.unsafeUpcast()),
                new Directory.Command.ListOwned(BOB, reply.unsafeUpcast()),
                new Directory.Command.SetWake(BOB, 5, 6, reply.unsafeUpcast()),
                new Directory.Command.ListDue(7, reply.unsafeUpcast()),
                new Directory.WakeWasSet(BOB, 8),
                new Directory.NameFree(),
                new Directory.NameReserved(ALICE, BOB, 77),
                new Directory.NameBound(ALICE, BOB),
                new Directory.Done(),
                new Directory.Names(List.of("a", "b")),
                new Directory.Owned(List.of(ALICE, BOB)),
                new Directory.NameWasReserved("bank", ALICE, BOB, 77),
                new Directory.NameWasConfirmed("bank"),
                new Directory.NameWasReleased("bank"),
                new Directory.DatabaseWasRegistered(ALICE, BOB, "bank"),
                new Directory.DatabaseWasUnregistered(ALICE),
                new Directory.PartitionWas(
                        List.of(new Directory.KnownName("bank", ALICE, BOB, 77, true)),
                        List.of(new Directory.KnownDatabase(ALICE, BOB, true, false, List.of("bank", "shop"))),
                        List.of(new Directory.WakeWasSet(BOB, 8))));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageReadsBackAsItWasWritten(Object message) throws NotSerializableException {
        Object back = roundTrip(message);

        assertEquals(message, back);
    }

    private Object roundTrip(Object message) throws NotSerializableException {
        var serializer = serialization.findSerializerFor(message);
        assertInstanceOf(PinionSerializer.class, serializer);
        byte[] bytes = serialization.serialize(message).get();
        return serialization
                .deserialize(bytes, serializer.identifier(), Serializers.manifestFor(serializer, message))
                .get();
    }

    @Test
    void rowsCrossNodesAsTheyAre() throws NotSerializableException {
        Product rowType = new Product(List.of(new Element("text", AlgebraicType.Primitive.STRING)));
        RowList inserts = new RowList();
        RowList deletes = new RowList();
        for (String text : List.of("a", "", "longer")) {
            BsatnWriter row = new BsatnWriter().writeString(text);
            inserts.row(row.buffer(), 0, row.length());
        }
        ChangedRows changed = new ChangedRows(4096, "notes", rowType, true, inserts, deletes);

        Client.Updated updated =
                (Client.Updated) roundTrip(new Client.Updated(17, CAUSE, List.of(new SetChanges(7, List.of(changed)))));
        Client.Applied applied = (Client.Applied) roundTrip(
                new Client.Applied(1, 2, SetKind.SET, List.of(new ResultRows(4096, "notes", rowType, inserts)), 17, 3));

        ChangedRows back = updated.sets().getFirst().rows().getFirst();
        assertEquals(7, updated.sets().getFirst().setId());
        assertEquals(rowType, back.rowType());
        assertTrue(back.isEvent());
        assertEquals(rows(inserts), rows(back.inserts()));
        assertEquals(List.of(), rows(back.deletes()));
        assertEquals(rows(inserts), rows(applied.rows().getFirst().rows()));
    }

    private static List<Bytes> rows(RowList list) {
        List<Bytes> rows = new ArrayList<>();
        for (int row = 0; row < list.count(); row++) {
            rows.add(list.get(row));
        }
        return rows;
    }

    @Test
    void noMessageTypeWasForgotten() {
        Set<Class<?>> tested = messages().map(Object::getClass).collect(Collectors.toSet());

        Set<Class<?>> missing = Stream.of(
                        Command.class,
                        Database.CallOutcome.class,
                        Database.QueryOutcome.class,
                        Database.ProcedureOutcome.class,
                        Database.HttpOutcome.class,
                        Database.DescribeOutcome.class,
                        Database.PublishOutcome.class,
                        Database.LogOutcome.class,
                        Database.DeleteOutcome.class,
                        Database.TruncateOutcome.class,
                        Database.OrderOutcome.class,
                        Client.Delivery.class,
                        Directory.Message.class)
                .flatMap(PinionSerializerTest::leaves)
                .filter(type -> !tested.contains(type))
                .collect(Collectors.toSet());

        assertTrue(missing.isEmpty(), "not tested: " + missing);
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(PinionSerializerTest::leaves)
                : Stream.of(type);
    }

    @Test
    void aDeadlineCrossesNodesAsTheTimeThatRemains() throws NotSerializableException {
        long before = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        Command.CallReducer call = new Command.CallReducer(
                "r",
                new Arguments.Json("[]"),
                CALLER,
                RequestId.NONE,
                true,
                before,
                probe.getRef().unsafeUpcast());

        Command.CallReducer back = (Command.CallReducer) roundTrip(call);

        long lateBy = back.deadlineNanos() - before;
        assertTrue(lateBy >= 0 && lateBy < Duration.ofSeconds(30).toNanos(), "late by " + lateBy);
    }

    @Test
    void anUnknownManifestIsRefusedByName() {
        PinionSerializer serializer = new PinionSerializer((ExtendedActorSystem) Adapter.toClassic(kit.system()));

        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> serializer.fromBinary(new byte[] {1}, "ZZ"));

        assertEquals("no database message has the manifest ZZ", refusal.getMessage());
    }

    @Test
    void aNewerWireFormatIsRefusedByName() {
        PinionSerializer serializer = new PinionSerializer((ExtendedActorSystem) Adapter.toClassic(kit.system()));
        Command.SetWeight message = new Command.SetWeight(250);
        byte[] bytes = serializer.toBinary(message);
        bytes[0]++;

        NotSerializableException refusal = assertThrows(
                NotSerializableException.class, () -> serializer.fromBinary(bytes, serializer.manifest(message)));

        assertEquals(
                "a message CW comes in version 2 of Pinion's wire format, of which this node knows versions 1 to 1:"
                        + " its sender runs a newer Pinion, or is none",
                refusal.getMessage());
        assertThrows(NotSerializableException.class, () -> serializer.fromBinary(new byte[0], "CW"));
    }
}
