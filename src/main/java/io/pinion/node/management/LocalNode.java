package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.DatabaseState;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.CoreLoad;
import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.DelayHistogram;
import io.pinion.node.http.HttpRefusal;
import io.pinion.store.value.Identity;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What there is on this node, as JSON. Threadsafe. */
final class LocalNode {
    static final String NODE = "node";
    static final String CORES = "cores";
    static final String DATABASES = "databases";
    static final String DATABASE = "database";
    static final String AUDIT = "audit";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String address;
    private final String version;
    private final PinionHost host;
    private final CoreSet cores;
    private final LoadSampler loads;
    private final AuditLog audit;

    /** @param address host and port of this node in its cluster */
    LocalNode(String address, String version, PinionHost host, CoreSet cores, LoadSampler loads, AuditLog audit) {
        this.address = address;
        this.version = version;
        this.host = host;
        this.cores = cores;
        this.loads = loads;
        this.audit = audit;
    }

    /** What other nodes may ask for, by name. */
    Map<String, Function<Map<String, String>, String>> answers() {
        return Map.of(
                NODE, _ -> node().toString(),
                CORES, _ -> cores().toString(),
                DATABASES, parameters -> databases(parameters).toString(),
                DATABASE, parameters -> database(parameters).toString(),
                AUDIT, parameters -> audit(parameters).toString());
    }

    private ObjectNode node() {
        List<DatabaseState> here = host.databasesHere();
        Runtime jvm = Runtime.getRuntime();
        ObjectNode json = JSON.objectNode()
                .put("node", address)
                .put("version", version)
                .put(
                        "started",
                        Instant.ofEpochMilli(
                                        ManagementFactory.getRuntimeMXBean().getStartTime())
                                .toString())
                .put("cores", cores.count())
                .put("databases", here.size())
                .put("waiting", here.stream().mapToLong(DatabaseState::waiting).sum())
                .put("heap_bytes", jvm.totalMemory() - jvm.freeMemory())
                .put("heap_bytes_max", jvm.maxMemory());
        ObjectNode states = json.putObject("states");
        here.stream()
                .collect(Collectors.groupingBy(LocalNode::state, TreeMap::new, Collectors.counting()))
                .forEach(states::put);
        return json;
    }

    static String state(DatabaseState state) {
        return state.phase().name().toLowerCase(Locale.ROOT);
    }

    private ObjectNode cores() {
        ObjectNode json = JSON.objectNode();
        ArrayNode list = json.putArray("cores");
        Map<Integer, Long> bound =
                cores.bindings().stream().collect(Collectors.groupingBy(BindingLoad::core, Collectors.counting()));
        for (CoreLoad core : cores.cores()) {
            list.add(core(core, bound.getOrDefault(core.core(), 0L)));
        }
        return json;
    }

    private ObjectNode core(CoreLoad core, long bound) {
        ObjectNode json = JSON.objectNode().put("node", address).put("core", core.core());
        core.cpu().ifPresent(cpu -> json.put("cpu", cpu));
        loads.busyOfCore(core.core()).ifPresent(busy -> json.put("busy", DatabaseJson.rounded(busy)));
        json.put("busy_seconds", DatabaseJson.seconds(core.busyNanos()))
                .put("databases", bound)
                .put("runnable", core.runnable())
                .put("turns", core.turns())
                .put("hand_offs", core.handOffs())
                .put("relief_threads", core.reliefThreads());
        DelayHistogram.Snapshot delays = core.queueDelay();
        json.putObject("queue_delay_micros")
                .put("p50", delays.percentile(50) / 1000.0)
                .put("p99", delays.percentile(99) / 1000.0)
                .put("max", delays.percentile(100) / 1000.0);
        core.current().ifPresent(turn -> {
            ObjectNode current = json.putObject("current");
            turn.owner().ifPresent(owner -> current.put("database_identity", owner));
            current.put("seconds", DatabaseJson.seconds(Math.max(0, System.nanoTime() - turn.startNanos())));
        });
        return json;
    }

    /** Those after one, in the order of identities, as many as are asked for. */
    private ObjectNode databases(Map<String, String> parameters) {
        Optional<Identity> after = Optional.ofNullable(parameters.get("after")).map(Identity::parse);
        Optional<String> state = Optional.ofNullable(parameters.get("state"));
        int limit = Integer.parseInt(parameters.getOrDefault("limit", "100"));
        Map<String, BindingLoad> bindings = bindings();
        ObjectNode json = JSON.objectNode();
        ArrayNode list = json.putArray("databases");
        host.databasesHere().stream()
                .filter(database -> after.isEmpty() || database.database().compareTo(after.get()) > 0)
                .filter(database -> state.isEmpty() || state(database).equals(state.get()))
                .sorted(Comparator.comparing(DatabaseState::database))
                .limit(limit)
                .forEach(database -> list.add(json(database, bindings)));
        return json;
    }

    private Map<String, BindingLoad> bindings() {
        return cores.bindings().stream().collect(Collectors.toMap(BindingLoad::name, Function.identity(), (a, _) -> a));
    }

    private ObjectNode json(DatabaseState state, Map<String, BindingLoad> bindings) {
        String name = state.database().toHex();
        OptionalDouble busy = loads.busyOfDatabase(name);
        return DatabaseJson.of(address, state, bindings.get(name), busy);
    }

    private ObjectNode database(Map<String, String> parameters) {
        Identity database = Identity.parse(required(parameters, "database"));
        return host.databasesHere().stream()
                .filter(state -> state.database().equals(database))
                .findFirst()
                .map(state -> json(state, bindings()))
                .orElseThrow(() -> notHere(database));
    }

    private HttpRefusal notHere(Identity database) {
        return HttpRefusal.of(404, "database " + database + " is not in the memory of node " + address);
    }

    private ObjectNode audit(Map<String, String> parameters) {
        ObjectNode json = JSON.objectNode();
        ArrayNode lines = json.putArray("lines");
        audit.newest(Integer.parseInt(required(parameters, "limit"))).forEach(lines::add);
        return json;
    }

    private static String required(Map<String, String> parameters, String key) {
        String value = parameters.get(key);
        if (value == null) {
            throw HttpRefusal.of(400, "the parameter " + key + " is missing");
        }
        return value;
    }
}
