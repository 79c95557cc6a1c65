package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.ws.ModelMessage.Change;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A client of one protocol, as the official ones are: what it is told is added up, and nothing else is known of the tables.
 * Whenever the answer to a single query comes, what has been added up for that query until then has to be the same.
 */
final class ModelClient implements AutoCloseable {
    private final Protocol protocol;
    private final String name;
    private final RawClient socket;
    private final ModelCodec codec;
    private final Map<Integer, List<String>> sets = new TreeMap<>();
    private final Map<Integer, List<String>> asked = new HashMap<>();
    private final Map<Integer, Integer> setOfRequest = new HashMap<>();
    private final Map<Integer, String> questions = new LinkedHashMap<>();
    private final Set<Integer> calls = new LinkedHashSet<>();
    private final Set<Integer> leaving = new LinkedHashSet<>();
    /** By set, where sets are by themselves; else all by 0: how often each row is there. */
    private final Map<Integer, Map<Change.Row, Integer>> rows = new TreeMap<>();

    private int requests;
    private int setCount;
    private int checks;
    private int updates;
    private int events;

    private ModelClient(Protocol protocol, String name, RawClient socket) {
        this.protocol = protocol;
        this.name = name;
        this.socket = socket;
        this.codec = ModelCodec.of(protocol);
    }

    /** @param wishes the query of the request, behind {@code compression=…} */
    static ModelClient connect(URI node, String database, Protocol protocol, String wishes) throws Exception {
        String path = "/v1/database/" + database + "/subscribe?" + wishes;
        RawClient socket = RawClient.connect(node, path, "", protocol.subprotocol());
        ModelClient client = new ModelClient(protocol, protocol + " " + wishes, socket);
        client.take();
        return client;
    }

    boolean isV1() {
        return protocol.isV1();
    }

    int checks() {
        return checks;
    }

    int updates() {
        return updates;
    }

    int events() {
        return events;
    }

    int nextSet() {
        return ++setCount;
    }

    List<Integer> liveSets() {
        return sets.keySet().stream().filter(set -> !leaving.contains(set)).toList();
    }

    List<String> queries() {
        return sets.values().stream().flatMap(List::stream).distinct().toList();
    }

    void subscribe(int set, List<String> queries) {
        int request = ++requests;
        asked.put(set, queries);
        setOfRequest.put(request, set);
        codec.send(socket, codec.subscribe(request, set, queries));
    }

    void unsubscribe(int set) {
        int request = ++requests;
        setOfRequest.put(request, set);
        leaving.add(set);
        codec.send(socket, codec.unsubscribe(request, set, sets.getOrDefault(set, List.of())));
    }

    void ask(String query) {
        int request = ++requests;
        questions.put(request, query);
        codec.send(socket, codec.ask(request, query));
    }

    void change(List<Integer> numbers) {
        int request = ++requests;
        calls.add(request);
        codec.send(socket, codec.change(request, numbers));
    }

    /** Takes what has come, without waiting. */
    void takeAll() throws IOException, InterruptedException {
        while (socket.hasMore()) {
            take();
        }
    }

    /** Returns when everything that was asked is answered. */
    void awaitAnswers() throws IOException, InterruptedException {
        while (!setOfRequest.isEmpty() || !questions.isEmpty() || !calls.isEmpty()) {
            take();
        }
    }

    private void take() throws IOException, InterruptedException {
        for (ModelMessage message : codec.decode(socket.next())) {
            take(message);
        }
    }

    private void take(ModelMessage message) {
        switch (message) {
            case ModelMessage.Greeting _ -> {}
            case ModelMessage.Applied(int request, List<Change> changes) -> applied(request, changes);
            case ModelMessage.Dropped(int request, List<Change> changes) -> dropped(request, changes);
            case ModelMessage.Update(List<Change> changes) -> {
                updates++;
                changes.forEach(this::add);
            }
            case ModelMessage.Result(int request, List<Change> changes) -> {
                assertTrue(calls.remove(request), () -> name + " got a result twice: " + request);
                changes.forEach(this::add);
            }
            case ModelMessage.Answer(int request, List<Change> found) -> compare(request, found);
        }
    }

    private void applied(int request, List<Change> changes) {
        int set = Objects.requireNonNull(setOfRequest.remove(request), name);
        assertNull(sets.put(set, Objects.requireNonNull(asked.remove(set), name)), name);
        changes.forEach(this::add);
    }

    private void dropped(int request, List<Change> changes) {
        int set = Objects.requireNonNull(setOfRequest.remove(request), name);
        changes.forEach(this::add);
        sets.remove(set);
        leaving.remove(set);
        if (!isV1()) {
            Map<Change.Row, Integer> left = rows.remove(set);
            assertTrue(left == null || left.isEmpty(), () -> name + ": of set " + set + " is left " + left);
        }
    }

    private void add(Change change) {
        if (change.isEvent()) {
            events++;
            return;
        }
        int set = isV1() ? 0 : change.set();
        if (!isV1()) {
            assertTrue(sets.containsKey(set), () -> name + " has no set " + set + ": " + change);
        }
        Map<Change.Row, Integer> counts = rows.computeIfAbsent(set, _ -> new HashMap<>());
        int count = counts.merge(change.row(), change.count(), Integer::sum);
        if (count == 0) {
            counts.remove(change.row());
        }
    }

    /** Where a table's rows come from one query alone, they have to be those of the answer. */
    private void compare(int request, List<Change> found) {
        String query = Objects.requireNonNull(questions.remove(request), name);
        Map<Change.Row, Integer> expected = new HashMap<>();
        found.forEach(change -> expected.merge(change.row(), change.count(), Integer::sum));
        if (isV1()) {
            compare(query, queries(), rows.getOrDefault(0, Map.of()), expected);
        } else {
            sets.forEach((set, queries) -> compare(query, queries, rows.getOrDefault(set, Map.of()), expected));
        }
    }

    private void compare(
            String query, List<String> queries, Map<Change.Row, Integer> has, Map<Change.Row, Integer> expected) {
        String table = ModelQueries.returned(query);
        List<String> ofTable = queries.stream()
                .filter(each -> ModelQueries.returned(each).equals(table))
                .distinct()
                .toList();
        if (!ofTable.equals(List.of(query))) {
            return;
        }
        Map<Change.Row, Integer> ofThis = new HashMap<>(has);
        ofThis.keySet().removeIf(row -> !row.table().equals(table));
        assertEquals(sorted(expected), sorted(ofThis), () -> name + ": " + query);
        checks++;
    }

    /** There is no row of a set that it has not got. */
    void requireNothingLeft() {
        Map<String, Integer> left = new TreeMap<>();
        rows.values().forEach(counts -> left.putAll(sorted(counts)));
        assertEquals(Map.of(), left, name);
    }

    private static Map<String, Integer> sorted(Map<Change.Row, Integer> rows) {
        Map<String, Integer> sorted = new TreeMap<>();
        rows.forEach((row, count) -> sorted.put(row.table() + " " + row.text(), count));
        return sorted;
    }

    @Override
    public void close() {
        socket.close();
    }

    /** For messages of failures. */
    @Override
    public String toString() {
        return name + " " + new ArrayList<>(sets.values());
    }
}
