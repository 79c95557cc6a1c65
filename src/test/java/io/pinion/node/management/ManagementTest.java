package io.pinion.node.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.actors.core.Cores;
import io.pinion.balancer.BalancerExtension;
import io.pinion.node.Bank;
import io.pinion.node.http.Databases;
import io.pinion.node.http.HttpSettings;
import io.pinion.node.http.Route;
import io.pinion.node.management.ManagedNode.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The management of a whole node over HTTP; one node for all tests, and databases of their own for those that change. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class ManagementTest {
    @SuppressWarnings("NullAway.Init") // set before all tests
    private ManagedNode node;

    @BeforeAll
    void start(@TempDir Path directory) {
        node = ManagedNode.start(directory.resolve("data"));
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private List<Route> routes() {
        Databases databases = new Databases(
                node.node().host(),
                HttpSettings.of(node.node().system().settings().config().getConfig("pinion.http")));
        Nodes nodes = new Nodes(node.node().system(), Duration.ofSeconds(5));
        Metrics metrics = new Metrics(node.node().host(), Cores.get(node.node().system()), () -> 0, 10);
        return new ManagementRoutes(
                        node.node().system(),
                        databases,
                        nodes,
                        BalancerExtension.get(node.node().system()).balancer(),
                        metrics,
                        "1")
                .ofOperators(new OperatorSettings(Set.of(), true));
    }

    private Answer anonymous(String method, String path) {
        return node.send(method, path, "");
    }

    @Test
    void probesAndReadsAreOpen() {
        assertEquals(200, anonymous("GET", "/alive").status());
        TestProbe.create(node.node().system()).awaitAssert(Duration.ofMinutes(1), () -> {
            Answer ready = anonymous("GET", "/ready");
            assertEquals(200, ready.status(), ready.body());
            return 0;
        });
        assertEquals(200, anonymous("GET", "/startup").status());
        JsonNode members = anonymous("GET", "/cluster/members").json();
        assertEquals("Up", members.path("members").path(0).path("status").asText());
        assertTrue(anonymous("GET", "/cluster/shards").body().contains("pinion-database"));
        assertEquals(200, anonymous("GET", "/cluster/shards/pinion-database").status());
        assertEquals(200, anonymous("HEAD", "/alive").status());

        JsonNode here = anonymous("GET", "/pinion/nodes").json().path("nodes").path(0);
        assertTrue(here.path("answers").asBoolean() && here.path("reachable").asBoolean(), here.toString());
        assertEquals("Up", here.path("status").asText());
        JsonNode cores = anonymous("GET", "/pinion/cores").json();
        assertTrue(cores.path("cores").size() >= 1, cores.toString());
        assertTrue(cores.path("missing").isEmpty(), cores.toString());
    }

    @Test
    void everyRefusedOrMalformedRequestSaysWhyInOneShape() throws Exception {
        Bank bank = node.publish("refusals");
        String stranger = Bank.at(node.node().url(), "refusals", "").token();
        String database = "/pinion/databases/refusals";

        assertRefused(404, "there is no such route", node.get("/pinion/nothing"));
        assertRefused(405, "only GET,HEAD", node.post("/pinion/nodes"));
        assertRefused(400, "limit: 0 is not between 1 and 1000", node.get("/pinion/databases?limit=0"));
        assertRefused(400, "unknown parameter limt; there are node, state", node.get("/pinion/databases?limt=1"));
        assertRefused(400, "after: x is no identity", node.get("/pinion/databases?after=x"));
        assertRefused(404, "there is no node nowhere:1; there are [", node.get("/pinion/cores?node=nowhere:1"));
        assertRefused(401, "Authorization is needed", anonymous("POST", database + "/resume"));
        assertRefused(401, "Invalid token", node.send("POST", database + "/resume", "a.b.c"));
        assertRefused(403, "only an operator may", node.send("POST", database + "/resume", stranger));
        assertRefused(403, "only an operator may", node.send("POST", database + "/pause?reason=x", bank.token()));
        assertRefused(400, "the parameter reason is missing", node.post(database + "/pause"));
        assertRefused(400, "longer than 500", node.post(database + "/pause?reason=" + "x".repeat(501)));
        assertRefused(404, "`nobody` not found", node.post("/pinion/databases/nobody/resume"));
        assertRefused(404, "there is no database", node.post("/pinion/databases/" + "0".repeat(63) + "1/resume"));
        assertRefused(400, "weight: 0 is not between 1 and 10000", node.post(database + "/weight?weight=0"));
        assertRefused(
                400, "reducer-time: soon is neither a duration", node.post(database + "/limits?reducer-time=soon"));
        assertRefused(400, "reducer-time: -1s is neither", node.post(database + "/limits?reducer-time=-1s"));
        assertRefused(400, "no limit is given; there are reducer-time", node.post(database + "/limits"));
        assertRefused(409, "reducer-time has to lie between", node.post(database + "/limits?reducer-time=9d"));
        assertEquals(409, node.post(database + "/rebind?core=4000").status());
        assertRefused(400, "core: 5000 is not between", node.post(database + "/rebind?core=5000"));
        assertRefused(400, "the parameter node is missing", node.post(database + "/relocate"));
        assertRefused(404, "there is no node x:1", node.post(database + "/relocate?node=x:1"));
        assertRefused(400, "core and node are missing", node.post(database + "/pin"));
        assertRefused(404, "there is no node x:1", node.post("/pinion/nodes/x:1/drain"));
        assertRefused(400, "on: provided string was not", node.post("/pinion/balancer?on=maybe"));
        assertRefused(409, "is not damaged", node.post(database + "/truncate-log?offset=1"));
        assertRefused(404, "not found", node.get("/cluster/members/nobody"));
        assertRefused(404, "is not started", node.get("/cluster/shards/nothing"));
        assertRefused(
                400,
                "Operation not supported",
                node.send(
                        "PUT",
                        "/cluster/members/pinion@" + self(),
                        node.operator().token(),
                        BodyPublishers.ofString("operation=dance"),
                        "application/x-www-form-urlencoded"));
        assertEquals(200, node.get(database).status());
    }

    private String self() {
        return node.get("/pinion/nodes")
                .json()
                .path("nodes")
                .path(0)
                .path("node")
                .asText();
    }

    private static void assertRefused(int status, String part, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertTrue(answer.message().contains(part), answer.body());
    }

    @Test
    void aDatabaseIsShownWithEverythingThatOperatorsAskFor() throws Exception {
        Bank bank = node.publish("shown");
        assertEquals(200, bank.call("seed", "[3,100]").statusCode());
        assertEquals(530, bank.call("transfer", "[1,2,101]").statusCode());

        JsonNode shown = node.get("/pinion/databases/shown").json();

        assertEquals("serving", shown.path("state").asText(), shown.toString());
        assertEquals(self(), shown.path("node").asText());
        assertTrue(shown.path("core").isInt() && shown.path("weight").asInt() == 100, shown.toString());
        assertTrue(shown.path("offset_durable").asLong() >= 2, shown.toString());
        assertEquals(0, shown.path("waiting").asInt(-1));
        assertEquals(1, shown.path("instances").path("lent").asInt(), shown.toString());
        assertEquals(1, shown.path("reducers").path("rejected").asInt(), shown.toString());
        assertTrue(shown.path("reducers").path("returned").asInt() >= 1, shown.toString());
        assertTrue(shown.path("limits_seconds").path("reducer-time").asDouble() > 0, shown.toString());
        assertEquals("shown", shown.path("names").path(0).asText());
        assertTrue(shown.path("snapshots").isArray());
    }

    @Test
    void databasesAreListedPageByPage() throws Exception {
        for (String name : List.of("page-a", "page-b", "page-c")) {
            node.publish(name);
        }
        JsonNode all = node.get("/pinion/databases?state=serving").json();
        assertTrue(all.path("databases").size() >= 3, all.toString());
        assertFalse(all.has("next"));

        StringBuilder paged = new StringBuilder();
        String next = "";
        do {
            JsonNode page = node.get(
                            "/pinion/databases?state=serving&limit=2" + (next.isEmpty() ? "" : "&after=" + next))
                    .json();
            page.path("databases")
                    .forEach(database -> paged.append(
                                    database.path("database_identity").asText())
                            .append('\n'));
            next = page.path("next").asText();
        } while (!next.isEmpty());

        assertEquals(
                all.path("databases")
                        .valueStream()
                        .map(database -> database.path("database_identity").asText() + "\n")
                        .reduce("", String::concat),
                paged.toString());
        assertTrue(node.get("/pinion/databases?state=damaged")
                .json()
                .path("databases")
                .isEmpty());
    }

    @Test
    void aPausedDatabaseAnswersWithTheReasonAndGoesOnWhenItIsResumed() throws Exception {
        Bank bank = node.publish("paused");
        assertEquals(200, bank.call("seed", "[2,100]").statusCode());

        Answer paused = node.post("/pinion/databases/paused/pause?reason=moving%20house");

        assertEquals(200, paused.status(), paused.body());
        HttpResponse<String> refused = bank.call("transfer", "[1,2,1]");
        assertEquals(503, refused.statusCode());
        assertTrue(refused.body().contains("paused by an operator since"), refused.body());
        assertTrue(refused.body().endsWith("moving house"), refused.body());
        JsonNode shown = node.get("/pinion/databases/paused").json();
        assertEquals("paused", shown.path("state").asText(), shown.toString());
        assertEquals("moving house", shown.path("paused").path("reason").asText());
        assertEquals(200, node.post("/pinion/databases/paused/resume").status());
        assertEquals(200, bank.call("transfer", "[1,2,1]").statusCode());
    }

    @Test
    void limitsWeightsAndCoresAreChanged() throws Exception {
        node.publish("changed");

        Answer limits = node.post("/pinion/databases/changed/limits?reducer-time=250ms&view-time=3s");
        assertEquals(
                "[\"reducer-time\",\"view-time\"]",
                limits.json().path("limits_ordered").toString());
        assertEquals(
                1,
                node.post("/pinion/databases/changed/limits?view-time=default")
                        .json()
                        .path("limits_ordered")
                        .size());
        assertEquals(
                200, node.post("/pinion/databases/changed/weight?weight=321").status());
        Answer rebound = node.postUntilDone("/pinion/databases/changed/rebind?core=0");
        assertEquals(0, rebound.json().path("core").asInt(-1), rebound.body());
        assertEquals("by_hand", rebound.json().path("reason").asText(), rebound.body());

        JsonNode shown = node.get("/pinion/databases/changed").json();
        assertEquals(0.25, shown.path("limits_seconds").path("reducer-time").asDouble(), shown.toString());
        assertEquals(321, shown.path("weight").asInt());
        TestProbe.create(node.node().system()).awaitAssert(Duration.ofMinutes(1), () -> {
            JsonNode now = node.get("/pinion/databases/changed").json();
            assertEquals(0, now.path("core").asInt(-1));
            return now;
        });
    }

    @Test
    void theBalancerIsToldWhatOperatorsWantAndSaysWhatItDid() throws Exception {
        node.publish("balanced");
        node.postUntilDone("/pinion/databases/balanced/rebind?core=0");

        JsonNode pinned = node.post("/pinion/databases/balanced/pin?core=0&node=" + self())
                .json();
        assertEquals(0, pinned.path("pinned_databases").path(0).path("core").asInt(-1), pinned.toString());
        assertEquals(self(), pinned.path("pinned_buckets").path(0).path("node").asText(), pinned.toString());
        JsonNode unpinned = node.post("/pinion/databases/balanced/unpin").json();
        assertTrue(unpinned.path("pinned_databases").isEmpty(), unpinned.toString());
        assertTrue(unpinned.path("pinned_buckets").isEmpty(), unpinned.toString());

        JsonNode drained = node.post("/pinion/nodes/" + self() + "/drain").json();
        assertEquals(self(), drained.path("drained").path(0).asText(), drained.toString());
        JsonNode back = node.post("/pinion/nodes/" + self() + "/undrain").json();
        assertTrue(back.path("drained").isEmpty(), back.toString());

        assertFalse(node.post("/pinion/balancer?on=false").json().path("on").asBoolean(true));
        assertTrue(node.post("/pinion/balancer?on=true").json().path("on").asBoolean(false));
        assertEquals(self(), node.get("/pinion/balancer").json().path("node").asText());
        JsonNode decisions = node.get("/pinion/decisions?limit=1000").json();
        assertTrue(
                decisions
                        .path("decisions")
                        .valueStream()
                        .anyMatch(decision -> decision.path("reason").asText().equals("by_hand")),
                decisions.toString());
    }

    @Test
    void operatorsReadLogsAndTakeSnapshotsAndBackups() throws Exception {
        Bank bank = node.publish("kept");
        assertEquals(200, bank.call("seed", "[2,100]").statusCode());

        assertTrue(node.get("/pinion/databases/kept/log?lines=5")
                        .json()
                        .path("lines")
                        .size()
                >= 1);
        assertRefused(403, "only an operator may", node.send("GET", "/pinion/databases/kept/log", bank.token()));
        assertEquals(200, node.post("/pinion/databases/kept/snapshot").status());
        assertEquals(200, node.get("/pinion/databases/kept/backup").status());
        assertEquals(
                1, node.get("/pinion/databases/kept").json().path("snapshots").size());
        assertEquals(200, node.get("/pinion/databases/kept/export/accounts").status());
    }

    @Test
    void everyRouteThatChangesSomethingWritesOneLineRefusedOnesToo() throws Exception {
        String stranger = Bank.at(node.node().url(), "nobody", "").token();
        for (Route route : routes()) {
            boolean isChange = !route.method().equals(HttpMethods.GET);
            assertTrue(!isChange || route.isAudited(), route.path());
            if (isChange) {
                String path = route.path()
                        .replace("{db}", "nobody")
                        .replace("{address}", "nobody")
                        .replace("{node}", "nobody");
                assertAudited(route, "", path + "?x=1", "refused");
                assertAudited(route, stranger, path + "?token=" + stranger, "refused");
            }
        }
        node.publish("audited");
        int before = lines().size();
        assertEquals(
                200,
                node.post("/pinion/databases/audited/pause?reason=why%20not").status());

        JsonNode line = lines().get(0);
        assertEquals(before + 1, lines().size());
        assertEquals("done", line.path("outcome").asText(), line.toString());
        assertEquals("POST /pinion/databases/{db}/pause", line.path("action").asText());
        assertEquals(
                "{\"db\":\"audited\",\"reason\":\"why not\"}",
                line.path("parameters").toString());
        assertEquals(node.operator().identity().toHex(), line.path("caller").asText());
        assertEquals("127.0.0.1", line.path("from").asText());
        assertEquals(self(), line.path("node").asText());
        assertRefused(401, "Authorization is needed", anonymous("GET", "/pinion/audit"));
    }

    private void assertAudited(Route route, String token, String path, String outcome) {
        int before = lines().size();
        Answer answer = node.send(route.method().value(), path, token);
        assertTrue(answer.status() >= 400, route.path() + ": " + answer.body());
        List<JsonNode> lines = lines();
        assertEquals(before + 1, lines.size(), route.path());
        assertEquals(outcome, lines.get(0).path("outcome").asText());
        assertEquals(answer.message(), lines.get(0).path("message").asText());
        assertEquals(
                route.method().value() + " " + route.path(),
                lines.get(0).path("action").asText());
        assertFalse(lines.get(0).path("parameters").has("token"));
    }

    /** Newest first. */
    private List<JsonNode> lines() {
        return node.get("/pinion/audit?limit=1000")
                .json()
                .path("lines")
                .valueStream()
                .toList();
    }

    @Test
    void theDescriptionNamesExactlyTheRoutesThatThereAre() {
        Set<String> served = routes().stream()
                .map(route -> route.method().value() + " " + route.path())
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(served, Description.operations());
        assertEquals(
                Description.document(), anonymous("GET", "/pinion/openapi.json").json());
    }

    @Test
    void metricsTellOfCallsJournalAndCoresInPrometheusText() throws Exception {
        Bank bank = node.publish("measured");
        double rejectedBefore = metric("pinion_calls_total{kind=\"reducer\",outcome=\"rejected\"}");
        double writesBefore = metric("pinion_journal_writes_total");
        assertEquals(200, bank.call("seed", "[3,100]").statusCode());
        assertEquals(530, bank.call("transfer", "[1,2,101]").statusCode());
        assertEquals(200, bank.call("transfer", "[1,2,1]").statusCode());

        assertEquals(rejectedBefore + 1, metric("pinion_calls_total{kind=\"reducer\",outcome=\"rejected\"}"));
        assertTrue(metric("pinion_journal_writes_total") >= writesBefore + 2);
        assertTrue(metric("pinion_journal_bytes_total") > 0);
        assertTrue(metric("pinion_call_duration_seconds_count{kind=\"reducer\"}") >= 3);
        assertTrue(metric("pinion_call_duration_seconds_sum{kind=\"reducer\"}") > 0);
        assertTrue(metric("pinion_core_busy_seconds_total{core=\"0\"}") >= 0);
        assertTrue(metric("pinion_core_queue_delay_seconds_bucket{core=\"0\",le=\"+Inf\"}") > 0);
        assertTrue(metric("pinion_databases{state=\"serving\"}") >= 1);
        assertEquals(0, metric("pinion_websockets"));
        String identity = node.get("/pinion/databases/measured")
                .json()
                .path("database_identity")
                .asText();
        assertTrue(metric("pinion_database_calls_total{database=\"" + identity + "\"}") >= 3);
        assertTrue(anonymous("GET", "/metrics").body().contains("\njvm_gc_collection_seconds_count"));
        assertTrue(anonymous("GET", "/metrics").body().contains("\njvm_memory_used_bytes{area=\"heap\"}"));
    }

    /** The value of one series. */
    private double metric(String series) {
        String text = anonymous("GET", "/metrics").body();
        return text.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no series " + series + " in:\n" + text));
    }

    @Test
    void whatOwnersChangeAtThePublicServerIsAuditedToo() throws Exception {
        Bank bank = node.publish("own");
        int before = lines().size();

        assertEquals(
                200, bank.send("POST", "/pinion/databases/own/snapshot", "").statusCode());

        assertEquals(before + 1, lines().size());
        assertEquals(
                "POST /pinion/databases/{db}/snapshot",
                lines().get(0).path("action").asText());
        assertEquals(404, bank.send("GET", "/pinion/nodes", "").statusCode());
        assertEquals(404, bank.send("GET", "/cluster/members", "").statusCode());
    }
}
