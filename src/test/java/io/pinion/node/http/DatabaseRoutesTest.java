package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database;
import io.pinion.modules.HostType;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatabaseRoutesTest {
    private static final Identity OWNER = Identity.derive("localhost", "owner");

    private final HttpFixture http = HttpFixture.SHARED;

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void theInfoSpellsIdentitiesAndHashesAsTypedNumbers() {
        Identity bank = hasBank();

        HttpFixture.Answer answer = http.get("/v1/database/bank").send();

        assertEquals(
                "{\"database_identity\":{\"__identity__\":\"0x" + bank + "\"},\"owner_identity\":{\"__identity__\":\"0x"
                        + OWNER + "\"},\"host_type\":{\"Js\":[]},\"initial_program\":"
                        + "\"0x8254c3ac775fff1e0ff78bd9d207aad4210b81ebead1f7ac2af11fe626397625\"}",
                answer.body());
        assertEquals(Optional.of("application/json"), answer.header("content-type"));
    }

    @Test
    void anIdentityWithoutADatabaseIs404() {
        String path = "/v1/database/" + Identity.derive("a", "nothing");

        for (String route : new String[] {"", "/names", "/unstable/timestamp", "/logs"}) {
            HttpFixture.Answer answer = http.get(path + route).send();
            assertEquals(404, answer.status(), route);
            assertTrue(answer.body().startsWith("there is no database"), answer.body());
            assertTrue(answer.header("spacetime-identity").isPresent(), route);
        }
    }

    @Test
    void anUnknownNameIs404WithTheNameInBackTicks() {
        for (String route : new String[] {"", "/names", "/identity", "/unstable/timestamp", "/logs"}) {
            HttpFixture.Answer answer = http.get("/v1/database/bank" + route).send();
            assertEquals(404, answer.status(), route);
            assertEquals("`bank` not found", answer.body());
        }
    }

    @Test
    void aNameThatCannotBeOneIs400AndSaysWhy() {
        assertTrue(refusal("Bank").startsWith("Invalid URL:"));
        assertTrue(refusal("bank_js").contains("invalid characters"));
        assertTrue(refusal("-bank").contains("invalid hyphen"));
        assertTrue(refusal("bank--js").contains("invalid hyphen"));
        assertTrue(refusal("b%C3%A4nk").contains("invalid characters"));
        assertTrue(refusal("a%2Fb").contains("invalid characters"));
    }

    private String refusal(String name) {
        HttpFixture.Answer answer = http.get("/v1/database/" + name).send();
        assertEquals(400, answer.status(), name);
        return answer.body();
    }

    @Test
    void theIdentityOfANameIsPlainText() {
        Identity bank = hasBank();

        HttpFixture.Answer answer = http.get("/v1/database/bank/identity").send();

        assertEquals(200, answer.status());
        assertEquals(bank.toHex(), answer.body());
        assertTrue(answer.header("content-type").orElse("").startsWith("text/plain"));
    }

    @Test
    void anIdentityIsEchoedWithoutALook() {
        String hex = Identity.derive("a", "nothing").toHex();

        assertEquals(hex, http.get("/v1/database/0x" + hex + "/identity").send().body());
    }

    @Test
    void theNamesOfADatabaseAreListed() {
        Identity bank = hasBank();

        assertEquals(
                "{\"names\":[\"bank\"]}",
                http.get("/v1/database/" + bank + "/names").send().body());
    }

    @Test
    void theTimestampIsTheTimeOfNow() {
        hasBank();
        long before = System.currentTimeMillis() * 1000;

        long micros = http.get("/v1/database/bank/unstable/timestamp")
                .send()
                .json()
                .path("__timestamp_micros_since_unix_epoch__")
                .asLong();

        assertTrue(micros >= before && micros < before + 60_000_000, before + " " + micros);
    }

    @Test
    void theOwnerDeletesADatabase() {
        Identity bank = hasBank();
        Credentials ann = http.tokens().mintIdentity();
        http.host().answersDelete(new Database.Deleted());

        HttpFixture.Answer answer =
                http.request("DELETE", "/v1/database/bank").as(ann).send();

        assertEquals(200, answer.status());
        assertEquals("", answer.body());
        assertEquals(
                Optional.of(new FakeHost.Delete(bank, ann.identity())),
                http.host().deleted());
    }

    @Test
    void whoIsNotTheOwnerIs403WithBothIdentitiesAndTheAction() {
        Identity bank = hasBank();
        Credentials ann = http.tokens().mintIdentity();
        http.host().answersDelete(new Database.NotOwner(OWNER));

        HttpFixture.Answer answer =
                http.request("DELETE", "/v1/database/bank").as(ann).send();

        assertEquals(403, answer.status());
        assertTrue(answer.body().contains(ann.identity().toHex()), answer.body());
        assertTrue(answer.body().contains(bank.toHex()), answer.body());
        assertTrue(answer.body().contains("delete database"), answer.body());
    }

    @Test
    void deletingWhatIsNoDatabaseIsDoneAlreadyButAnUnknownNameIs404() {
        http.host().answersDelete(new Database.NoSuchModule());

        assertEquals(
                200,
                http.request("DELETE", "/v1/database/" + Identity.derive("a", "nothing"))
                        .send()
                        .status());
        assertEquals(404, http.request("DELETE", "/v1/database/bank").send().status());
    }

    private Identity hasBank() {
        Bytes hash = Bytes.ofHex("25763926e61ff12aacf7d1eaeb810b21d4aa07d2d98bf70f1eff5f77acc35482");
        return http.host()
                .has(
                        "bank",
                        command -> ((Database.Command.Describe) command)
                                .replyTo()
                                .tell(new Database.Description(OWNER, HostType.JS, hash, Bytes.EMPTY)));
    }
}
