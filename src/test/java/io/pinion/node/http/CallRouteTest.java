package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.TypeCodec;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallRouteTest {
    private final HttpFixture http = HttpFixture.SHARED;
    private final AtomicReference<CallReducer> received = new AtomicReference<>();

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void aCommittedCallIsAnEmptyAnswerWithItsDuration() {
        bankAnswers(new Database.Committed(7, 1_234_567));
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer answer = callTransfer("[1,2,3]").as(ann).send();

        assertEquals(200, answer.status());
        assertEquals("", answer.body());
        assertEquals(Optional.of("1234"), answer.header("spacetime-execution-duration-micros"));
        assertEquals(Optional.of("0"), answer.header("spacetime-energy-used"));
        assertEquals(Optional.of(ann.identity().toHex()), answer.header("spacetime-identity"));
        assertEquals(Optional.of(ann.token()), answer.header("spacetime-identity-token"));
    }

    @Test
    void theCommandSaysWhoCallsWhatAndHow() {
        bankAnswers(new Database.Committed(7, 1));
        Credentials ann = http.tokens().mintIdentity();

        callTransfer("[1,2,3]").as(ann).send();

        CallReducer call = received.get();
        assertEquals("transfer", call.reducer());
        assertEquals(new Database.Arguments.Json("[1,2,3]"), call.arguments());
        assertEquals(ann.identity(), call.caller().identity());
        assertNotEquals(ConnectionId.NONE, call.caller().connectionId());
        assertEquals(ann.claims(), call.caller().claims());
        assertTrue(call.confirmed());
        assertTrue(call.deadlineNanos() - System.nanoTime() > 0);
    }

    @Test
    void confirmedIsFalseWhenTheCallerSaysSo() {
        bankAnswers(new Database.Committed(7, 1));

        json("/v1/database/bank/call/transfer?confirmed=false", "[]").send();

        assertFalse(received.get().confirmed());
    }

    @Test
    void aRequestIdNamesTheCallOfWhoeverHasAToken() {
        bankAnswers(new Database.Committed(7, 1));
        Credentials ann = http.tokens().mintIdentity();
        Database.RequestId id = Database.RequestId.next();

        assertEquals(
                200,
                callTransfer("[]")
                        .as(ann)
                        .header("Pinion-Request-Id", id.toString())
                        .send()
                        .status());
        assertEquals(id, received.get().requestId());

        callTransfer("[]").as(ann).send();
        assertEquals(Database.RequestId.NONE, received.get().requestId());
    }

    @Test
    void aRequestIdNamesTheCallOfAProcedureAsWell() {
        AtomicReference<Database.RequestId> named = new AtomicReference<>();
        http.host().has("bank", command -> {
            switch (command) {
                case CallReducer call -> call.replyTo().tell(new Database.NoSuchReducer("transfer", ""));
                case Database.Command.CallProcedure call -> {
                    named.set(call.requestId());
                    call.replyTo().tell(new Database.ResultNotKept(7, 1_000));
                }
                default -> throw new AssertionError("not expected: " + command);
            }
        });
        Database.RequestId id = Database.RequestId.next();

        HttpFixture.Answer answer = callTransfer("[]")
                .as(http.tokens().mintIdentity())
                .header("Pinion-Request-Id", id.toString())
                .send();

        assertEquals(id, named.get());
        assertEquals(410, answer.status());
        assertTrue(answer.body().contains("too large to be kept"), answer.body());
    }

    @Test
    void aRequestIdThatIsNoneOrNobodysIsRefused() {
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer random = callTransfer("[]")
                .as(ann)
                .header("Pinion-Request-Id", "9b2c5a44-0d0a-4d6e-9d5b-2f4f4c0c3c11")
                .send();
        HttpFixture.Answer nobody = callTransfer("[]")
                .header("Pinion-Request-Id", Database.RequestId.next().toString())
                .send();

        assertEquals(400, random.status());
        assertTrue(random.body().contains("a UUID of version 7, not 9b2c5a44"), random.body());
        assertEquals(401, nobody.status());
        assertTrue(nobody.body().contains("Pinion-Request-Id needs a token"), nobody.body());
    }

    @Test
    void aCallerWithoutATokenGetsANewIdentity() {
        bankAnswers(new Database.Committed(7, 1));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(
                answer.header("spacetime-identity"),
                Optional.of(received.get().caller().identity().toHex()));
        assertTrue(answer.header("spacetime-identity-token").isPresent());
    }

    @Test
    void theModulesOwnErrorIs530WithItsText() {
        bankAnswers(new Database.Rejected("insufficient funds", 7, 2_000));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(530, answer.status());
        assertEquals("insufficient funds", answer.body());
        assertEquals(Optional.of("text/plain; charset=UTF-8"), answer.header("content-type"));
        assertEquals(Optional.of("2"), answer.header("spacetime-execution-duration-micros"));
    }

    @Test
    void aTrapIs530WithItsReason() {
        bankAnswers(new Database.Failed("unreachable executed", 7, 2_000));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(530, answer.status());
        assertEquals("unreachable executed", answer.body());
    }

    @Test
    void aStoppedCallIs530AndSaysByWhichLimit() {
        bankAnswers(new Database.Stopped(Database.Limit.TIME_LIMIT, 7, 2_000));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(530, answer.status());
        assertEquals("transfer was stopped: it ran longer than this database allows", answer.body());
    }

    @Test
    void anUnknownFunctionIs404InTheWordsThatClientsMatch() {
        bankAnswers(new Database.NoSuchReducer("transfer", "did you mean `transfers`?"));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(404, answer.status());
        assertTrue(answer.body().startsWith("no such procedure"), answer.body());
        assertTrue(answer.body().contains("did you mean `transfers`?"), answer.body());
    }

    @Test
    void wrongArgumentsAre400AndNameTheReducer() {
        bankAnswers(new Database.BadArguments("argument 2: not a number"));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(400, answer.status());
        assertEquals("invalid arguments for reducer transfer: argument 2: not a number", answer.body());
    }

    @Test
    void aLifeCycleReducerIs400() {
        bankAnswers(new Database.NotCallable("`init` cannot be called directly"));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(400, answer.status());
        assertEquals("`init` cannot be called directly", answer.body());
    }

    @Test
    void aCallerThatTheModuleDoesNotAcceptIs403AndHearsWhy() {
        bankAnswers(new Database.NotAdmitted("members only"));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(403, answer.status());
        assertEquals("members only", answer.body());
    }

    @Test
    void anOverloadedDatabaseIs503AndSaysWhenToComeBack() {
        bankAnswers(new Database.Overloaded(Duration.ofMillis(1_200)));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(503, answer.status());
        assertEquals(Optional.of("2"), answer.header("Retry-After"));
    }

    @Test
    void refusalsHaveAStatusEach() {
        assertEquals(504, statusOf(new Database.DeadlineExceeded()));
        assertEquals(503, statusOf(new Database.Unavailable("it recovers")));
        assertEquals(404, statusOf(new Database.NoSuchModule()));
        assertEquals(500, statusOf(new Database.OutcomeUnknown()));
    }

    private int statusOf(Database.CallOutcome outcome) {
        bankAnswers(outcome);
        return callTransfer("[]").send().status();
    }

    @Test
    void theContentTypeHasToBeJsonWithAnyParameters() {
        bankAnswers(new Database.Committed(7, 1));

        assertEquals(400, http.post("/v1/database/bank/call/f", "[]").send().status());
        assertEquals(
                415,
                http.post("/v1/database/bank/call/f", "[]")
                        .header("Content-Type", "text/plain")
                        .send()
                        .status());
        assertEquals(
                200,
                http.post("/v1/database/bank/call/f", "[]")
                        .header("Content-Type", "application/json; charset=utf-8")
                        .send()
                        .status());
    }

    @Test
    void aBodyBeyondTheLimitIs413() {
        bankAnswers(new Database.Committed(7, 1));

        HttpFixture.Answer answer =
                callTransfer("\"" + "x".repeat(2 << 20) + "\"").send();

        assertEquals(413, answer.status());
        assertEquals("the body is larger than 2097152 bytes", answer.body());
    }

    @Test
    void aBodyThatIsNoTextIs400() {
        bankAnswers(new Database.Committed(7, 1));

        HttpFixture.Answer answer = http.request(
                        "POST",
                        "/v1/database/bank/call/f",
                        java.net.http.HttpRequest.BodyPublishers.ofByteArray(new byte[] {(byte) 0xff}))
                .header("Content-Type", "application/json")
                .send();

        assertEquals(400, answer.status());
    }

    @Test
    void anUnknownDatabaseIs404WithItsName() {
        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(404, answer.status());
        assertEquals("`bank` not found", answer.body());
    }

    @Test
    void dottedFunctionNamesArePassedOn() {
        bankAnswers(new Database.Committed(7, 1));

        json("/v1/database/bank/call/lib.my_reducer", "[]").send();

        assertEquals("lib.my_reducer", received.get().reducer());
    }

    @Test
    void whereThereIsNoReducerTheProcedureOfThatNameIsCalled() {
        procedureAnswers(new Database.Returned(
                TypeCodec.toBsatn(AlgebraicType.Primitive.U64),
                new BsatnWriter().writeLong(42).toBytes(),
                7,
                1,
                2_000));

        HttpFixture.Answer answer = callTransfer("[]").send();

        assertEquals(200, answer.status());
        assertEquals("42", answer.body());
        assertEquals(Optional.of("application/json"), answer.header("content-type"));
        assertEquals(Optional.of("2"), answer.header("spacetime-execution-duration-micros"));
    }

    @Test
    void badEndsOfProceduresAreTheirOwn() {
        procedureAnswers(new Database.NoSuchProcedure("transfer", "no such procedure: transfer"));
        HttpFixture.Answer missing = callTransfer("[]").send();
        assertEquals(404, missing.status());
        assertTrue(missing.body().startsWith("no such procedure"), missing.body());
        procedureAnswers(new Database.Failed("it is torn", 7, 2_000));
        HttpFixture.Answer failed = callTransfer("[]").send();
        assertEquals(500, failed.status());
        assertTrue(failed.body().endsWith("it is torn"), failed.body());
        procedureAnswers(new Database.BadArguments("argument 2: not a number"));
        HttpFixture.Answer bad = callTransfer("[]").send();
        assertEquals(400, bad.status());
        assertEquals("invalid arguments for procedure transfer: argument 2: not a number", bad.body());
        procedureAnswers(new Database.Overloaded(Duration.ofSeconds(1)));
        assertEquals(503, callTransfer("[]").send().status());
    }

    private void procedureAnswers(Database.ProcedureOutcome outcome) {
        http.host().has("bank", command -> {
            switch (command) {
                case CallReducer call -> call.replyTo().tell(new Database.NoSuchReducer("transfer", ""));
                case Database.Command.CallProcedure call -> call.replyTo().tell(outcome);
                default -> throw new AssertionError("not expected: " + command);
            }
        });
    }

    private void bankAnswers(Database.CallOutcome outcome) {
        http.host().has("bank", command -> {
            switch (command) {
                case CallReducer call -> {
                    received.set(call);
                    call.replyTo().tell(outcome);
                }
                case Database.Command.CallProcedure call ->
                    call.replyTo().tell(new Database.NoSuchProcedure(call.procedure(), "there is none"));
                default -> throw new AssertionError("not expected: " + command);
            }
        });
    }

    private HttpFixture.Call callTransfer(String arguments) {
        return json("/v1/database/bank/call/transfer", arguments);
    }

    private HttpFixture.Call json(String path, String body) {
        return http.post(path, body).header("Content-Type", "application/json");
    }
}
