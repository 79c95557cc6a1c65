package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.balancer.Action;
import io.pinion.balancer.BalancerProtocol;
import io.pinion.balancer.Decided;
import io.pinion.balancer.Decision;
import io.pinion.balancer.Refusal;
import io.pinion.store.value.Identity;
import java.time.Instant;
import java.util.Locale;
import org.apache.pekko.actor.Address;

/** The JSON of what the balancer says. Nodes are host and port, as everywhere. */
final class BalancerJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private BalancerJson() {}

    static ObjectNode of(BalancerProtocol.Status status) {
        ObjectNode json =
                JSON.objectNode().put("node", Nodes.name(status.node())).put("on", status.isOn());
        if (status.plannedAtMillis() > 0) {
            json.put("planned", Instant.ofEpochMilli(status.plannedAtMillis()).toString())
                    .put("planning_micros", status.planMicros());
        }
        ArrayNode databases = json.putArray("pinned_databases");
        status.pins()
                .databases()
                .forEach((database, core) -> databases
                        .addObject()
                        .put("database_identity", database.toHex())
                        .put("core", core));
        ArrayNode buckets = json.putArray("pinned_buckets");
        status.pins()
                .shards()
                .forEach((bucket, node) ->
                        buckets.addObject().put("bucket", bucket).put("node", Nodes.name(node)));
        ArrayNode drained = json.putArray("drained");
        status.drained().stream().map(Nodes::name).sorted().forEach(drained::add);
        ArrayNode nodes = json.putArray("nodes");
        status.nodes()
                .forEach(node -> nodes.addObject()
                        .put("node", Nodes.name(node.address()))
                        .put("state", word(node.state()))
                        .put("speed", node.speed())
                        .put("buckets", node.shards())
                        .put("databases", node.databases()));
        return json;
    }

    static ObjectNode of(Decision decision) {
        ObjectNode json = JSON.objectNode()
                .put("time", Instant.ofEpochMilli(decision.atMillis()).toString());
        json.setAll(of(decision.decided()));
        return json;
    }

    private static ObjectNode of(Decided decided) {
        return switch (decided) {
            case Action action -> of(action);
            case Refusal refusal -> of(refusal);
        };
    }

    static ObjectNode of(Action action) {
        ObjectNode json = JSON.objectNode();
        switch (action) {
            case Action.Rebind(Identity database, Address node, int from, int core, Action.Reason _) ->
                json.put("what", "rebind")
                        .put("database_identity", database.toHex())
                        .put("node", Nodes.name(node))
                        .put("core_before", from)
                        .put("core", core);
            case Action.Relocate(int bucket, Address from, Address to, Action.Reason _) ->
                json.put("what", "relocate")
                        .put("bucket", bucket)
                        .put("node_before", Nodes.name(from))
                        .put("node", Nodes.name(to));
        }
        return json.put("reason", word(action.reason()))
                .put("because", action.reason().sentence());
    }

    private static ObjectNode of(Refusal refusal) {
        ObjectNode json = JSON.objectNode().put("what", "stay");
        switch (refusal.subject()) {
            case Refusal.Subject.OfCluster _ -> json.put("cluster", true);
            case Refusal.Subject.OfNode(Address node) -> json.put("node", Nodes.name(node));
            case Refusal.Subject.OfCore(Address node, int core) ->
                json.put("node", Nodes.name(node)).put("core", core);
            case Refusal.Subject.OfShard(int bucket) -> json.put("bucket", bucket);
            case Refusal.Subject.OfDatabase(Identity database) -> json.put("database_identity", database.toHex());
        }
        return json.put("reason", word(refusal.reason()))
                .put("because", refusal.reason().sentence());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
