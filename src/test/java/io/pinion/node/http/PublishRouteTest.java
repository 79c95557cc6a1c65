package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublishRouteTest {
    private static final Identity BANK = Identity.derive("localhost", "bank");
    private static final byte[] PROGRAM = "export default 1".getBytes(StandardCharsets.UTF_8);

    private final HttpFixture http = HttpFixture.SHARED;

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void aNewDatabaseUnderANameIsCreated() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of(), 1));
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer answer =
                http.put("/v1/database/bank?host_type=Js", PROGRAM).as(ann).send();

        assertEquals(200, answer.status());
        assertEquals(Optional.of("application/json"), answer.header("content-type"));
        assertEquals(
                "{\"Success\":{\"domain\":\"bank\",\"database_identity\":\"" + BANK + "\",\"op\":\"created\"}}",
                answer.body());
        assertEquals(
                Optional.of(new FakeHost.Publish(
                        new Target.Named("bank"), Bytes.copyOf(PROGRAM, 0, PROGRAM.length), ann.identity(), false)),
                http.host().published());
    }

    @Test
    void anUpdateByIdentityHasNoDomain() {
        http.host().answersPublish(BANK, new Database.Published(false, List.of(), 1));

        HttpFixture.Answer answer =
                http.put("/v1/database/" + BANK + "?clear=true", PROGRAM).send();

        assertEquals(
                "{\"Success\":{\"domain\":null,\"database_identity\":\"" + BANK + "\",\"op\":\"updated\"}}",
                answer.body());
        FakeHost.Publish published = http.host().published().orElseThrow();
        assertEquals(new Target.Identified(BANK), published.target());
        assertTrue(published.clear());
    }

    @Test
    void aPublishWithoutANameMakesAFreshDatabase() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of("a very large function"), 1));

        HttpFixture.Answer answer =
                http.post("/v1/database", "export default 1").send();

        assertEquals(
                "{\"Success\":{\"domain\":null,\"database_identity\":\"" + BANK
                        + "\",\"op\":\"created\",\"warnings\":[\"a very large function\"]}}",
                answer.body());
        assertEquals(new Target.Fresh(), http.host().published().orElseThrow().target());
        assertEquals(400, http.post("/v1/database?clear=true", "x").send().status());
    }

    @Test
    void aProgramThatIsNoModuleIs500WithTheReason() {
        http.host().answersPublish(BANK, new Database.InvalidProgram("neither wasm nor text"));

        HttpFixture.Answer answer = http.put("/v1/database/bank", PROGRAM).send();

        assertEquals(500, answer.status());
        assertEquals("neither wasm nor text", answer.body());
    }

    @Test
    void anUpdateThatDoesNotFitIs400WithEveryReason() {
        http.host().answersPublish(BANK, new Database.UpdateRefused(List.of("column gone", "type changed")));

        HttpFixture.Answer answer = http.put("/v1/database/bank", PROGRAM).send();

        assertEquals(400, answer.status());
        assertTrue(answer.body().contains("column gone") && answer.body().contains("type changed"), answer.body());
    }

    @Test
    void somebodyElsesDatabaseIs403() {
        http.host().answersPublish(BANK, new Database.NotOwner(Identity.derive("a", "owner")));

        HttpFixture.Answer answer = http.put("/v1/database/bank", PROGRAM).send();

        assertEquals(403, answer.status());
        assertTrue(answer.body().contains("update database"), answer.body());
    }

    @Test
    void anOutcomeThatIsNotKnownIs500AndADatabaseThatCannotServeIs503() {
        http.host().answersPublish(BANK, new Database.OutcomeUnknown());
        assertEquals(500, http.put("/v1/database/bank", PROGRAM).send().status());

        http.host().answersPublish(BANK, new Database.Unavailable("its journal does not answer"));
        assertEquals(503, http.put("/v1/database/bank", PROGRAM).send().status());
    }

    @Test
    void queryValuesOfTheWrongFormAre400AndNothingIsPublished() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of(), 1));
        for (String query : new String[] {
            "clear=yes",
            "host_type=js",
            "num_replicas=256",
            "num_replicas=-1",
            "num_replicas=x",
            "policy=Any",
            "update_confirmation_timeout=soon"
        }) {
            HttpFixture.Answer answer =
                    http.put("/v1/database/bank?" + query, PROGRAM).send();
            assertEquals(400, answer.status(), query);
            assertTrue(answer.body().startsWith("Failed to deserialize query string:"), answer.body());
        }
        assertFalse(http.host().published().isPresent());
    }

    @Test
    void knownQueryValuesAreAccepted() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of(), 1));

        assertEquals(
                200,
                http.put(
                                "/v1/database/bank?num_replicas=1&update_confirmation_timeout=1m%2030s&unknown=1"
                                        + "&policy=BreakClients&token=0x12",
                                PROGRAM)
                        .send()
                        .status());
    }

    @Test
    void breakingClientsNeedsAMigrationToken() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of(), 1));

        HttpFixture.Answer answer =
                http.put("/v1/database/bank?policy=BreakClients", PROGRAM).send();

        assertEquals(400, answer.status());
        assertTrue(answer.body().contains("no migration token was provided"), answer.body());
    }

    @Test
    void aParentHasToExist() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of(), 1));

        assertEquals(
                404, http.put("/v1/database/bank?parent=nobody", PROGRAM).send().status());
    }

    @Test
    void aTokenOfThreePartsInTheQueryIsACredential() {
        http.host().answersPublish(BANK, new Database.Published(true, List.of(), 1));
        Credentials ann = http.tokens().mintIdentity();

        http.put("/v1/database/bank?token=" + ann.token(), PROGRAM).send();

        assertEquals(ann.identity(), http.host().published().orElseThrow().publisher());
    }

    @Test
    void aProgramBeyondTheLimitIs413() {
        assertEquals(
                413,
                http.put("/v1/database/bank", new byte[(4 << 20) + 1]).send().status());
    }

    @Test
    void aBadNameIs400() {
        assertEquals(400, http.put("/v1/database/bank_js", PROGRAM).send().status());
    }
}
