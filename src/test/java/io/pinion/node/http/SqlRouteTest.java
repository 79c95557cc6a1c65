package io.pinion.node.http;

import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pinion.actors.database.Database;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SqlRouteTest {
    private static final AlgebraicType ROW = AlgebraicType.product(
            element("id", Primitive.U64), element("nick", AlgebraicType.option(Primitive.STRING)));

    private final HttpFixture http = HttpFixture.SHARED;
    private final AtomicReference<Database.Command.Query> received = new AtomicReference<>();

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void rowsComeWithTheirSchemaAsPositionalArrays() {
        Bytes rows = SatsJson.toBsatn(
                Typespace.EMPTY, new AlgebraicType.Array(ROW), "[[18446744073709551615,{\"some\":\"Ann\"}],[2,null]]");
        bankAnswers(new Database.Rows(TypeCodec.toBsatn(ROW), rows, 3, 412_999));

        HttpFixture.Answer answer =
                http.post("/v1/database/bank/sql", "SELECT * FROM t").send();

        assertEquals(200, answer.status());
        assertEquals(Optional.of("application/json"), answer.header("content-type"));
        assertEquals(Optional.of("412"), answer.header("spacetime-execution-duration-micros"));
        assertEquals(
                "[{\"schema\":{\"elements\":[{\"name\":{\"some\":\"id\"},\"algebraic_type\":{\"U64\":[]}},"
                        + "{\"name\":{\"some\":\"nick\"},\"algebraic_type\":{\"Sum\":{\"variants\":["
                        + "{\"name\":{\"some\":\"some\"},\"algebraic_type\":{\"String\":[]}},"
                        + "{\"name\":{\"some\":\"none\"},\"algebraic_type\":{\"Product\":{\"elements\":[]}}}]}}}]},"
                        + "\"rows\":[[18446744073709551615,[0,\"Ann\"]],[2,[1,[]]]],\"total_duration_micros\":412,"
                        + "\"stats\":{\"rows_inserted\":0,\"rows_deleted\":0,\"rows_updated\":0}}]",
                answer.body());
        assertEquals("SELECT * FROM t", received.get().sql());
    }

    @Test
    void aChangeHasNoRowsAndSaysHowManyItTouched() {
        bankAnswers(new Database.Changed(1, 2, 3, 4, 5_000));

        HttpFixture.Answer answer =
                http.post("/v1/database/bank/sql", "DELETE FROM t").send();

        assertEquals(200, answer.status());
        assertEquals(Optional.of("5"), answer.header("spacetime-execution-duration-micros"));
        assertEquals(
                "[{\"schema\":{\"elements\":[]},\"rows\":[],\"total_duration_micros\":5,"
                        + "\"stats\":{\"rows_inserted\":1,\"rows_deleted\":2,\"rows_updated\":3}}]",
                answer.body());
    }

    @Test
    void aStatementThatWasNotRunIs400WithTheReason() {
        bankAnswers(new Database.BadQuery("no table `t`"));

        HttpFixture.Answer answer = http.post("/v1/database/bank/sql?confirmed=false", "SELECT * FROM t")
                .send();

        assertEquals(400, answer.status());
        assertEquals("no table `t`", answer.body());
        assertFalse(received.get().confirmed());
    }

    @Test
    void whatIsNoTextIs400AndATooLargeStatement413() {
        bankAnswers(new Database.BadQuery("not reached"));

        assertEquals(
                400,
                http.request("POST", "/v1/database/bank/sql", BodyPublishers.ofByteArray(new byte[] {(byte) 0xc3}))
                        .send()
                        .status());
        assertEquals(
                413,
                http.post("/v1/database/bank/sql", " ".repeat((2 << 20) + 1))
                        .send()
                        .status());
    }

    @Test
    void aDatabaseThatIsNotThereIs404() {
        assertEquals(404, http.post("/v1/database/bank/sql", "SELECT 1").send().status());
    }

    private void bankAnswers(Database.QueryOutcome outcome) {
        http.host().has("bank", command -> {
            received.set((Database.Command.Query) command);
            ((Database.Command.Query) command).replyTo().tell(outcome);
        });
    }
}
