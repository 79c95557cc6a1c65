package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.node.auth.Credentials;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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
                        new Target.Named("bank"),
                        Bytes.copyOf(PROGRAM, 0, PROGRAM.length),
                        ann.identity(),
                        false,
                        Database.Policy.Compatible.INSTANCE)),
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
    void aMigrationTokenIsComparedAsANumber() {
        Bytes token = Bytes.ofHex("25763926e61ff12aacf7d1eaeb810b21d4aa07d2d98bf70f1eff5f77acc35400");
        http.host().answersPublish(BANK, new Database.Published(false, List.of(), 1));
        String hex = "0x54c3ac775fff1e0ff78bd9d207aad4210b81ebead1f7ac2af11fe626397625";
        String decimal = new BigInteger(hex.substring(2), 16).toString();

        for (String text : List.of(hex, "0x00" + hex.substring(2), hex.replace("c3ac", "C3AC"), decimal)) {
            http.put("/v1/database/bank?policy=BreakClients&token=" + text, PROGRAM)
                    .send();

            assertEquals(
                    new Database.Policy.BreakClients(token),
                    http.host().published().orElseThrow().policy());
        }
        assertEquals(
                400,
                http.put("/v1/database/bank?policy=BreakClients&token=x", PROGRAM)
                        .send()
                        .status());
    }

    private void answersPlan(Database.PlanOutcome outcome, AtomicReference<Database.Command.PlanPublish> asked) {
        http.host().has("bank", command -> {
            Database.Command.PlanPublish plan = (Database.Command.PlanPublish) command;
            asked.set(plan);
            plan.replyTo().tell(outcome);
        });
    }

    @Test
    void aPlanIsShownBeforeAPublish() {
        AtomicReference<Database.Command.PlanPublish> asked = new AtomicReference<>();
        answersPlan(
                new Database.Planned(
                        "a plan",
                        true,
                        Bytes.ofHex("25763926e61ff12aacf7d1eaeb810b21d4aa07d2d98bf70f1eff5f77acc35482")),
                asked);
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer answer = http.post("/v1/database/bank/pre_publish?style=NoColor", "export default 1")
                .as(ann)
                .send();

        assertEquals(200, answer.status());
        assertEquals(
                "{\"AutoMigrate\":{\"migrate_plan\":\"a plan\",\"break_clients\":true,\"token\":"
                        + "\"0x8254c3ac775fff1e0ff78bd9d207aad4210b81ebead1f7ac2af11fe626397625\","
                        + "\"major_version_upgrade\":false}}",
                answer.body());
        assertEquals(ann.identity(), asked.get().caller());
        assertEquals(MigrationStyle.PLAIN, asked.get().style());
        assertEquals("export default 1", asked.get().program().toUtf8());
        http.post("/v1/database/bank/pre_publish", "export default 1").send();
        assertEquals(MigrationStyle.ANSI, asked.get().style());
    }

    @Test
    void whatCannotBePlannedSaysWhy() {
        AtomicReference<Database.Command.PlanPublish> asked = new AtomicReference<>();
        answersPlan(new Database.UpdateRefused(List.of("one", "two")), asked);
        assertEquals(
                "{\"ManualMigrate\":{\"reason\":\"one\\ntwo\",\"major_version_upgrade\":false}}",
                http.post("/v1/database/bank/pre_publish", "x").send().body());

        answersPlan(new Database.NotOwner(BANK), asked);
        assertEquals(403, http.post("/v1/database/bank/pre_publish", "x").send().status());
        answersPlan(new Database.InvalidProgram("no module"), asked);
        assertEquals(500, http.post("/v1/database/bank/pre_publish", "x").send().status());
        assertEquals(
                404, http.post("/v1/database/nobody/pre_publish", "x").send().status());
        assertEquals(
                404,
                http.post("/v1/database/" + BANK + "/pre_publish", "x").send().status());
        assertEquals(
                400,
                http.post("/v1/database/bank/pre_publish?style=Loud", "x")
                        .send()
                        .status());
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
