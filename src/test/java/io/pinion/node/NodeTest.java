package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sample bank on a whole node, over HTTP. */
@Timeout(180)
class NodeTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Bank bank;

    @BeforeEach
    void openTheBank() throws Exception {
        node = start();
        bank = Bank.at(node.url(), "bank", "");
        assertSuccess(bank.publish());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void aPublishedModuleIsCalledAndItsRowsAreSeen() throws Exception {
        assertSuccess(bank.call("seed", "[3,100]"));
        assertSuccess(bank.call("transfer", "{\"from\":1,\"to\":2,\"amount\":30}"));

        assertEquals(new TreeMap<>(Map.of(1L, 70L, 2L, 130L, 3L, 100L)), new TreeMap<>(bank.balances()));
        HttpResponse<String> one = bank.sql("SELECT * FROM accounts WHERE id = 2");
        assertEquals(
                "[[2,\"account-2\",130]]",
                JSON.readTree(one.body()).path(0).path("rows").toString());
    }

    @Test
    void systemTablesAreReadWithSqlAsOthersAre() throws Exception {
        HttpResponse<String> tables =
                bank.sql("SELECT table_name, table_access FROM st_table WHERE table_type = 'user'");
        assertEquals(
                Set.of(
                        "[\"accounts\",\"public\"]",
                        "[\"audit_timer\",\"private\"]",
                        "[\"audits\",\"public\"]",
                        "[\"empty_accounts\",\"public\"]"),
                JSON.readTree(tables.body())
                        .path(0)
                        .path("rows")
                        .valueStream()
                        .map(JsonNode::toString)
                        .collect(Collectors.toSet()));
        HttpResponse<String> module = bank.sql("SELECT program_kind, module_version FROM st_module");
        assertEquals(
                "[[1,\"\"]]", JSON.readTree(module.body()).path(0).path("rows").toString());
        assertSuccess(bank.sql("SELECT * FROM st_connection_credentials"));
    }

    @Test
    void theOwnersStatementsChangeRowsForGood() throws Exception {
        assertSuccess(bank.call("seed", "[3,100]"));

        assertResult(0, 0, 1, "[]", bank.sql("UPDATE accounts SET balance = 70 WHERE id = 1"));
        assertResult(2, 0, 0, "[]", bank.sql("INSERT INTO accounts (a, b, c) VALUES (7, 'Zoe', 70), (8, 'Yan', 1);"));
        assertResult(0, 2, 0, "[]", bank.sql("DELETE FROM accounts WHERE id = 2 OR balance < 5"));
        assertResult(
                0,
                0,
                0,
                "[[1,7]]",
                bank.sql("SELECT a.id, b.id AS other FROM accounts a JOIN accounts b ON a.balance = b.balance"
                        + " WHERE a.id < b.id"));
        assertAnswer(
                400,
                "unique constraint violated: accounts has a row with the same id, at position 39",
                bank.sql("INSERT INTO accounts (a, b, c) VALUES (7, 'x', 1)"));
        assertEquals(400, bank.sql("DELETE FROM accounts; DELETE FROM accounts").statusCode());
        node.close();
        node = start();
        bank = Bank.at(node.url(), "bank", bank.token());

        assertEquals(Map.of(1L, 70L, 3L, 100L, 7L, 70L), bank.balances());
        assertSuccess(bank.call("transfer", "[7,1,70]"));
    }

    @Test
    void othersThanTheOwnerReadWithinTheRowLimitAndChangeNothing() throws Exception {
        assertSuccess(bank.call("seed", "[3,100]"));
        Bank stranger = Bank.at(node.url(), "bank", "");

        assertResult(1, 0, 0, "[]", bank.sql("SET row_limit = 2"));
        assertResult(0, 0, 0, "[[[8,2]]]", stranger.sql("SHOW row_limit"));

        HttpResponse<String> scan = stranger.sql("SELECT * FROM accounts");
        assertEquals(400, scan.statusCode());
        assertTrue(scan.body().startsWith("row limit exceeded"), scan.body());
        assertSuccess(stranger.sql("SELECT * FROM accounts WHERE id = 2"));
        assertSuccess(bank.sql("SELECT * FROM accounts"));
        HttpResponse<String> refused = stranger.sql("DELETE FROM accounts");
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains("for the owner"), refused.body());
        assertEquals(3, bank.balances().size());
    }

    @Test
    void proceduresAreCalledAndHandlersAnswerOverHttp() throws Exception {
        Bank contract = Bank.at(node.url(), "contract", "");
        assertSuccess(contract.publish(Path.of("..", "examples", "contract-js", "contract.js")));

        assertAnswer(200, "5", contract.call("add", "[2, 3]"));
        assertAnswer(200, "[]", contract.call("nothing", "{}"));
        assertAnswer(200, "1", contract.call("two_transactions", "[\"one\"]"));
        assertEquals(500, contract.call("procedure_fails", "[]").statusCode());
        HttpResponse<String> off = contract.call("fetch", "[\"http://example.com/\"]");
        assertTrue(off.body().contains("pinion.procedure.http.enabled"), off.body());

        HttpResponse<String> any = contract.get("/route/any?a=b");
        assertEquals(201, any.statusCode());
        assertEquals("2", any.headers().firstValue("x-count").orElseThrow());
        assertTrue(any.body().startsWith(node.url() + "/v1/database/contract/route/any?a=b|"), any.body());
        assertEquals(500, contract.get("/route/broken").statusCode());
        assertEquals(404, contract.get("/route/echo").statusCode());
        assertEquals(404, contract.get("/route").statusCode());
    }

    @Test
    void aViewIsJoinedLikeATable() throws Exception {
        assertSuccess(bank.call("seed", "[2,0]"));
        assertResult(1, 0, 0, "[]", bank.sql("INSERT INTO accounts (a, b, c) VALUES (7, 'Zoe', 70)"));

        assertResult(
                0,
                0,
                0,
                "[[2]]",
                bank.sql("SELECT COUNT(*) AS n FROM empty_accounts e JOIN accounts a ON a.id = e.id"));
        assertEquals(400, bank.sql("DELETE FROM empty_accounts").statusCode());
    }

    private static void assertResult(int inserted, int deleted, int updated, String rows, HttpResponse<String> answer)
            throws Exception {
        assertSuccess(answer);
        JsonNode result = JSON.readTree(answer.body()).path(0);
        assertEquals(rows, result.path("rows").toString());
        assertEquals(
                "{\"rows_inserted\":%d,\"rows_deleted\":%d,\"rows_updated\":%d}".formatted(inserted, deleted, updated),
                result.path("stats").toString());
    }

    @Test
    void theModulesErrorsReachTheCallerAndChangeNothing() throws Exception {
        assertSuccess(bank.call("seed", "[2,100]"));

        assertAnswer(530, "insufficient funds", bank.call("transfer", "[1,2,101]"));
        assertAnswer(530, "cannot transfer to the same account", bank.call("transfer", "[1,1,1]"));
        assertAnswer(530, "the amount must be positive", bank.call("transfer", "[1,2,0]"));
        assertAnswer(530, "no account 9", bank.call("transfer", "[1,9,1]"));
        assertEquals(Map.of(1L, 100L, 2L, 100L), bank.balances());
    }

    @Test
    void callsThatCannotBeMadeSayWhy() throws Exception {
        HttpResponse<String> unknown = bank.call("transfers", "[]");
        assertEquals(404, unknown.statusCode());
        assertTrue(unknown.body().startsWith("no such procedure"), unknown.body());

        HttpResponse<String> tooFew = bank.call("transfer", "[1,2]");
        assertEquals(400, tooFew.statusCode());
        assertTrue(tooFew.body().startsWith("invalid arguments for reducer transfer"), tooFew.body());

        HttpResponse<String> wrongType = bank.call("transfer", "[1,\"two\",3]");
        assertEquals(400, wrongType.statusCode());
        assertTrue(wrongType.body().startsWith("invalid arguments for reducer transfer"), wrongType.body());

        assertEquals(400, bank.call("init", "[]").statusCode());
        assertEquals(400, bank.sql("SELECT * FROM nothing").statusCode());
    }

    @Test
    void theSchemaIsServedInBothVersions() throws Exception {
        HttpResponse<String> nine = bank.get("/schema?version=9");
        assertSuccess(nine);
        JsonNode tables = JSON.readTree(nine.body()).path("tables");
        assertTrue(
                tables.valueStream()
                        .anyMatch(table -> table.path("name").asText().equals("accounts")),
                nine.body());

        HttpResponse<String> ten = bank.get("/schema?version=10");
        assertSuccess(ten);
        assertTrue(JSON.readTree(ten.body()).path("sections").isArray(), ten.body());

        assertEquals(400, bank.get("/schema").statusCode());
        assertEquals(400, bank.get("/schema?version=11").statusCode());
    }

    @Test
    void publishingAgainKeepsTheRowsAndSomebodyElseMayNot() throws Exception {
        assertSuccess(bank.call("seed", "[1,100]"));

        HttpResponse<String> again = bank.publish();

        assertSuccess(again);
        assertTrue(again.body().contains("\"op\":\"updated\""), again.body());
        assertEquals(Map.of(1L, 100L), bank.balances());
        assertEquals(403, Bank.at(node.url(), "bank", "").publish().statusCode());
    }

    @Test
    void aRefusedPublishLeavesNoTrace() throws Exception {
        Bank other = Bank.at(node.url(), "other", "");

        HttpResponse<String> refused = other.send("PUT", "/v1/database/other", "export default ???");

        assertEquals(500, refused.statusCode());
        assertTrue(refused.body().contains("SyntaxError"), refused.body());
        assertEquals(404, other.get("/identity").statusCode());
        assertEquals(404, other.call("seed", "[1,1]").statusCode());
    }

    @Test
    void theOwnerReadsTheLogAndNobodyElse() throws Exception {
        assertSuccess(bank.call("seed", "[1,100]"));

        HttpResponse<String> log = bank.get("/logs");

        assertSuccess(log);
        for (String line : log.body().lines().toList()) {
            assertTrue(JSON.readTree(line).has("level"), line);
            assertTrue(JSON.readTree(line).has("message"), line);
        }
        assertEquals(403, Bank.at(node.url(), "bank", "").get("/logs").statusCode());
    }

    @Test
    void aDeletedDatabaseIsGoneForItsCallers() throws Exception {
        assertEquals(
                403,
                Bank.at(node.url(), "bank", "")
                        .send("DELETE", "/v1/database/bank", "")
                        .statusCode());

        assertSuccess(bank.send("DELETE", "/v1/database/bank", ""));

        assertEquals(404, bank.call("seed", "[1,1]").statusCode());
        assertEquals(404, bank.sql("SELECT * FROM accounts").statusCode());
        assertEquals(404, bank.get("").statusCode());
    }

    @Test
    void everythingIsThereAfterARestart() throws Exception {
        assertSuccess(bank.call("seed", "[3,100]"));
        assertSuccess(bank.call("transfer", "[1,2,30]"));
        String identity = bank.get("/identity").body();

        node.close();
        node = start();
        bank = Bank.at(node.url(), "bank", bank.token());

        assertEquals(Map.of(1L, 70L, 2L, 130L, 3L, 100L), bank.balances());
        assertEquals(identity, bank.get("/identity").body());
        assertSuccess(bank.call("transfer", "[2,1,30]"));
        assertEquals(Map.of(1L, 100L, 2L, 100L, 3L, 100L), bank.balances());
    }

    private PinionNode start() throws NodeStartException {
        return TestNode.start(directory.resolve("data"));
    }

    private static void assertSuccess(HttpResponse<String> answer) {
        assertEquals(200, answer.statusCode(), answer.body());
    }

    private static void assertAnswer(int status, String body, HttpResponse<String> answer) {
        assertEquals(body, answer.body());
        assertEquals(status, answer.statusCode());
    }
}
