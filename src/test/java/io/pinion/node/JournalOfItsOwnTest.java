package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(QuietLog.class)
@Timeout(180)
class JournalOfItsOwnTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void nodesThatKeepTheirJournalsForThemselvesHostNothingTogetherAndSayWhy() throws Exception {
        try (ClusterNodes nodes = ClusterNodes.apart(directory)) {
            PinionNode first = nodes.add();
            Bank bank = Bank.at(first.url(), "bank", "");
            assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode());
            assertEquals(200, bank.call("seed", "[2,100]").statusCode());
            String identity = bank.get("/identity").body();
            String owner = ownerOf(bank);
            String owned = "/v1/identity/" + owner + "/databases";
            assertTrue(bank.send("GET", owned, "").body().contains(identity));

            PinionNode second = nodes.add();

            ClusterTest.await(
                    "the refusal", () -> bank.call("transfer", "[1,2,1]").statusCode() == 503);
            HttpResponse<String> refusal = bank.call("transfer", "[1,2,1]");
            assertEquals(503, refusal.statusCode());
            assertTrue(refusal.body().contains("keeps its journal for itself"), refusal.body());
            HttpResponse<String> publish = Bank.at(second.url(), "other", "").publish(Bank.WASM_PROGRAM);
            assertEquals(503, publish.statusCode());
            for (String question : List.of(owned, "/v1/database/" + identity + "/names", "/v1/database/bank/names")) {
                HttpResponse<String> answer = bank.send("GET", question, "");
                assertEquals(503, answer.statusCode(), question);
                assertTrue(answer.body().contains("keeps its journal for itself"), answer.body());
            }
            HttpResponse<String> lock = bank.send("POST", "/v1/database/" + identity + "/lock", "");
            assertEquals(503, lock.statusCode());

            nodes.leave(second);

            ClusterTest.await(
                    "the end of the refusal",
                    () -> bank.call("transfer", "[1,2,1]").statusCode() == 200);
            assertTrue(bank.send("GET", owned, "").body().contains(identity));
        }
    }

    private static String ownerOf(Bank bank) throws Exception {
        String number = new ObjectMapper()
                .readTree(bank.get("").body())
                .path("owner_identity")
                .path("__identity__")
                .asText();
        return "%064x".formatted(new BigInteger(number.substring(2), 16));
    }
}
