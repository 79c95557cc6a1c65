package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Version 1 in JSON, as the examples of the specification have it. */
class JsonMessagesTest {
    private static final Product POINT = new Product(
            List.of(new Element("x", AlgebraicType.Primitive.I32), new Element("y", AlgebraicType.Primitive.I32)));
    private static final Identity CALLER =
            Identity.parse("c200483152d642c7d402de06cacc36dcb0c2a1f2bbeb8e7d5a673f2435cca975");

    private static ClientMessage read(String text) throws MalformedMessageException {
        return Protocol.V1_JSON
                .decode(text.getBytes(StandardCharsets.UTF_8), true)
                .getFirst();
    }

    @Test
    void clientMessagesAreRead() throws MalformedMessageException {
        assertEquals(
                new ClientMessage.Subscribe(0, 0, SetKind.LEGACY, List.of("SELECT * FROM point")),
                read("{\"Subscribe\":{\"query_strings\":[\"SELECT * FROM point\"],\"request_id\":0}}"));
        assertEquals(
                new ClientMessage.Subscribe(2, 8, SetKind.MULTI, List.of("SELECT * FROM point")),
                read("{\"SubscribeMulti\":{\"query_strings\":[\"SELECT * FROM point\"],\"request_id\":2,"
                        + "\"query_id\":{\"id\":8}}}"));
        assertEquals(
                new ClientMessage.CallReducer(11, "add", new Arguments.Json("[\"Ann\",41]"), false),
                read("{\"CallReducer\":{\"reducer\":\"add\",\"args\":\"[\\\"Ann\\\",41]\",\"request_id\":11,"
                        + "\"flags\":0}}"));
        ClientMessage query = new ClientMessage.OneOffQuery(0, Bytes.ofHex("01020304"), "SELECT * FROM point");
        assertEquals(
                query,
                read("{\"OneOffQuery\":{\"message_id\":\"01020304\",\"query_string\":\"SELECT * FROM point\"}}"));
        assertEquals(
                query, read("{\"OneOffQuery\":{\"message_id\":[1,2,3,4],\"query_string\":\"SELECT * FROM point\"}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"Subscribe\":{\"query_strings\":[\"a\"]}}",
                "{\"Subscribe\":{\"query_strings\":[\"a\"],\"request_id\":-1}}",
                "{\"Subscribe\":{\"query_strings\":[\"a\"],\"request_id\":4294967296}}",
                "{\"Subscribe\":{\"query_strings\":[1],\"request_id\":1}}",
                "{\"Subscribe\":{\"query_strings\":[\"a\"],\"request_id\":1}} {}",
                "{\"Nothing\":{\"request_id\":1}}",
                "{\"CallReducer\":{\"reducer\":\"a\",\"args\":\"[]\",\"request_id\":1,\"flags\":2}}",
                "{\"OneOffQuery\":{\"message_id\":\"0g\",\"query_string\":\"a\"}}",
                "{\"OneOffQuery\":{\"message_id\":[256],\"query_string\":\"a\"}}",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
            })
    void whatIsNoMessageIsRefusedByName(String text) {
        MalformedMessageException refused = assertThrows(MalformedMessageException.class, () -> read(text));
        assertEquals(true, refused.problem().length() > 20, refused.problem());
    }

    private static String write(ServerMessage message) {
        return Protocol.V1_JSON.encoder().encode(message).toUtf8();
    }

    private static RowList points(int... coordinates) {
        RowList rows = new RowList();
        for (int i = 0; i < coordinates.length; i += 2) {
            BsatnWriter row = new BsatnWriter().writeInt(coordinates[i]).writeInt(coordinates[i + 1]);
            rows.row(row.buffer(), 0, row.length());
        }
        return rows;
    }

    @Test
    void serverMessagesAreWritten() {
        assertEquals(
                "{\"IdentityToken\":{\"identity\":{\"__identity__\":\"0x" + CALLER.toHex()
                        + "\"},\"token\":\"aaa.bbb.ccc\",\"connection_id\":{\"__connection_id__\":"
                        + "1339673755198158349044581307228491536}}}",
                write(new ServerMessage.Greeting(
                        CALLER, ConnectionId.parse("0102030405060708090a0b0c0d0e0f10"), "aaa.bbb.ccc")));
        assertEquals(
                "{\"InitialSubscription\":{\"database_update\":{\"tables\":[{\"table_id\":4096,\"table_name\":\"point\","
                        + "\"num_rows\":1,\"updates\":[{\"deletes\":[],\"inserts\":[\"{\\\"x\\\":1,\\\"y\\\":-1}\"]}]}]},"
                        + "\"request_id\":0,\"total_host_execution_duration\":{\"__time_duration_micros__\":77}}}",
                write(new ServerMessage.SubscribeApplied(
                        0, 0, SetKind.LEGACY, List.of(new ResultRows(4096, "point", POINT, points(1, -1))), 77)));
        assertEquals(
                "{\"SubscriptionError\":{\"total_host_execution_duration_micros\":5,\"request_id\":{\"some\":2},"
                        + "\"query_id\":{\"some\":8},\"table_id\":{\"none\":[]},\"error\":\"bad query\"}}",
                write(new ServerMessage.SubscriptionError(2, 8, "bad query", 5)));
    }

    @Test
    void updatesAreWrittenWithTheirCallOrWithout() {
        Call call = new Call(
                CALLER,
                new ConnectionId(1, 0),
                "add",
                1,
                new Arguments.Json("[\"Ann\",41]"),
                11,
                1_700_000_000_123_456L,
                900);
        ChangedRows rows = new ChangedRows(4096, "point", POINT, false, points(1, -1), points());
        assertEquals(
                "{\"TransactionUpdateLight\":{\"request_id\":11,\"update\":{\"tables\":[{\"table_id\":4096,"
                        + "\"table_name\":\"point\",\"num_rows\":1,\"updates\":[{\"deletes\":[],\"inserts\":"
                        + "[\"{\\\"x\\\":1,\\\"y\\\":-1}\"]}]}]}}}",
                write(new ServerMessage.TransactionUpdate(call, true, List.of(new SetChanges(0, List.of(rows))))));
        assertEquals(
                "{\"TransactionUpdate\":{\"status\":{\"Failed\":\"not allowed\"},\"timestamp\":"
                        + "{\"__timestamp_micros_since_unix_epoch__\":1700000000123456},\"caller_identity\":"
                        + "{\"__identity__\":\"0x" + CALLER.toHex() + "\"},\"caller_connection_id\":"
                        + "{\"__connection_id__\":1},\"reducer_call\":{\"reducer_name\":\"add\",\"reducer_id\":1,"
                        + "\"args\":\"[\\\"Ann\\\",41]\",\"request_id\":11},\"energy_quanta_used\":{\"quanta\":0},"
                        + "\"total_host_execution_duration\":{\"__time_duration_micros__\":900}}}",
                write(new ServerMessage.ReducerResult(call, new Outcome.Rejected("not allowed"))));
    }
}
