package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.modules.HostType;
import io.pinion.node.http.RawSocket.Frame;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.store.value.TypeCodec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients of version 1 hear of calls that others have made. */
@Timeout(90)
class CallDetailsTest {
    private static final HttpFixture HTTP = HttpFixture.SHARED;
    private static final Identity CALLER = new Identity(4, 3, 2, 1);
    private static final ConnectionId CONNECTION = new ConnectionId(0, 77);
    private static final Product PARAMETERS =
            new Product(List.of(new Element("name", Primitive.STRING), new Element("age", Primitive.U32)));
    private static final Bytes ARGUMENTS =
            new BsatnWriter().writeString("Ann").writeInt(41).toBytes();
    private static final Client.Details DETAILS =
            new Client.Details(3, ARGUMENTS, TypeCodec.toBsatn(PARAMETERS), 900_000);

    private boolean hidesCalls;

    @BeforeEach
    void host() {
        HTTP.host().reset();
        HTTP.host().has("chat", command -> {
            switch (command) {
                case Database.Command.Describe describe ->
                    describe.replyTo().tell(new Database.Description(CALLER, HostType.WASM, Bytes.EMPTY, Bytes.EMPTY));
                case Database.Command.ForClient(Client.Open open) -> {
                    open.client().tell(new Client.Opened(hidesCalls, 1, 1));
                    open.client()
                            .tell(new Client.Updated(
                                    2,
                                    new Client.Cause(17, CALLER, CONNECTION, "add", 11, hidesCalls ? null : DETAILS),
                                    List.of(new SetChanges(0, List.of(rows())))));
                }
                default -> throw new AssertionError("not expected: " + command);
            }
        });
    }

    private static ChangedRows rows() {
        RowList row = new RowList();
        row.row(new byte[] {5, 0, 0, 0}, 0, 4);
        Product type = new Product(List.of(new Element("x", Primitive.U32)));
        return new ChangedRows(4096, "point", type, false, row, new RowList());
    }

    private static byte[] update(String query, String protocol) throws Exception {
        try (RawSocket socket = new RawSocket(HTTP.base(), "/v1/database/chat/subscribe?" + query, protocol)) {
            socket.nextButPings();
            Frame update = socket.nextButPings();
            return update.payload;
        }
    }

    private static JsonNode json(String query) throws Exception {
        return new ObjectMapper().readTree(update(query, "v1.json.spacetimedb"));
    }

    @Test
    void theCallIsToldWithItsArgumentsAndTheCallersNumber() throws Exception {
        JsonNode update = json("").path("TransactionUpdate");

        JsonNode call = update.path("reducer_call");
        assertEquals("add", call.path("reducer_name").asText());
        assertEquals(3, call.path("reducer_id").asInt());
        assertEquals("[\"Ann\",41]", call.path("args").asText());
        assertEquals(11, call.path("request_id").asInt());
        assertEquals(
                CONNECTION.toBigInteger(),
                update.path("caller_connection_id").path("__connection_id__").bigIntegerValue());
        assertEquals(
                900,
                update.path("total_host_execution_duration")
                        .path("__time_duration_micros__")
                        .asInt());
    }

    @Test
    void inBsatnItIsToldSoToo() throws Exception {
        byte[] payload = update("compression=None", "v1.bsatn.spacetimedb");

        BsatnReader in = new BsatnReader(payload, 1, payload.length - 1);
        assertEquals(1, in.readU8());
        assertEquals(0, in.readU8());
        BsatnReader call = new BsatnReader(
                payload,
                payload.length - (8 + 32 + 16 + 4 + 3 + 4 + 4 + ARGUMENTS.length() + 4 + 16 + 8),
                8 + 32 + 16 + 4 + 3 + 4 + 4 + ARGUMENTS.length() + 4 + 16 + 8);
        assertEquals(17, call.readLong());
        assertEquals(CALLER, call.readIdentity());
        assertEquals(CONNECTION, call.readConnectionId());
        assertEquals("add", call.readString());
        assertEquals(3, call.readInt());
        assertEquals(ARGUMENTS, call.readByteArray());
        assertEquals(11, call.readInt());
    }

    @Test
    void whoWantsItLightHearsTheCallersNumberAlone() throws Exception {
        JsonNode update = json("light=true");

        assertEquals(
                11, update.path("TransactionUpdateLight").path("request_id").asInt());
        assertEquals(
                "point",
                update.path("TransactionUpdateLight")
                        .path("update")
                        .path("tables")
                        .path(0)
                        .path("table_name")
                        .asText());
    }

    @Test
    void aModuleThatHidesItsCallsIsToldOfAsIfItWereWantedLight() throws Exception {
        hidesCalls = true;

        assertTrue(json("").has("TransactionUpdateLight"));
    }
}
